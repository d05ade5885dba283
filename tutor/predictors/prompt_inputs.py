"""What stands before the data: prompts, and contexts that differ from sequence to sequence.

A null object has zero rows, so the forward pass never asks whether something is attached.
"""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.core.types import Tokens


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


class AnchoredPrompt(RealPrompt):
    """Free vectors that are held near an anchor: their mean squared distance from it, times `strength`, is added to the loss."""

    def __init__(self, rows: Float[Tensor, "K width"], anchor: Float[Tensor, "K width"], strength: float):
        super().__init__(rows)
        self.anchor, self.strength = anchor.clone(), strength              # no buffers: both are of the method, not learned

    def penalty(self) -> Float[Tensor, ""]:
        return self.strength * (self.rows - self.anchor).square().sum(1).mean()


class SimplexPrompt(AbstractPrompt):
    """K probability vectors over the tokens: softmax of free logits, so a prompt can hold fractions of a flip."""

    def __init__(self, logits: Float[Tensor, "K V"]):
        super().__init__()
        self.logits = nn.Parameter(logits.clone())

    def forward(self) -> Float[Tensor, "K V"]:
        return self.logits.softmax(-1)


class EnteringRows(nn.Module):
    """K free vectors that enter a layer in the place of what the prompt's rows have become so far (Sedov et al. 2024, section 3)."""

    def __init__(self, rows: Float[Tensor, "K D"]):
        super().__init__()
        self.rows = nn.Parameter(rows.clone())

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """Rows 1 to K, behind BOS, replaced."""
        return torch.cat([x[:, :1], self.rows.expand(len(x), -1, -1), x[:, 1 + len(self.rows):]], dim=1)


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
