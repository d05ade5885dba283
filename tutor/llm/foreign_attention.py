"""What a prefix does inside the attention of a model from elsewhere: the theorem of Petrov et al. 2024 on any architecture."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.llm.causal_model import OwnModel
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError
from tutor.llm.prompted_model import AbstractPrompted
from tutor.measure.attention_bias import LayerAttention, PrefixEffect, compare_attention


@dataclass(frozen=True)
class AttentionEffect:
    """The attention of every layer that has one to a text, without a prefix and behind it; layers are counted from 0."""

    without: Mapping[int, LayerAttention]
    behind: Mapping[int, LayerAttention]

    @cached_property
    def layers(self) -> Mapping[int, PrefixEffect]:
        """How far the prefix changed each layer; in the first, zero up to rounding."""
        return {layer: compare_attention(one, self.behind[layer]) for layer, one in self.without.items()}


def check_first_layer(prompted: AbstractPrompted, ids: Int[Tensor, "one T"]) -> AttentionEffect:
    """Check that a prefix only biases the first layer: attention without the prompt and behind it, at the same positions.

    In the first layer a prefix can only take a share of the attention and add a bias (Petrov et al. 2024, equations 6 to 8). Learned
    and rotary positions alike: both readings stand at the positions that the text has behind the prompt.

    Raises
    ------
    ModelError
        Where the first layer has no attention, the model does not give it, or prompt and text are too long for it.
    """
    model, K = prompted.model, prompted.length
    if K + ids.shape[1] > model.longest:
        raise ModelError(f"prompt and text have {K + ids.shape[1]} tokens; {model.name} reads at most {model.longest}")
    keeping = model.anatomy.keeping
    if not keeping or not keeping[0]:
        raise ModelError("the check needs attention alone in the first layer, with keys and values, and "
                      f"{model.anatomy.other(model.config.model_type)}")
    with refuse_errors(f"the attention of {model.name} cannot be read"):
        without, behind = capture_attention(model, ids, None, K), capture_attention(model, ids, prompted.memory(), K)
    if not torch.allclose(without[0].values, behind[0].values[:, :, K:], rtol=1e-4, atol=1e-5):
        raise ModelError(
            f"the model {model.name} cannot be read at the places behind the prompt without it, so there is nothing to compare"
        )
    return AttentionEffect(without, behind)


@torch.no_grad()
def capture_attention(model: OwnModel, ids: Int[Tensor, "one T"], memory: Any, at: int) -> dict[int, LayerAttention]:
    """Attention of every layer that has one while a model reads a text.

    Parameters
    ----------
    ids
        [1, T].
    memory
        Keys and values of a prefix in front, or None.
    at
        The position of the first token.

    Returns
    -------
    dict
        Layer, counted from 0, -> weights and values.
    """
    T, K = ids.shape[1], at if memory is not None else 0
    told = model.answered(memory, input_ids=ids, attention_mask=torch.ones(1, K + T, dtype=torch.int64), use_cache=True,
                          output_attentions=True, position_ids=torch.arange(at, at + T)[None])
    weights, kept = told.attentions(K + T), {layer: pair for layer, pair in enumerate(told.kept()) if pair is not None}
    if len(weights) != len(kept):
        raise ModelError(f"the model {model.name} tells {len(weights)} layers of attention and keeps the values of {len(kept)}")
    return {layer: _layer(one, values, K) for one, (layer, (_, values)) in zip(weights, kept.items(), strict=True)}


def _layer(weights: Tensor, values: Tensor, memory: int) -> LayerAttention:
    if weights.shape[-1] != values.shape[2]:
        raise ModelError(f"a layer looks back at {values.shape[2]} tokens only; choose a shorter text")
    groups = weights.shape[1] // values.shape[1]                        # heads that share keys and values
    return LayerAttention(weights, values.repeat_interleave(groups, dim=1), memory)
