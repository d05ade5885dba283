"""A fresh coin or die per sequence, its bias drawn from a Dirichlet prior: the pretraining source of the coin lab."""

from typing import Annotated, Literal

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, field_validator

from tutor.core.types import Counts
from tutor.sources.source import AbstractExchangeable, check_sides

Pseudocount = Annotated[float, Field(ge=0.01, le=1000)]


class DirichletCategorical(AbstractExchangeable):
    """A new bias per sequence from Dirichlet(alphas); for a coin Beta(a, b), and (1, 1) is `Random Coins` with Laplace's rule."""

    kind: Literal["dirichlet"] = "dirichlet"
    alphas: tuple[Pseudocount, ...] = Field((1.0, 1.0), max_length=16, description="prior pseudo-counts per side, each 0.01 to 1000")

    @field_validator("alphas")
    @classmethod
    def _two_sides(cls, alphas: tuple[float, ...]) -> tuple[float, ...]:
        check_sides(alphas, "alphas")
        return alphas

    @property
    def vocab(self) -> int:
        return len(self.alphas)

    @property
    def label(self) -> str:
        if set(self.alphas) == {1.0}:
            return "Random coins" if self.vocab == 2 else f"Random {self.vocab}-sided dice"
        name = "Beta" if self.vocab == 2 else "Dirichlet"
        return f"{name}({', '.join(f'{a:g}' for a in self.alphas)})"

    @property
    def in_words(self) -> str:
        things = "coins" if self.vocab == 2 else f"{self.vocab}-sided dice"
        return f"{things} of any bias" if set(self.alphas) == {1.0} else f"{things} with a bias drawn from {self.label}"

    def bias_at(self, quantiles):
        # Stick-breaking: side v takes a Beta(alpha_v, alpha of the sides after it) share of what is left.
        bias, left = np.empty((len(quantiles), self.vocab)), np.ones(len(quantiles))
        for v, alpha in enumerate(self.alphas[:-1]):
            share = beta_quantile(alpha, sum(self.alphas[v + 1:]), quantiles[:, v])
            bias[:, v], left = left * share, left * (1 - share)
        bias[:, -1] = left
        return bias

    def log_marginal(self, counts: Counts):
        # B(alpha + n) / B(alpha)
        return log_beta(counts + self._alphas()) - log_beta(self._alphas())

    def log_predictive(self, counts: Counts):
        # (alpha_v + n_v) / (alpha_0 + n)
        posterior = counts + self._alphas()
        return (posterior / posterior.sum(-1, keepdim=True)).log()

    def neg_entropy(self, counts: Counts):
        # E[p log p] under Beta marginals: (a_v / a_0) (digamma(a_v + 1) - digamma(a_0 + 1))
        posterior = counts + self._alphas()
        total = posterior.sum(-1, keepdim=True)
        return (posterior / total * (torch.digamma(posterior + 1) - torch.digamma(total + 1))).sum(-1)

    def _alphas(self) -> torch.Tensor:
        return torch.tensor(self.alphas, dtype=torch.float64)


def beta_quantile(a: float, b: float, at: Float[np.ndarray, " B"]) -> Float[np.ndarray, " B"]:
    """Quantiles of Beta(a, b)."""
    if a == 1:
        return 1 - (1 - at) ** (1 / b)
    # Imported where it is needed: a quarter of a second that the usual coins never pay.
    from scipy.special import betaincinv  # noqa: PLC0415
    return betaincinv(a, b, at)


def log_beta(a: torch.Tensor) -> torch.Tensor:
    """log of the multivariate Beta function over the last axis."""
    return torch.lgamma(a).sum(-1) - torch.lgamma(a.sum(-1))
