"""What a prefix does inside the attention of a model from elsewhere: the theorem of Petrov et al. 2024 on any architecture."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.llm.model import OwnModel
from tutor.llm.places import Refused
from tutor.llm.prompted import AbstractPrompted
from tutor.measure.attention import LayerAttention, PrefixEffect, compared


@dataclass(frozen=True)
class Effect:
    """The attention of every layer to a text, without a prefix and behind it."""

    without: list[LayerAttention]
    behind: list[LayerAttention]

    @cached_property
    def layers(self) -> list[PrefixEffect]:
        """How far the prefix changed each layer; in the first, zero up to rounding."""
        return [compared(one, other) for one, other in zip(self.without, self.behind, strict=True)]


def first_layer_check(prompted: AbstractPrompted, ids: Int[Tensor, "one T"]) -> Effect:
    """Read a text twice, without the prompt and behind it, both times at the places that it has behind the prompt.

    In the first layer a prefix can only take a share of the attention and add a bias (Petrov et al. 2024, equations 6 to 8). Learned
    and rotary positions alike: what is compared stands at the same places. Refused where the model keeps no attention or is too short.
    """
    model, K = prompted.model, prompted.length
    if K + ids.shape[1] > model.longest:
        raise Refused(f"prompt and text have {K + ids.shape[1]} tokens; {model.name} reads at most {model.longest}")
    return Effect(read(model, ids, None, K), read(model, ids, prompted.memory(), K))


@torch.no_grad()
def read(model: OwnModel, ids: Int[Tensor, "one T"], memory: Any, at: int) -> list[LayerAttention]:
    """Attention of every layer while the model reads a text at the places from `at` on, behind `memory` if there is any."""
    T, K = ids.shape[1], memory.get_seq_length() if memory is not None else 0
    known = inspect.signature(model.network.forward).parameters
    places = {"position_ids": torch.arange(at, at + T)[None]} if "position_ids" in known else {}
    seen = torch.ones(1, K + T, dtype=torch.int64)
    told = model.network(input_ids=ids, past_key_values=memory, attention_mask=seen, use_cache=True, output_attentions=True, **places)
    if not getattr(told, "attentions", None) or told.attentions[0] is None:
        raise Refused(f"the model {model.name} does not say where it looks; a {model.config.model_type} may have no attention")
    return [_layer(weights, kept.values, K) for weights, kept in zip(told.attentions, told.past_key_values.layers, strict=True)]


def _layer(weights: Tensor, values: Tensor, memory: int) -> LayerAttention:
    if weights.shape[-1] != values.shape[2]:
        raise Refused(f"a layer looks back at {values.shape[2]} tokens only; choose a shorter text")
    groups = weights.shape[1] // values.shape[1]                        # heads that share keys and values
    return LayerAttention(weights, values.repeat_interleave(groups, dim=1), memory)
