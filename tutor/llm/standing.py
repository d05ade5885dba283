"""Where prompt vectors stand among the tokens of a model from elsewhere, in the measures of the other pages."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.llm.model import OwnModel
from tutor.llm.tape import Tape, by_chance, tape
from tutor.measure.posteriors import effective_rank


@dataclass(frozen=True)
class Standing:
    """Means over K vectors: cosine with the nearest token, distance from the start, and from the cloud of tokens in its own shape.

    mahalanobis: None where the model is too wide for it; the tokens themselves are about the root of the width away.
    rank: principal directions that hold 95 % of the variance of the vectors.
    """

    cosine: float
    travelled: float
    mahalanobis: float | None
    rank: int


class Ground:
    """The tokens that prompt vectors are held against: their Gaussian, and the cosine that comes about by chance.

    by_chance: of vectors in any direction. shaped: of vectors that lie as tokens do; None where the model is too wide for a Gaussian.
    """

    def __init__(self, model: OwnModel, start: Float[Tensor, "K D"], seed: int):
        self.model, self.start, self.gaussian = model, start, model.gaussian
        self.by_chance = by_chance(model.vocabulary, seed)
        self.shaped = None if self.gaussian is None else by_chance(model.vocabulary, seed, self.gaussian)

    def near(self, vectors: Float[Tensor, "K D"]) -> Tape:
        """The nearest tokens."""
        return tape(vectors, self.model.vocabulary)

    @torch.no_grad()
    def standing(self, vectors: Float[Tensor, "K D"], near: Tape) -> Standing:
        """How they stand now."""
        away = None if self.gaussian is None else self.gaussian.distances(vectors).mean().item()
        return Standing(near.cosine[:, 0].mean().item(), (vectors - self.start).norm(dim=1).mean().item(), away, effective_rank(vectors))
