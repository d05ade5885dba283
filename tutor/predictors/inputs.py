"""What a body reads."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


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
