"""The prior of a layer of weights."""

from typing import ClassVar, Literal

from tutor.methods.priors.prior import AbstractPrior


class Xavier(AbstractPrior):
    """Uniform numbers, spread as weights of that shape would be (Glorot & Bengio 2010; the default of deep prompts in Sedov et al.)."""

    label: ClassVar[str] = "Xavier uniform"
    family: ClassVar[str] = "around zero"
    formula: ClassVar[str] = r"e_{ij} \sim \mathcal{U}(-a, a), \quad a = \sqrt{6 / (K + D)}"
    kind: Literal["xavier"] = "xavier"

    def _draw(self, space, n, normal, uniform):
        return (2 * uniform(n, space.width) - 1) * (6 / (n + space.width)) ** 0.5
