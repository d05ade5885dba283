"""What the layers of a model from elsewhere are, found out by letting it read a few tokens when it is loaded."""

from dataclasses import dataclass
from typing import Any

import torch

from tutor.llm.checked_outputs import is_finite
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError

LISTS = ("layers_block_type", "layer_types", "block_types")
"""Fields of a description that name the kind of every layer."""

ATTENTION = ("attention", "full attention", "sliding attention", "chunked attention")
"""Kinds that keep keys and values and nothing else."""


@dataclass(frozen=True)
class Layers:
    """`depth`: states behind the embedding, 0 where the model gives none. `kinds`: what the description calls each layer, if it does.

    `keeping`: for every layer whether it is attention alone, which keeps keys and values; empty where nothing is kept.
    """

    depth: int
    kinds: tuple[str, ...]
    keeping: tuple[bool, ...]

    @property
    def attention_alone(self) -> bool:
        """Whether every layer keeps keys and values, and nothing else."""
        return bool(self.keeping) and all(self.keeping) and len(self.keeping) >= len(self.kinds)

    def other(self, model_type: str) -> str:
        """What stands in the way where not every layer keeps keys and values alone, in words: the first such layer and its kind."""
        attending = [*self.keeping, *(kind in ATTENTION for kind in self.kinds[len(self.keeping):])]
        if all(attending):
            return f"{model_type} does not give the keys and values of its layers"
        at = attending.index(False)
        return f"layer {at + 1} of {model_type} is of the kind {self.kinds[at] if at < len(self.kinds) else model_type}"


def list_limits(model: Any) -> list[str]:
    """What an OwnModel cannot do here, each in a few words."""
    here = model.anatomy
    said = [] if here.attention_alone else [f"no prefix: {here.other(model.config.model_type)}"]
    said += [] if here.depth else ["no states: it does not give those of its layers"]
    more = len(model.tokenizer) - len(model.vocabulary)
    return said + ([f"{more:,} tokens of its tokenizer without a vector"] if more > 0 else [])


def examine_layers(model: Any) -> Layers:
    """The layers of an OwnModel. ModelError where it is not causal, or answers with what is no number."""
    _require_causal(model)
    return Layers(_depth(model), layer_kinds(model.config), _keeping(model))


def layer_kinds(config: Any) -> tuple[str, ...]:
    """What the description calls each layer; nothing where it does not say."""
    for name in LISTS:
        said = getattr(config, name, None)
        if isinstance(said, list | tuple) and said and all(isinstance(one, str) for one in said):
            return tuple(one.replace("_", " ") for one in said)
    return ()


@torch.inference_mode()
def _require_causal(model: Any) -> None:
    """What comes later must not change what was said before: a model that reads both ways has nothing to predict."""
    last = len(model.vocabulary) - 1
    ids = torch.tensor([[0, min(1, last), min(2, last)], [0, min(1, last), min(3, last)]])
    with refuse_errors(f"the model {model.name} cannot read three tokens"):
        one, other = model.logits(ids)
    if not is_finite(one):
        raise ModelError(f"the model {model.name} answers with values that are not finite, though its weights are")
    if not torch.allclose(one[:2], other[:2], rtol=1e-3, atol=1e-4):
        raise ModelError(f"the model {model.name} is no causal language model: what it says of a token depends on those behind it")


def _depth(model: Any) -> int:
    try:
        return len(model.states(torch.zeros(1, 2, dtype=torch.int64))) - 1
    except ModelError:
        return 0


def _keeping(model: Any) -> tuple[bool, ...]:
    try:
        with torch.inference_mode(), refuse_errors(f"the memory of {model.name} cannot be read"):
            kept = model.answered(input_ids=torch.zeros(1, 2, dtype=torch.int64), use_cache=True).kept()
    except ModelError:                               # a memory without any attention cannot even be written, in some versions
        kept = []
    return tuple(one is not None and one[0].shape[2] == 2 for one in kept)
