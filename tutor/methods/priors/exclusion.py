"""A prior around the cloud, not in it."""

import math
from typing import ClassVar, Literal

import torch
from pydantic import Field

from tutor.methods.priors.fitted import collect_vectors
from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.prior import AbstractPrior
from tutor.sources import AnySource

BATCH = 4096
"""Vectors proposed at a time."""


class Exclusion(AbstractPrior):
    """A slightly wider Gaussian with its dense core cut out (Sedov et al. 2024, "Gaussian exclusion")."""

    label: ClassVar[str] = "Gaussian exclusion"
    family: ClassVar[str] = "cloud"
    formula: ClassVar[str] = (
        r"\begin{aligned} & x \sim q = \mathcal{N}(\mu,\, c^{2/D}\, \Sigma) \\ & P(\text{keep } x) = \max(0,\; 1 - p(x) / q(x)) \\"
        r" & p = \mathcal{N}(\mu, \Sigma) \end{aligned}"
    )
    kind: Literal["exclusion"] = "exclusion"
    c: float = Field(5.0, ge=1.1, le=1e6, description="how much denser than the wider Gaussian the core is at its mean")
    source: AnySource | None = Field(None, description="whose documents to avoid; the vocabulary when not given")

    def gaussians(self, space):
        return [Gaussian.of(collect_vectors(space, self.source))]

    def _draw(self, space, n, normal, uniform):
        (core,), wide = self.gaussians(space), self.c ** (1 / space.width)
        kept = [core.mean[None][:0]]
        while sum(map(len, kept)) < n:
            noise = normal(BATCH, space.width)
            # In standard units z of the wider one, the core's density over its own is c exp(-(c^(2/D) - 1) |z|^2 / 2).
            ratio = math.log(self.c) - (wide**2 - 1) * noise.square().sum(1) / 2
            kept.append(core.at(wide * noise[uniform(BATCH) < 1 - ratio.exp()]))
        return torch.cat(kept)[:n]
