"""What a prior over prompt vectors is: a frozen specification that draws the vectors a prompt starts from."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.core.rng import stream
from tutor.core.types import Spec
from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.vector_space import Space
from tutor.sources import AbstractSource

Numbers = Callable[..., Tensor]
"""Random numbers of a shape."""


class AbstractPrior(Spec):
    """A distribution of prompt vectors before any tuning; `label` is its name in legends, `formula` what it draws, as LaTeX."""

    label: ClassVar[str]
    formula: ClassVar[str]
    family: ClassVar[Literal["around zero", "cloud", "words", "far", "other"]] = "other"
    """Where its vectors lie, which decides its colour: around zero, shaped as a cloud of vectors, on words, far from everything."""

    def check(self, vocab: int) -> None:
        """Raise ValueError with one sentence where this prior asks for tokens that a vocabulary of this size lacks."""
        for name in type(self).model_fields:
            source = getattr(self, name)
            if isinstance(source, AbstractSource) and source.vocab != vocab:
                raise ValueError(f"prior.{name} has {source.vocab} symbols and the network {vocab}; both must have the same")

    def gaussians(self, space: Space) -> list[Gaussian]:
        """What it fits to clouds of this space; none where it fits nothing."""
        return []

    def draw(self, space: Space, n: int, seed: int) -> Float[Tensor, "n D"]:
        """Draw prompt vectors.

        Parameters
        ----------
        space
            Where they shall stand: among word embeddings, or among what enters a layer.
        n, seed
            How many; the same seed draws the same.

        Returns
        -------
        [n, D]
        """
        rng = stream(seed, "prior")
        return self._draw(space, n, lambda *shape: torch.from_numpy(rng.standard_normal(shape)).float(),
                          lambda *shape: torch.from_numpy(rng.random(shape)).float())

    @abstractmethod
    def _draw(self, space: Space, n: int, normal: Numbers, uniform: Numbers) -> Float[Tensor, "n D"]:
        """The same from two draws of numbers: standard normal ones, and uniform ones between 0 and 1, of any shape."""
