"""What decoder-only Transformers have in common: a stack of blocks, causal attention with a place for a prefix, and taps."""

from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from tutor.predictors.body import AbstractBody, Product
from tutor.predictors.inputs import Inputs
from tutor.predictors.prefix_memory import AbstractMemory, KeyValueMemory, NoMemory
from tutor.predictors.prompt_placement import PREFIX, Placement
from tutor.predictors.taps import Tap


class AbstractDecoder(AbstractBody):
    """Specification of a decoder-only Transformer: the sizes that every one has."""

    prefix_has_length: ClassVar[bool] = True
    heads: int = Field(4, ge=1, le=16, description="attention heads H; must divide the width")
    mlp: int | None = Field(None, ge=4, le=2048, description="width of the hidden layer of each MLP; four times D when not given",
                            json_schema_extra={"empty": "four times the width"})

    @model_validator(mode="after")
    def _heads_divide_width(self):
        if self.width % self.heads:
            raise ValueError(f"width is {self.width} and heads is {self.heads}; the width must be divisible by the heads")
        return self

    @property
    def hidden(self) -> int:
        """Width of the hidden layer of each MLP."""
        return self.mlp or 4 * self.width

    def products(self, batch: int, length: int) -> list[Product]:
        tokens, D, heads, each = batch * length, self.width, batch * self.heads, self.width // self.heads
        M = self.hidden
        attention = [Product(length, each, length, heads, weights=False), Product(length, length, each, heads, weights=False)]
        block = [*[Product(tokens, D, D)] * 3, *attention, Product(tokens, D, D), Product(tokens, D, M), Product(tokens, M, D)]
        return [Product(tokens, self.embedding, D)] * (self.embedding != D) + block * self.layers

    def build_lift(self) -> nn.Module:
        """From the embedding to the width of the blocks, where they differ."""
        return nn.Identity() if self.embedding == self.width else nn.Linear(self.embedding, self.width, bias=False)


class DecoderBody(nn.Module):
    """Positions, then blocks, then a norm; its state is each block's attention output before the residual sum, as in the paper's PCA."""

    state_taps = "body.blocks.*.attn_out"
    prefix_has_length = True

    def __init__(self, lift: nn.Module, positions: nn.Module, blocks, norm: nn.Module):
        super().__init__()
        self.lift, self.positions, self.blocks, self.norm = lift, positions, nn.Sequential(*blocks), norm

    def forward(self, inputs: Inputs) -> Float[Tensor, "B T D"]:
        x = inputs.placed(self.lift(inputs.rows))
        return self.norm(self.blocks(x + self.positions(x.shape[1])))

    def entering(self, inputs: Inputs, layer: int) -> Float[Tensor, "B T D"]:
        """What enters block `layer`, of which 0 is the first."""
        x = inputs.placed(self.lift(inputs.rows))
        return self.blocks[:layer](x + self.positions(x.shape[1]))

    @property
    def upper(self) -> list[nn.Module]:
        """The layers above the first, each with an `entry` for rows of a deep prompt."""
        return list(self.blocks)[1:]

    def adapted_linears(self, part: str) -> list[nn.Linear]:
        """The linear maps that a low-rank update adapts: of every block's attention (queries, keys, values, output) or of its MLP."""
        linears = {"attention": lambda block: (block.attn.q, block.attn.k, block.attn.v, block.attn.o),
                   "mlp": lambda block: (block.mlp[0], block.mlp[-1])}[part]
        return [linear for block in self.blocks for linear in linears(block)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two H K dh"]]:
        """What every block keeps of the inputs x: their keys and values."""
        x, memories = self.lift(x), []
        x = x + self.positions(x.shape[1])
        for block in self.blocks:
            attn, normed = block.attn, block.attn_norm(x)
            memories.append(torch.cat([attn.split(attn.k_norm(attn.k(normed))), attn.split(attn.v(normed))]))
            x = block(x)
        return memories

    def attach_memory(self, memories: list[Float[Tensor, "two H K dh"]], placement: Placement = PREFIX) -> None:
        """Give the attention of every block, or of as many of the last as there are memories, K keys and values."""
        for block, (keys, values) in zip(reversed(self.blocks), reversed(memories), strict=False):
            block.attn.memory = KeyValueMemory(keys, values, placement)

    def replace_memory(self, change: Callable[[nn.Module], nn.Module]) -> None:
        """Change every memory that is attached."""
        for block in self.blocks:
            if isinstance(block.attn.memory, AbstractMemory):
                block.attn.memory = change(block.attn.memory)


class Block(nn.Module):
    """Attention, then an MLP, each after a norm and beside a residual; whatever norm the architecture wants at the end."""

    def __init__(self, width: int, attn: nn.Module, mlp: nn.Module, out_norm: nn.Module, norm: Callable[[int], nn.Module] = nn.LayerNorm):
        super().__init__()
        self.attn_norm, self.mlp_norm, self.out_norm = norm(width), norm(width), out_norm
        self.attn, self.mlp = attn, mlp
        self.entry: nn.Module = nn.Identity()
        self.resid_pre, self.attn_out, self.resid_mid, self.mlp_out, self.resid_post = (Tap() for _ in range(5))

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        x = self.resid_pre(self.entry(x))
        x = self.resid_mid(x + self.attn_out(self.attn(self.attn_norm(x))))
        return self.resid_post(self.out_norm(x + self.mlp_out(self.mlp(self.mlp_norm(x)))))


class Attention(nn.Module):
    """Causal multi-head attention; `q_norm` and `k_norm` act over the full width, before the heads are separated."""

    def __init__(self, width: int, heads: int, *, bias: bool, q_norm: nn.Module, k_norm: nn.Module):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=bias) for _ in range(4))
        self.q_norm, self.k_norm = q_norm, k_norm
        self.queries, self.keys, self.values = Tap(), Tap(), Tap()
        self.memory: nn.Module = NoMemory()

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        q, k, v = self.queries(self.q_norm(self.q(x))), self.keys(self.k_norm(self.k(x))), self.values(self.v(x))
        q, k, v = (self.split(z) for z in (q, k, v))                                       # (B, H, T, D/H) each
        return self.o(self.memory(q, k, v).transpose(1, 2).flatten(2))

    def split(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B H T dh"]:
        """Separate the heads."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def feed_forward(width: int, hidden: int, *, bias: bool, approximate: str) -> nn.Sequential:
    """The MLP of a block: to the hidden layer, GELU, back."""
    return nn.Sequential(nn.Linear(width, hidden, bias=bias), nn.GELU(approximate), nn.Linear(hidden, width, bias=bias))
