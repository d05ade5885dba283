"""What a model will need, known from its description alone, beside what the machine has free."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch

from tutor.llm.places import Refused

BYTES = 4                                         # of a number: models are loaded in single precision, whatever the file has
MOST_PARTS = 2000
"""Layers, experts or heads that are believed: the skeleton of a model with more takes long to build, and no machine holds it."""
CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Estimate:
    """Bytes: `weights` of the parameters (tied ones once), `working` for one step of tuning, `free` on this machine now."""

    name: str
    parameters: int
    weights: int
    working: int
    free: int

    @property
    def fits(self) -> bool:
        return self.weights + self.working <= self.free

    def require(self) -> None:
        """Raise Refused unless the machine has room for it."""
        if not self.fits:
            needed, there = gigabytes(self.weights + self.working), gigabytes(self.free)
            raise Refused(f"the model {self.name} is too large for this machine: it needs about {needed} and {there} are free")


def gigabytes(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1e9:,.1f} GB" if size >= 5e7 else f"{size / 1e6:,.1f} MB"


def estimate(name: str, config: Any, *, rows: int = 4 * 74) -> Estimate:
    """What the model that a transformers configuration describes needs, and to learn from `rows` tokens at once.

    Counted on a skeleton of the model without numbers; Refused as in `bare`.
    """
    skeleton = bare(config)
    parameters = sum(one.numel() for one in skeleton.parameters())
    buffers = sum(one.numel() for one in skeleton.buffers())
    return Estimate(name, parameters, BYTES * (parameters + buffers), working(config, rows), free())


def bare(config: Any) -> torch.nn.Module:
    """The model with shapes and no numbers. Refused where the description holds sizes that nobody means, or that cannot be."""
    from transformers import AutoModelForCausalLM  # noqa: PLC0415 - the extra `llm`

    for field, value in config.to_dict().items():
        if any(part in field for part in ("layer", "expert", "head")) and isinstance(value, int) and value > MOST_PARTS:
            raise Refused(f"in config.json {field} is {value:,}; at most {MOST_PARTS:,} are read")
    try:
        # With another type than float32 transformers would change the default of the whole process while it builds.
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(deepcopy(config), trust_remote_code=False, attn_implementation="eager",
                                                    dtype=torch.float32)
    except Refused:
        raise
    except Exception as error:                    # every architecture checks its own description, in its own way
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise Refused(f"the file config.json describes no model that can be built ({said})") from error


def working(config: Any, rows: int) -> int:
    """Roughly what a forward and a backward pass over so many tokens keep: the activations of every layer, and the logits four times."""
    width, layers = config.hidden_size, config.num_hidden_layers
    named = [getattr(config, name, None) for name in ("intermediate_size", "n_inner", "ffn_dim")]
    inner = max((value for value in named if isinstance(value, int)), default=4 * width)
    return BYTES * rows * (4 * config.vocab_size + layers * (16 * width + 3 * inner))


def free() -> int:
    """Bytes that this process may still take: of the machine, or of the container where that allows less."""
    available = psutil.virtual_memory().available
    with suppress(OSError, ValueError):
        limit = int((CGROUP / "memory.max").read_text())
        available = min(available, max(0, limit - int((CGROUP / "memory.current").read_text())))
    return available
