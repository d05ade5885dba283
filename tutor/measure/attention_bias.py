"""What attention does with a prefix: maps with it and without, and the prefix as a bias (Petrov et al. 2024, section 4)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.core.brief_repr import BriefRepr
from tutor.core.types import Tokens
from tutor.predictors import Predictor
from tutor.predictors.taps import listen_at_taps


@dataclass(frozen=True, repr=False)
class LayerAttention(BriefRepr):
    """Attention of one layer over K memory rows and then the sequence (row 0 is BOS), all heads.

    weights: after the softmax, each row sums to one. values: what is mixed, memory first.
    """

    weights: Float[Tensor, "B H T KT"]
    values: Float[Tensor, "B H KT dh"]
    memory: int

    @property
    def share(self) -> Float[Tensor, "B H T"]:
        """a: how much of its attention each position pays to the memory."""
        return self.weights[..., :self.memory].sum(-1)

    @property
    def content(self) -> Float[Tensor, "B H T T"]:
        """Attention over the sequence alone, the memory cut out and the rest scaled to one again."""
        rest = self.weights[..., self.memory:]
        return rest / rest.sum(-1, keepdim=True)

    @property
    def output(self) -> Float[Tensor, "B H T dh"]:
        """What each head says, before the output map."""
        return self.weights @ self.values

    @property
    def bias(self) -> Float[Tensor, "B H T dh"]:
        """a W_V mu: the memory's part of the output, in the span of its K values."""
        return self.weights[..., :self.memory] @ self.values[:, :, :self.memory]


@dataclass(frozen=True, repr=False)
class PrefixEffect(BriefRepr):
    """How far a prefix changed one layer; both differences are zero up to `rounding` in the first layer that has a prefix.

    content: largest difference between the rescaled content attention and the attention without the prefix.
    output: largest difference between the two sides of  t_prefix = (1 - a) t + a W_V mu, as a share of the largest output.
    rank: dimensions of the biases over all positions and sequences of the head with most, at most K.
    rounding: what sums of as many numbers as a layer is wide may leave of a difference that is zero: the width times the machine
        epsilon (Higham 2002, section 3.1), as both differences are held against numbers of size one.
    """

    content: float
    output: float
    rank: int
    rounding: float

    @property
    def exact(self) -> bool:
        """Whether nothing changed but by rounding."""
        return max(self.content, self.output) < self.rounding


@torch.inference_mode()
def attention(predictor: Predictor, tokens: Tokens) -> list[LayerAttention]:
    """Attention of every layer while the predictor reads a batch.

    Parameters
    ----------
    tokens
        [B, T] of the predictor's vocabulary.

    Returns
    -------
    list of LayerAttention
        From the first layer to the last.

    Raises
    ------
    ValueError
        Where the network has no attention, as an LSTM has none.
    """
    with listen_at_taps(predictor, "body.blocks.*.attn.*") as heard:
        predictor(tokens)
    found = []
    for i, block in enumerate(predictor.body.blocks):
        q, k, v = (block.attn.split(heard[f"body.blocks.{i}.attn.{name}"]) for name in ("queries", "keys", "values"))
        keys, values, mask = block.attn.memory.extended(k, v)
        scores = (q @ keys.transpose(-1, -2)) / q.shape[-1]**0.5
        found.append(LayerAttention(scores.masked_fill(~mask, -torch.inf).softmax(-1), values, keys.shape[2] - k.shape[2]))
    return found


@torch.inference_mode()
def prefix_effect(base: Predictor, tuned: Predictor, tokens: Tokens) -> list[PrefixEffect]:
    """How far a per-layer prefix changed the attention of every layer (Petrov et al. 2024, equations 6 to 8).

    Parameters
    ----------
    base, tuned
        The same network without a prefix and with one.
    tokens
        [B, T] what both read.

    Returns
    -------
    list of PrefixEffect
        From the first layer to the last.

    Raises
    ------
    ValueError
        Where the network has no attention.
    """
    return [compare_attention(one, other) for one, other in zip(attention(base, tokens), attention(tuned, tokens), strict=True)]


def compare_attention(without: LayerAttention, behind: LayerAttention) -> PrefixEffect:
    """How far a prefix changed one layer, from its attention without the prefix and behind it."""
    expected = (1 - behind.share)[..., None] * without.output + behind.bias
    return PrefixEffect(
        content=(behind.content - without.content).abs().max().item(),
        output=((behind.output - expected).abs().max() / behind.output.abs().max()).item(),
        rank=int(torch.linalg.matrix_rank(behind.bias.transpose(0, 1).flatten(1, 2), rtol=1e-4).max()) if behind.memory else 0,
        rounding=behind.values.shape[1] * behind.values.shape[3] * torch.finfo(behind.values.dtype).eps,
    )


@torch.inference_mode()
def spread_over_prefix(tuned: Predictor, tokens: Tokens, at: int = -1) -> Float[Tensor, "L B K"]:
    """How a position divides the attention that it pays to the prefix among the prefix's rows, as a mean over heads.

    Petrov et al. 2024, appendix B.

    Parameters
    ----------
    tokens
        [B, T] what the network reads.
    at
        The position, counted from BOS as 0; -1 is the last.

    Returns
    -------
    [L, B, K]
        Shares; each row of K sums to one.

    Raises
    ------
    ValueError
        Where a layer has no prefix.
    """
    layers = attention(tuned, tokens)
    if not all(layer.memory for layer in layers):
        raise ValueError("a layer of this network has no prefix; its attention cannot be divided among the prefix's rows")
    paid = torch.stack([layer.weights[:, :, at, :layer.memory].mean(1) for layer in layers])
    return paid / paid.sum(-1, keepdim=True)
