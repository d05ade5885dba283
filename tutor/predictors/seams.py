"""The places of a predictor where a method may attach: prompts, memories and placement, each with a null object.

A null object has zero rows, so the forward pass never asks whether something is attached.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.conventions import Spec, Tokens

Rows = Float[Tensor, "H K dh"]
Heads = Float[Tensor, "B H T dh"]
WithMemory = Float[Tensor, "B H KT dh"]
Visible = Bool[Tensor, "T KT"]


class Tap(nn.Module):
    """An inert identity that `measure.capture` can listen to; its module path is its name."""

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._forward_hooks)

    def forward(self, x: Tensor) -> Tensor:
        return x


class AbstractPrompt(nn.Module):
    """Rows to prepend, and what they cost beside the loss of the predictions."""

    def penalty(self) -> Float[Tensor, ""]:
        """What training adds to the loss (nats); nothing, unless the prompt is held to something."""
        return torch.zeros(())


class NoPrompt(AbstractPrompt):
    """Nothing to prepend: zero rows."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self) -> Float[Tensor, "K width"]:
        return torch.empty(0, self.width)


class AbstractContext(nn.Module):
    """Vectors to prepend that depend on what is read: another prompt for every sequence."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many vectors there are."""

    @abstractmethod
    def forward(self, tokens: Tokens) -> Float[Tensor, "B C E"]:
        """The vectors of every sequence; whatever of it they are made of must not be asked of the network."""


class NoContext(AbstractContext):
    """The same for every sequence, which is nothing."""

    count = 0

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, tokens: Tokens) -> Float[Tensor, "B C E"]:
        return torch.empty(len(tokens), 0, self.width)


class FixedContext(AbstractContext):
    """Given vectors, one set for every sequence of the batch that is read next."""

    def __init__(self, rows: Float[Tensor, "B C E"]):
        super().__init__()
        self.rows = rows

    @property
    def count(self) -> int:
        return self.rows.shape[1]

    def forward(self, tokens: Tokens) -> Float[Tensor, "B C E"]:
        return self.rows


class HardPrompt(AbstractPrompt):
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


class RealPrompt(AbstractPrompt):
    """K free vectors, in token space or in embedding space according to where it is attached."""

    def __init__(self, rows: Float[Tensor, "K width"]):
        super().__init__()
        self.rows = nn.Parameter(rows.clone())

    def forward(self) -> Float[Tensor, "K width"]:
        return self.rows


class LeashedPrompt(RealPrompt):
    """Free vectors on a leash: their mean squared distance from `anchor`, times `strength`, is added to the loss."""

    def __init__(self, rows: Float[Tensor, "K width"], anchor: Float[Tensor, "K width"], strength: float):
        super().__init__(rows)
        self.anchor, self.strength = anchor.clone(), strength              # no buffers: both are of the method, not learned

    def penalty(self) -> Float[Tensor, ""]:
        return self.strength * (self.rows - self.anchor).square().sum(1).mean()


class EnteringRows(nn.Module):
    """K free vectors that enter a layer in the place of what the prompt's rows have become so far (Sedov et al. 2024, section 3)."""

    def __init__(self, rows: Float[Tensor, "K D"]):
        super().__init__()
        self.rows = nn.Parameter(rows.clone())

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """Rows 1 to K, behind BOS, replaced."""
        return torch.cat([x[:, :1], self.rows.expand(len(x), -1, -1), x[:, 1 + len(self.rows):]], dim=1)


class SimplexPrompt(AbstractPrompt):
    """K probability vectors over the tokens: softmax of free logits, so a prompt can hold fractions of a flip."""

    def __init__(self, logits: Float[Tensor, "K V"]):
        super().__init__()
        self.logits = nn.Parameter(logits.clone())

    def forward(self) -> Float[Tensor, "K V"]:
        return self.logits.softmax(-1)


class Placement(Spec):
    """Where the prompt stands: before the data (prefix), after `after` data tokens (infix), after all of them (suffix), or half
    before the data and half after `after` tokens (around).

    The prediction of the token that follows the prompt is made from the last prompt vector. Li & Liang 2021, section 7.3.
    """

    kind: Literal["prefix", "infix", "suffix", "around"] = "prefix"
    after: int = Field(0, ge=0, le=4096, description="data tokens before an infix, or before the second half")

    def offset(self, length: int) -> int:
        """Data tokens before the (last part of the) prompt, for sequences of `length` tokens (the last one is never an input)."""
        inside = min(self.after, length - 1)
        return {"prefix": 0, "infix": inside, "suffix": length - 1, "around": inside}[self.kind]

    def pieces(self, count: int, length: int) -> list[tuple[int, int]]:
        """The parts of a prompt of `count` vectors in order: how many data tokens stand before each, and how many vectors it has."""
        first = count - count // 2 if self.kind == "around" else 0
        return [(0, first), (self.offset(length), count - first)]


def spliced(data: Int[Tensor, "*batch T"], rows: Int[Tensor, "*batch K"], pieces: list[tuple[int, int]]) -> Int[Tensor, "*batch KT"]:
    """The data with the rows between them: each piece of so many rows stands after so many entries of the data."""
    parts, read, used = [], 0, 0
    for at, count in pieces:
        parts += [data[..., read:at], rows[..., used:used + count]]
        read, used = at, used + count
    return torch.cat([*parts, data[..., read:]], dim=-1)


def places(length: int, pieces: list[tuple[int, int]]) -> Int[Tensor, " T"]:
    """Where each of `length` data tokens stands once the pieces are among them."""
    own = torch.arange(length)
    return own + sum((own >= at) * count for at, count in pieces)


PREFIX = Placement()


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

    def extended(self, k: Heads, v: Heads) -> tuple[WithMemory, WithMemory, Visible]:
        """Keys, values, and which of them each position sees."""
        return k, v, torch.ones(k.shape[2], k.shape[2], dtype=torch.bool).tril()


class AbstractMemory(nn.Module):
    """Keys and values that positions of this layer can attend to beside the past (prefix-tuning, Li & Liang 2021, section 4).

    They stand after the key norm, like cached keys, and take no position, so the data keeps its own. Whoever stands before them
    by `placement` does not see them.
    """

    placement: Placement

    @abstractmethod
    def rows(self) -> tuple[Rows, Rows]:
        """The K keys and the K values."""

    def extended(self, k: Heads, v: Heads) -> tuple[WithMemory, WithMemory, Visible]:
        """Keys and values with those of the memory in front, and which of them each position sees."""
        keys, values = (rows.expand(len(k), -1, -1, -1) for rows in self.rows())
        mask = visible(k.shape[2], keys.shape[2], self.placement)
        return torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2), mask

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys, values, mask = self.extended(k, v)
        return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)


class KeyValueMemory(AbstractMemory):
    """K free keys and values."""

    def __init__(self, keys: Rows, values: Rows, placement: Placement = PREFIX):
        super().__init__()
        self.keys, self.values, self.placement = nn.Parameter(keys.clone()), nn.Parameter(values.clone()), placement

    def rows(self) -> tuple[Rows, Rows]:
        return self.keys, self.values


class MappedMemory(AbstractMemory):
    """Keys and values that an MLP makes of a smaller matrix, for as long as they are trained (Li & Liang 2021, section 4.3).

    All layers share `encoder`, whose hidden rows this layer's own linear map turns into its keys and values.
    """

    def __init__(self, encoder: nn.Module, out: nn.Linear, heads: int, placement: Placement = PREFIX):
        super().__init__()
        self.encoder, self.out, self.heads, self.placement = encoder, out, heads, placement

    def rows(self) -> tuple[Rows, Rows]:
        return tuple(self.out(self.encoder()).unflatten(-1, (2, self.heads, -1)).permute(1, 2, 0, 3))

    def folded(self) -> KeyValueMemory:
        """The same keys and values without the MLP."""
        keys, values = self.rows()
        return KeyValueMemory(keys.detach(), values.detach(), self.placement)


def visible(length: int, count: int, placement: Placement) -> Visible:
    """Which of `count` memory rows, and then of the past, each of `length` positions sees."""
    since = torch.cat([torch.full((rows,), at) for at, rows in placement.pieces(count, length)])
    return torch.cat([torch.arange(length)[:, None] >= since, torch.ones(length, length, dtype=torch.bool).tril()], dim=1)


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
