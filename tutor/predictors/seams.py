"""The places of a predictor where a method may attach: prompts, memories and placement, each with a null object.

A null object has zero rows, so the forward pass never asks whether something is attached.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.conventions import Spec


class Tap(nn.Module):
    """An inert identity that `measure.capture` can listen to; its module path is its name."""

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._forward_hooks)

    def forward(self, x: Tensor) -> Tensor:
        return x


class NoPrompt(nn.Module):
    """Nothing to prepend: zero rows."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self) -> Float[Tensor, "K width"]:
        return torch.empty(0, self.width)


class HardPrompt(nn.Module):
    """K ordinary tokens as one-hot rows in token space; nothing to train."""

    def __init__(self, tokens: tuple[int, ...], vocab: int):
        super().__init__()
        ids = torch.tensor(tokens, dtype=torch.int64)
        self.register_buffer("rows", F.one_hot(ids, vocab).float().reshape(len(tokens), vocab))

    @property
    def tokens(self) -> tuple[int, ...]:
        return tuple(self.rows.argmax(-1).tolist())

    def forward(self) -> Float[Tensor, "K V"]:
        return self.rows


class RealPrompt(nn.Module):
    """K free vectors, in token space or in embedding space according to where it is attached."""

    def __init__(self, rows: Float[Tensor, "K width"]):
        super().__init__()
        self.rows = nn.Parameter(rows.clone())

    def forward(self) -> Float[Tensor, "K width"]:
        return self.rows


class SimplexPrompt(nn.Module):
    """K probability vectors over the tokens: softmax of free logits, so a prompt can hold fractions of a flip."""

    def __init__(self, logits: Float[Tensor, "K V"]):
        super().__init__()
        self.logits = nn.Parameter(logits.clone())

    def forward(self) -> Float[Tensor, "K V"]:
        return self.logits.softmax(-1)


class Placement(Spec):
    """Where the prompt stands: before the data (prefix), after `after` data tokens (infix), or after all of them (suffix).

    The prediction of the token that follows the prompt is made from the last prompt vector. Li & Liang 2021, section 7.3.
    """

    kind: Literal["prefix", "infix", "suffix"] = "prefix"
    after: int = Field(0, ge=0, le=4096, description="data tokens before an infix")

    def offset(self, length: int) -> int:
        """Number of data tokens before the prompt, for sequences of `length` tokens (the last one is never an input)."""
        return {"prefix": 0, "infix": min(self.after, length - 1), "suffix": length - 1}[self.kind]


@dataclass(frozen=True)
class Inputs:
    """What a body reads: few distinct vectors and which of them stands where, so that a body can map each vector once, not each place."""

    rows: Float[Tensor, "M E"]
    at: Int[Tensor, "B T"]

    @classmethod
    def of(cls, vectors: Float[Tensor, "B T E"]) -> "Inputs":
        """Inputs of which nothing is known to repeat."""
        return cls(vectors.flatten(0, 1), torch.arange(vectors.shape[0] * vectors.shape[1]).view(vectors.shape[:2]))

    def placed(self, rows: Float[Tensor, "M D"]) -> Float[Tensor, "B T D"]:
        """The vectors in their places, or what they were mapped to."""
        return F.embedding(self.at, rows)


class NoMemory(nn.Module):
    """No prefix in this attention layer: plain causal attention."""

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


class KeyValueMemory(nn.Module):
    """K free keys and values that every position of this layer can attend to (prefix-tuning, Li & Liang 2021, section 4).

    They stand after the key norm, like cached keys, and take no position, so the data keeps its own.
    """

    def __init__(self, keys: Float[Tensor, "H K dh"], values: Float[Tensor, "H K dh"]):
        super().__init__()
        self.keys, self.values = nn.Parameter(keys.clone()), nn.Parameter(values.clone())

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        B, _, T, _ = q.shape
        k = torch.cat([self.keys.expand(B, -1, -1, -1), k], dim=2)               # (B, H, K+T, D/H)
        v = torch.cat([self.values.expand(B, -1, -1, -1), v], dim=2)
        past = torch.ones(T, k.shape[2], dtype=torch.bool).tril(k.shape[2] - T)  # every row sees all K memories
        return F.scaled_dot_product_attention(q, k, v, attn_mask=past)


class ZeroState(nn.Module):
    """An LSTM layer that starts from rest."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self) -> Float[Tensor, "two D"]:
        return torch.zeros(2, self.width)


class LearnedState(nn.Module):
    """A free initial hidden and cell state: what prefix-tuning is for a recurrent layer, whose whole past is its state."""

    def __init__(self, state: Float[Tensor, "two D"]):
        super().__init__()
        self.state = nn.Parameter(state.clone())

    def forward(self) -> Float[Tensor, "two D"]:
        return self.state
