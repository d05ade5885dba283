"""A prior between two tasks."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.prior import AbstractPrior
from tutor.sources import AnySource, TinyLanguage


class Interpolation(AbstractPrior):
    """Points on lines between the Gaussians of two sources' documents (Sedov et al. 2024, "Gaussian interpolation")."""

    label: ClassVar[str] = "between two tasks"
    family: ClassVar[str] = "cloud"
    formula: ClassVar[str] = (
        r"\begin{aligned} & e_i = \alpha_i x_i + (1 - \alpha_i)\, y_i \\"
        r" & x_i \sim \mathcal{N}(\mu_1, \Sigma_1), \; y_i \sim \mathcal{N}(\mu_2, \Sigma_2) \\"
        r" & \alpha_i \sim \mathcal{U}[0, 1] \text{ or fixed} \end{aligned}"
    )
    kind: Literal["interpolation"] = "interpolation"
    first: AnySource = Field(TinyLanguage(tasks=("qa",)), description="the source of x")
    second: AnySource = Field(TinyLanguage(tasks=("arithmetic",)), description="the source of y")
    alpha: float | None = Field(None, ge=0, le=1, description="share of x; another one for every vector, uniform, when not given")

    def gaussians(self, space):
        return [Gaussian.of(space.activations(source)) for source in (self.first, self.second)]

    def _draw(self, space, n, normal, uniform):
        x, y = (gaussian.at(normal(n, space.width)) for gaussian in self.gaussians(space))
        alpha = uniform(n, 1) if self.alpha is None else self.alpha
        return alpha * x + (1 - alpha) * y
