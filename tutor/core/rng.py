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
    """A stream of random numbers that is independent of every stream of another name.

    Parameters
    ----------
    seed
        The one seed of a run or a picture.
    names
        What the numbers are for, such as "data" and a repetition; the same seed and names give the same numbers.
    """
    words = [seed, *(name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names)]
    return np.random.default_rng(np.random.SeedSequence(words))


@contextmanager
def seed_torch(seed: int, *names: str | int):
    """Context in which torch's own initialisers draw from the stream of this name; the global state is restored after it.

    Other threads wait to draw. What needs no draws of torch's, because its numbers are given, is made with `nn.utils.skip_init`.

    Parameters
    ----------
    seed, names
        As for `stream`.
    """
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(seed, *names).integers(2**62)))
        yield
