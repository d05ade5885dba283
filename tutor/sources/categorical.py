"""One coin or die of known bias: the simplest target, on which an ideal predictor has nothing to learn."""

from typing import Literal

import numpy as np
import torch
from pydantic import Field, field_validator

from tutor.core.types import Counts
from tutor.sources.source import AbstractExchangeable, check_distribution, check_sides


class Categorical(AbstractExchangeable):
    """A single coin or die of fixed, known bias (the `Single Coin` of Genewein et al. 2025 has probs (0.2, 0.8))."""

    kind: Literal["categorical"] = "categorical"
    probs: tuple[float, ...] = Field((0.2, 0.8), max_length=16, description="probability of each side, heads first; sums to 1")

    @field_validator("probs")
    @classmethod
    def _sums_to_one(cls, probs: tuple[float, ...]) -> tuple[float, ...]:
        check_sides(probs, "probs")
        return check_distribution(probs, "probs")

    @property
    def vocab(self) -> int:
        return len(self.probs)

    @property
    def in_words(self) -> str:
        if self.vocab == 2:
            return f"one coin, which shows heads with probability {self.probs[0]:g}"
        return f"one {self.vocab}-sided die with chances {', '.join(f'{p:g}' for p in self.probs)}"

    @property
    def label(self) -> str:
        if self.vocab == 2:
            return f"Single coin {self.probs[0]:g}"
        return "Single die " + " / ".join(f"{p:.3g}" for p in self.probs)

    def bias_at(self, quantiles):
        return np.tile(np.array(self.probs), (len(quantiles), 1))

    def log_marginal(self, counts: Counts):
        return torch.xlogy(counts, self._bias()).sum(-1)

    def log_predictive(self, counts: Counts):
        return self._bias().log().expand_as(counts)

    def neg_entropy(self, counts: Counts):
        return torch.xlogy(self._bias(), self._bias()).sum().expand(counts.shape[:-1])

    def _bias(self) -> torch.Tensor:
        return torch.tensor(self.probs, dtype=torch.float64)
