"""The plainest prior: the same small spread in every direction."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.priors.prior import AbstractPrior


class Isotropic(AbstractPrior):
    """Normal numbers of one small spread around zero (Sedov et al. 2024, section 3.3)."""

    label: ClassVar[str] = "isotropic Gaussian"
    family: ClassVar[str] = "around zero"
    formula: ClassVar[str] = r"e_i \sim \mathcal{N}(0,\, \sigma^2 I)"
    kind: Literal["isotropic"] = "isotropic"
    std: float = Field(0.02, gt=0, le=100, description="standard deviation of every number")

    def _draw(self, space, n, normal, uniform):
        return self.std * normal(n, space.width)
