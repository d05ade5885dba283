"""How tokens become vectors: by an affine map of token space, or by a table that is too large to be multiplied."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

Placed = tuple[Float[Tensor, "M E"], Int[Tensor, "B T"]]
"""Distinct vectors, and which of them stands where."""


class AffineEmbedding(nn.Linear):
    """An affine map of token space, in which BOS is zero."""

    def look_up(self, past: Int[Tensor, "B T"]) -> Placed:
        """The vectors of all tokens and of BOS, which is the token number V, and where they stand."""
        vocab = self.in_features
        return self(torch.cat([torch.eye(vocab), torch.zeros(1, vocab)])), past


class TokenTable(nn.Module):
    """A row per token, and the token that takes the place of BOS. Weight and bias are those of the linear map of token space that it is."""

    def __init__(self, vocab: int, width: int, opening: int, scale: float = 1.0):
        super().__init__()
        self.table, self.opening, self.scale = nn.Parameter(torch.empty(vocab, width)), opening, scale

    @property
    def weight(self) -> Float[Tensor, "E V"]:
        return (self.scale * self.table if self.scale != 1 else self.table).T

    @property
    def bias(self) -> Float[Tensor, " E"]:
        return torch.zeros(self.table.shape[1])

    def forward(self, rows: Float[Tensor, "*batch V"]) -> Float[Tensor, "*batch E"]:
        return self.scale * (rows @ self.table)

    def look_up(self, past: Int[Tensor, "B T"]) -> Placed:
        """The vectors of those tokens alone that occur, and where they stand."""
        found, at = past.masked_fill(past == len(self.table), self.opening).unique(return_inverse=True)
        return self.scale * F.embedding(found, self.table), at
