"""A prior with the shape of what is there already."""

from typing import ClassVar, Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.prior import AbstractPrior
from tutor.methods.priors.vector_space import Space
from tutor.sources import AnySource


def collect_vectors(space: Space, source: AnySource | str | None) -> Float[Tensor, "M D"]:
    """The vocabulary's vectors, or those of a source's documents; for a model from elsewhere the source is a text."""
    return space.vocabulary if source is None else space.activations(source)


class Fitted(AbstractPrior):
    """A Gaussian with mean and full covariance of the vocabulary, or of a source's documents (Sedov et al. 2024, "structured")."""

    label: ClassVar[str] = "fitted Gaussian"
    family: ClassVar[str] = "cloud"
    formula: ClassVar[str] = r"e_i \sim \mathcal{N}(\mu, \Sigma)"
    kind: Literal["fitted"] = "fitted"
    source: AnySource | None = Field(None, description="whose documents to fit; the vocabulary when not given")

    def gaussians(self, space):
        return [Gaussian.of(collect_vectors(space, self.source))]

    def _draw(self, space, n, normal, uniform):
        return self.gaussians(space)[0].at(normal(n, space.width))
