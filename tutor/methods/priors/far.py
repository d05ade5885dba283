"""A prior far from everything."""

from typing import ClassVar, Literal

import torch
from pydantic import Field

from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.prior import AbstractPrior


class Far(AbstractPrior):
    """The vocabulary's Gaussian, moved as a whole so many of its radii along one direction: a region where no word is."""

    label: ClassVar[str] = "far region"
    family: ClassVar[str] = "far"
    formula: ClassVar[str] = (
        r"\begin{aligned} & e_i \sim \mathcal{N}(\mu + d\, r\, u,\; \Sigma) \\"
        r" & r = \sqrt{\operatorname{tr} \Sigma}, \; |u| = 1 \end{aligned}"
    )
    kind: Literal["far"] = "far"
    distance: float = Field(5.0, ge=0, le=1000, description="how far, in radii r of the cloud of words")
    direction: Literal["random", "widest", "narrowest"] = Field(
        "random", description="along a random direction, or that in which words differ most, or least")

    def gaussians(self, space):
        return [Gaussian.of(space.vocabulary)]

    def _draw(self, space, n, normal, uniform):
        (core,), towards = self.gaussians(space), normal(space.width)
        if self.direction != "random":
            axes = torch.linalg.eigh(core.factor @ core.factor.T).eigenvectors
            towards = axes[:, -1 if self.direction == "widest" else 0]
        return core.at(normal(n, space.width)) + self.distance * core.radius * towards / towards.norm()
