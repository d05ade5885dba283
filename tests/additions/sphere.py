"""Vectors of one length in random directions."""

from typing import ClassVar, Literal

from pydantic import Field
from torch.nn import functional as F

from tutor.methods.priors.prior import AbstractPrior


class Sphere(AbstractPrior):
    """Random directions, all of the same length."""

    label: ClassVar[str] = "sphere"
    formula: ClassVar[str] = r"e_i = r\, z_i / \lVert z_i \rVert, \quad z_i \sim \mathcal{N}(0, I)"
    family: ClassVar[str] = "around zero"
    kind: Literal["sphere"] = "sphere"
    radius: float = Field(1.0, gt=0, le=1000, description="length r of every vector")

    def _draw(self, space, n, normal, uniform):
        return self.radius * F.normalize(normal(n, space.width), dim=-1)
