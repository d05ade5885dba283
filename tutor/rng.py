"""Named, independent random streams from one seed.

A stream's name carries everything that distinguishes a draw (what it is for, which step), so that adding a draw in one
place never shifts another, and so that a resumed training needs no stored random state.
"""

import threading
import zlib
from contextlib import contextmanager

import numpy as np
import torch

Rng = int | np.random.Generator
_ONE_AT_A_TIME = threading.RLock()
"""Torch's initialisers draw from one generator that the whole process shares."""


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The random stream called `names` under `seed`: the same arguments give the same numbers."""
    words = [seed, *(name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names)]
    return np.random.default_rng(np.random.SeedSequence(words))


@contextmanager
def torch_seeded(seed: int, *names: str | int):
    """Torch's own initialisers draw from the named stream inside, and the global state is restored after.

    Other threads wait to draw. What needs no draws of torch's, because its numbers are given, is made with `nn.utils.skip_init`.
    """
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(seed, *names).integers(2**62)))
        yield
