"""Where prompt vectors start. A new prior is one file here and one entry in PRIORS."""

from typing import Annotated

from pydantic import Field

from tutor.core.types import by_kind, union_of
from tutor.methods.priors.chosen_words import Words
from tutor.methods.priors.exclusion import Exclusion
from tutor.methods.priors.far import Far
from tutor.methods.priors.fitted import Fitted
from tutor.methods.priors.gaussian import Gaussian
from tutor.methods.priors.interpolation import Interpolation
from tutor.methods.priors.isotropic import Isotropic
from tutor.methods.priors.prior import AbstractPrior
from tutor.methods.priors.vae import VAE
from tutor.methods.priors.vector_space import Embeddings, LayerInputs, Space
from tutor.methods.priors.vocabulary import Vocabulary
from tutor.methods.priors.xavier import Xavier

PRIORS = by_kind(Isotropic, Xavier, Fitted, Exclusion, Interpolation, Vocabulary, Words, Far, VAE)
AnyPrior = Annotated[union_of(PRIORS), Field(discriminator="kind")]

__all__ = [
           "PRIORS",
           "VAE",
           "AbstractPrior",
           "AnyPrior",
           "Embeddings",
           "Exclusion",
           "Far",
           "Fitted",
           "Gaussian",
           "Interpolation",
           "Isotropic",
           "LayerInputs",
           "Space",
           "Vocabulary",
           "Words",
           "Xavier",
]
