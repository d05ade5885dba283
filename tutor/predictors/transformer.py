"""Causal pre-norm Transformer body of Genewein et al. 2025: one more norm after each block, norms on queries and keys, no biases."""

from functools import lru_cache
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tutor.predictors.decoder import AbstractDecoder, Attention, Block, DecoderBody, feed_forward


class Transformer(AbstractDecoder):
    """Decoder-only Transformer with sine-cosine positions; the paper uses one block of width 128 with four heads."""

    label: ClassVar[str] = "Transformer"
    kind: Literal["transformer"] = "transformer"

    def build_body(self) -> nn.Module:
        return DecoderBody(self.build_lift(), SineCosine(self.width), (self._block() for _ in range(self.layers)), nn.Identity())

    def _block(self) -> Block:
        norms = {name: nn.LayerNorm(self.width, bias=False) for name in ("q_norm", "k_norm")}
        attn = Attention(self.width, self.heads, bias=False, **norms)
        return Block(self.width, attn, feed_forward(self.width, self.hidden, bias=False, approximate="none"), nn.LayerNorm(self.width))


class SineCosine(nn.Module):
    """Fixed positions of any number."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, length: int) -> Float[Tensor, "T D"]:
        return sine_cosine(length, self.width)


@lru_cache(maxsize=64)
def sine_cosine(length: int, width: int) -> Float[Tensor, "T D"]:
    """Fixed positions (Vaswani et al. 2017, section 3.5): sines in the first half of the width, cosines in the second."""
    rates = 10_000 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(length)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, :width]
