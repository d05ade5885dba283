"""Causal pre-norm Transformer body of Genewein et al. 2025: one more norm after each block, norms on queries and keys, no biases."""

from functools import lru_cache
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from tutor.predictors.base import AbstractBody, Product
from tutor.predictors.seams import Inputs, KeyValueMemory, NoMemory, Tap


class Transformer(AbstractBody):
    """Decoder-only Transformer with sine-cosine positions; the paper uses one block of width 128 with four heads."""

    label: ClassVar[str] = "Transformer"
    prefix_has_length: ClassVar[bool] = True
    kind: Literal["transformer"] = "transformer"
    heads: int = Field(4, ge=1, le=16, description="attention heads H; must divide the width")

    @model_validator(mode="after")
    def _heads_divide_width(self):
        if self.width % self.heads:
            raise ValueError(f"width is {self.width} and heads is {self.heads}; the width must be divisible by the heads")
        return self

    def products(self, batch: int, length: int) -> list[Product]:
        tokens, D, heads, each = batch * length, self.width, batch * self.heads, self.width // self.heads
        attention = [Product(length, each, length, heads, weights=False), Product(length, length, each, heads, weights=False)]
        block = [*[Product(tokens, D, D)] * 3, *attention, Product(tokens, D, D), Product(tokens, D, 4 * D), Product(tokens, 4 * D, D)]
        return [Product(tokens, self.embedding, D)] * (self.embedding != D) + block * self.layers

    def build_body(self) -> nn.Module:
        lift = nn.Identity() if self.embedding == self.width else nn.Linear(self.embedding, self.width, bias=False)
        return TransformerBody(lift, (Block(self.width, self.heads) for _ in range(self.layers)))


class TransformerBody(nn.Module):
    """Positions, then blocks; its state is each block's attention output before the residual sum, as in the paper's PCA."""

    state_taps = "body.blocks.*.attn_out"
    prefix_has_length = True

    def __init__(self, lift: nn.Module, blocks):
        super().__init__()
        self.lift, self.blocks = lift, nn.Sequential(*blocks)

    def forward(self, inputs: Inputs) -> Float[Tensor, "B T D"]:
        x = inputs.placed(self.lift(inputs.rows))
        return self.blocks(x + sine_cosine(x.shape[1], x.shape[2]))

    def adapted_linears(self) -> list[nn.Linear]:
        """The linear maps that a low-rank update adapts: queries, keys, values and output of every block (as in the paper)."""
        return [m for block in self.blocks for m in (block.attn.q, block.attn.k, block.attn.v, block.attn.o)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two H K dh"]]:
        """What every block keeps of the inputs x: their keys and values."""
        x, memories = self.lift(x), []
        x = x + sine_cosine(x.shape[1], x.shape[2])
        for block in self.blocks:
            attn, normed = block.attn, block.attn_norm(x)
            memories.append(torch.cat([attn.split(attn.k_norm(attn.k(normed))), attn.split(attn.v(normed))]))
            x = block(x)
        return memories

    def attach_memory(self, memories: list[Float[Tensor, "two H K dh"]]) -> None:
        """Give every block's attention K keys and values."""
        for block, (keys, values) in zip(self.blocks, memories, strict=True):
            block.attn.memory = KeyValueMemory(keys, values)


class Block(nn.Module):
    """Attention, then MLP (GELU, four times the width), each after a norm and beside a residual; a norm at the end."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attn_norm, self.mlp_norm, self.out_norm = (nn.LayerNorm(width) for _ in range(3))
        self.attn = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width, bias=False), nn.GELU(), nn.Linear(4 * width, width, bias=False))
        self.resid_pre, self.attn_out, self.resid_mid, self.mlp_out, self.resid_post = (Tap() for _ in range(5))

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        x = self.resid_pre(x)
        x = self.resid_mid(x + self.attn_out(self.attn(self.attn_norm(x))))
        return self.resid_post(self.out_norm(x + self.mlp_out(self.mlp(self.mlp_norm(x)))))


class Attention(nn.Module):
    """Causal multi-head attention with norms (scale only, over the full width) on queries and keys."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.q_norm, self.k_norm = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.queries, self.keys, self.values = Tap(), Tap(), Tap()
        self.memory: nn.Module = NoMemory()

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        q, k, v = self.queries(self.q_norm(self.q(x))), self.keys(self.k_norm(self.k(x))), self.values(self.v(x))
        q, k, v = (self.split(z) for z in (q, k, v))                                       # (B, H, T, D/H) each
        return self.o(self.memory(q, k, v).transpose(1, 2).flatten(2))

    def split(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B H T dh"]:
        """Separate the heads."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


@lru_cache(maxsize=64)
def sine_cosine(length: int, width: int) -> Float[Tensor, "T D"]:
    """Fixed positions (Vaswani et al. 2017, section 3.5): sines in the first half of the width, cosines in the second."""
    rates = 10_000 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(length)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, :width]
