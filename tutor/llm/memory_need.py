"""What a model will need, known from its description alone, beside what the machine has free."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch

from tutor.core.free_memory import format_bytes, free_bytes
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError

BYTES = 4                                         # of a number: models are loaded in single precision, whatever the file has
MOST_PARTS = 2000
"""Layers, experts or heads that are believed: the skeleton of a model with more takes long to build, and no machine holds it."""
PARTS, SIZES = ("layer", "expert", "head", "block", "cycle", "depth", "step"), ("size", "dim", "width", "length", "_id")
"""Fields that count parts, by what is in their names, and how the names of others end."""


@dataclass(frozen=True)
class MemoryEstimate:
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
        """Raise ModelError unless the machine has room for it."""
        if not self.fits:
            needed, there = format_bytes(self.weights + self.working), format_bytes(self.free)
            raise ModelError(f"the model {self.name} is too large for this machine: it needs about {needed} and {there} are free")


def estimate_memory(name: str, config: Any, *, rows: int = 4 * 74) -> MemoryEstimate:
    """Estimate the memory that a model needs, and that learning from `rows` tokens at once needs beside it.

    Parameters
    ----------
    config
        A transformers configuration; everything is counted on a skeleton of the model without numbers.

    Raises
    ------
    ModelError
        As in `build_empty`.
    """
    skeleton = build_empty(config)
    parameters = sum(one.numel() for one in skeleton.parameters())
    buffers = sum(one.numel() for one in skeleton.buffers())
    words = skeleton.get_input_embeddings()
    scaled = 0 if type(words) is torch.nn.Embedding else getattr(getattr(words, "weight", None), "numel", int)()
    return MemoryEstimate(name, parameters, BYTES * (parameters + buffers + scaled), working_bytes(config, rows), free_bytes())


def build_empty(config: Any) -> torch.nn.Module:
    """The model that a configuration describes, with shapes and no numbers.

    Raises
    ------
    ModelError
        Where the description holds sizes that are absurd or impossible.
    """
    from transformers import AutoModelForCausalLM  # noqa: PLC0415 - the extra `llm`

    with refuse_errors("the file config.json describes no model that can be built"):
        for field, value in config.to_dict().items():
            many = len(value) if isinstance(value, list | tuple) else value
            if any(part in field for part in PARTS) and not field.endswith(SIZES) and isinstance(many, int) and many > MOST_PARTS:
                raise ModelError(f"in config.json {field} is {format_number(many)}; at most {MOST_PARTS:,} are read")
        # With another type than float32 transformers would change the default of the whole process while it builds.
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(deepcopy(config), trust_remote_code=False, attn_implementation="eager",
                                                    dtype=torch.float32)


def format_number(number: int) -> str:
    """A whole number as text; of a very long one only the number of its digits."""
    return f"{number:,}" if number < 10**30 else "a number of more than thirty digits"


def working_bytes(config: Any, rows: int) -> int:
    """Roughly what a forward and a backward pass over so many tokens keep: the activations of every layer, and the logits four times."""
    width, vocabulary = _largest(config, "hidden_size", "d_model"), _largest(config, "vocab_size")
    inner = _largest(config, "intermediate_size", "n_inner", "ffn_dim") or 4 * width
    layers = _largest(config, "num_hidden_layers", "num_layers") or 1
    return BYTES * rows * (4 * vocabulary + layers * (16 * width + 3 * inner))


def _largest(config: Any, *names: str) -> int:
    """The largest of these fields, or of their lists; 0 where there are none."""
    said = [value for name in names for value in _listed(getattr(config, name, None))]
    return max((value for value in said if isinstance(value, int)), default=0)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
