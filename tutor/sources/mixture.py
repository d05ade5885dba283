"""One of finitely many coins or dice, drawn once per sequence: the target that no prompt of a one-coin prior can reach."""

from typing import Literal

import numpy as np
import torch
from pydantic import Field, model_validator

from tutor.core.types import Counts
from tutor.sources.source import AbstractExchangeable, check_distribution, check_sides


class Mixture(AbstractExchangeable):
    """Finitely many coins, one chosen per sequence (Genewein et al. 2025: biases 0.2 and 0.8, equal weights)."""

    kind: Literal["mixture"] = "mixture"
    probs: tuple[tuple[float, ...], ...] = Field(
        ((0.2, 0.8), (0.8, 0.2)), min_length=1, max_length=256, description="one row of side probabilities per coin"
    )
    weights: tuple[float, ...] = Field((0.5, 0.5), description="how often each coin is chosen; sums to 1")

    @model_validator(mode="after")
    def _rows_agree(self):
        for i, row in enumerate(self.probs):
            check_sides(row, f"probs[{i}]")
            check_distribution(row, f"probs[{i}]")
        if len({len(row) for row in self.probs}) > 1:
            raise ValueError(f"probs has rows of {sorted({len(row) for row in self.probs})} sides; all coins need the same number")
        if len(self.weights) != len(self.probs):
            raise ValueError(f"weights has {len(self.weights)} entries for {len(self.probs)} coins; give one weight per coin")
        check_distribution(self.weights, "weights")
        return self

    @property
    def vocab(self) -> int:
        return len(self.probs[0])

    @property
    def in_words(self) -> str:
        things = "coins" if self.vocab == 2 else f"{self.vocab}-sided dice"
        return f"one of {len(self.probs)} {things}, drawn anew for every sequence"

    @property
    def label(self) -> str:
        many = len(self.probs)
        if self.vocab == 2 and many <= 4:
            names = " / ".join(f"{row[0]:g}" for row in self.probs)
            uneven = "" if len(set(self.weights)) == 1 else " at " + " / ".join(f"{w:g}" for w in self.weights)
            return f"{'Two coins' if many == 2 else f'{many} coins'} {names}{uneven}"
        if self.vocab == 2:
            mean = sum(weight * row[0] for weight, row in zip(self.weights, self.probs, strict=True))
            spread = sum(weight * (row[0] - mean) ** 2 for weight, row in zip(self.weights, self.probs, strict=True)) ** 0.5
            return f"Bag of {many} coins, {mean:.2f} ± {spread:.3f}"
        return f"Mixture of {many} {self.vocab}-sided dice"

    def bias_at(self, quantiles):
        upper = np.cumsum(self.weights)[:-1] / sum(self.weights)
        return np.array(self.probs)[np.searchsorted(upper, quantiles[:, 0], side="right")]

    def log_marginal(self, counts: Counts):
        return self._log_joint(counts).logsumexp(-1)

    def log_predictive(self, counts: Counts):
        # log sum_i p(i | counts) p_i(v)
        return (self._log_posterior(counts)[..., None] + self._biases().log()).logsumexp(-2)

    def neg_entropy(self, counts: Counts):
        biases = self._biases()
        return self._log_posterior(counts).exp() @ torch.xlogy(biases, biases).sum(-1)

    def _log_joint(self, counts: Counts) -> torch.Tensor:
        # Floored, so that counts which every coin rules out still have a posterior (a hard prefix can contradict them all).
        return torch.tensor(self.weights, dtype=torch.float64).log() + counts @ self._biases().clamp_min(1e-12).log().T

    def _log_posterior(self, counts: Counts) -> torch.Tensor:
        return self._log_joint(counts).log_softmax(-1)

    def _biases(self) -> torch.Tensor:
        return torch.tensor(self.probs, dtype=torch.float64)
