"""A Gaussian fitted to a cloud of vectors, shrunk towards a sphere where the cloud is too small to say its whole shape."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

SINGULAR = 1e-6
"""A direction with less than this share of the mean variance has none that a Gaussian could use."""


@dataclass(frozen=True)
class Gaussian:
    """Mean [D], a factor L [D, D] with L L' = covariance, and how far (0 to 1) the covariance was shrunk to a sphere."""

    mean: Float[Tensor, " D"]
    factor: Float[Tensor, "D D"]
    shrunk: float

    @classmethod
    def of(cls, rows: Float[Tensor, "M D"]) -> "Gaussian":
        """Fitted to these rows. Where their covariance is singular it is shrunk (Chen et al. 2010, oracle approximating shrinkage).

        ValueError where there are fewer than two rows, or all are the same.
        """
        if len(rows) < 2 or not (rows != rows[0]).any():
            raise ValueError(f"the cloud has {len(rows.unique(dim=0))} different vectors; a Gaussian needs two or more")
        rows = rows.double()
        mean = rows.mean(0)
        covariance = (rows - mean).T @ (rows - mean) / (len(rows) - 1)
        spread = covariance.trace() / len(covariance)
        shrunk = 0.0
        if torch.linalg.eigvalsh(covariance)[0] < SINGULAR * spread:
            shrunk = max(_shrinkage(covariance, len(rows)), 1e-3)
            covariance = (1 - shrunk) * covariance + shrunk * spread * torch.eye(len(covariance), dtype=torch.float64)
        return cls(mean.float(), torch.linalg.cholesky(covariance).float(), shrunk)

    def at(self, noise: Float[Tensor, "n D"]) -> Float[Tensor, "n D"]:
        """Standard normal numbers as vectors of this Gaussian."""
        return self.mean + noise @ self.factor.T

    def distances(self, rows: Float[Tensor, "K D"]) -> Float[Tensor, " K"]:
        """Mahalanobis distances: how many standard deviations from the mean, by the shape of the cloud."""
        return torch.linalg.solve_triangular(self.factor, (rows - self.mean).T, upper=False).norm(dim=0)

    @property
    def radius(self) -> float:
        """Root mean square distance from the mean."""
        return float(self.factor.square().sum().sqrt())


def _shrinkage(covariance: Float[Tensor, "D D"], n: int) -> float:
    D = len(covariance)
    of_square, square_of = covariance.square().sum(), covariance.trace().square()
    return float(torch.clamp(((1 - 2 / D) * of_square + square_of) / ((n + 1 - 2 / D) * (of_square - square_of / D)), max=1.0))
