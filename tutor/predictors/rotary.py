"""The parts of the Llama family: rotary positions (Su et al. 2021), grouped queries (Ainslie et al. 2023), gated MLPs (Shazeer 2020)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.predictors.decoder import DecoderBody
from tutor.predictors.prefix_memory import NoMemory
from tutor.predictors.taps import Tap


@dataclass(frozen=True)
class Rotation:
    """How fast each pair of a head's entries turns: `base` of the rates, and what stretches them for longer texts.

    stretch: 1 for none, or what all rates are divided by. bands: of Llama 3, the (low, high) factors and the trained length between
    which rates are only partly divided; None for none.
    """

    base: float
    stretch: float = 1.0
    bands: tuple[float, float, float] | None = None

    def rates(self, each: int) -> Float[Tensor, " half"]:
        """Radians per position of every pair, for heads of width `each`."""
        rates = 1 / self.base ** (torch.arange(0, each, 2).float() / each)
        if self.bands is None:
            return rates / self.stretch
        low, high, trained = self.bands
        turns = trained * rates / (2 * math.pi)                                                  # in the length that was trained
        kept = ((turns - low) / (high - low)).clamp(0, 1)
        return rates * (kept + (1 - kept) / self.stretch)


@lru_cache(maxsize=64)
def turn_angles(rotation: Rotation, each: int, first: int, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines [T, D/H] of `length` positions from `first` on."""
    with torch.inference_mode(False):              # kept for trainings too, whoever asked first
        angles = (first + torch.arange(length)).float()[:, None] * rotation.rates(each)
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos(), angles.sin()


def rotate(x: Float[Tensor, "B H T dh"], rotation: Rotation, first: int = 0) -> Float[Tensor, "B H T dh"]:
    """Turn every head's vector by its position, of which the first is `first`."""
    cosines, sines = turn_angles(rotation, x.shape[-1], first, x.shape[-2])
    one, other = x.chunk(2, dim=-1)
    return x * cosines + torch.cat([-other, one], dim=-1) * sines


class RotaryAttention(nn.Module):
    """Causal attention with rotary positions; several query heads share a key head, and a window may end how far back they look.

    The rows of a memory stand at the positions -K to -1, so the data keeps its own. Its maps are q, k, v and o,
    and q_norm and k_norm, which act on each head.
    """

    def __init__(self, maps: Mapping[str, nn.Module], *, heads: int, rotation: Rotation, window: int | None):
        super().__init__()
        self.heads, self.each, self.rotation, self.window = heads, maps["q"].out_features // heads, rotation, window
        self.q, self.k, self.v, self.o = (maps[name] for name in "qkvo")
        self.q_norm, self.k_norm = maps["q_norm"], maps["k_norm"]
        self.queries, self.keys, self.values = Tap(), Tap(), Tap()
        self.memory: nn.Module = NoMemory()

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        q, k, v = (self.split(tap(z)) for tap, z in ((self.queries, self.q(x)), (self.keys, self.k(x)), (self.values, self.v(x))))
        q, k = rotate(self.q_norm(q), self.rotation), rotate(self.k_norm(k), self.rotation)
        k, v, seen = self.memory.extended(k, v)
        if self.window is not None:
            back = torch.arange(q.shape[2])[:, None] - (torch.arange(k.shape[2]) - (k.shape[2] - q.shape[2]))
            seen = seen & (back < self.window)
        k, v = (z.repeat_interleave(self.heads // z.shape[1], dim=1) for z in (k, v))
        return self.o(F.scaled_dot_product_attention(q, k, v, attn_mask=seen).transpose(1, 2).flatten(2))

    def split(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B H T dh"]:
        """Separate the heads, of which keys and values may have fewer."""
        return x.unflatten(-1, (-1, self.each)).transpose(1, 2)

    def remembered(self, x: Float[Tensor, "one K D"]) -> Float[Tensor, "two H K dh"]:
        """Keys and values of inputs that stand right before the data."""
        return torch.cat([rotate(self.k_norm(self.split(self.k(x))), self.rotation, -x.shape[1]), self.split(self.v(x))])


class GatedMLP(nn.Module):
    """down(act(gate x) * up x)."""

    def __init__(self, gate: nn.Linear, up: nn.Linear, down: nn.Linear, act: Callable[[Tensor], Tensor]):
        super().__init__()
        self.gate, self.up, self.down, self.act = gate, up, down, act

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        return self.down(self.act(self.gate(x)) * self.up(x))


class NoPositions(nn.Module):
    """Nothing is added to the embeddings: positions are in the attention."""

    def forward(self, length: int) -> Float[Tensor, ""]:
        return torch.zeros(())


class RotaryBody(DecoderBody):
    """A decoder whose positions are in its attention and whose MLPs are gated."""

    def adapted_linears(self, part: str) -> list[nn.Linear]:
        if part == "attention":
            return super().adapted_linears(part)
        return [linear for block in self.blocks for linear in (block.mlp.gate, block.mlp.up, block.mlp.down)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two H K dh"]]:
        x, memories = self.lift(x), []
        for block in self.blocks:
            memories.append(block.attn.remembered(block.attn_norm(x)))
            x = block(x)
        return memories
