"""Where prompt vectors start. A new prior is one file here and one entry in PRIORS."""

from typing import Annotated

from pydantic import Field

from tutor.conventions import by_kind, one_of
from tutor.priors.base import AbstractPrior
from tutor.priors.exclusion import Exclusion
from tutor.priors.far import Far
from tutor.priors.fitted import Fitted
from tutor.priors.gaussian import Gaussian
from tutor.priors.interpolation import Interpolation
from tutor.priors.isotropic import Isotropic
from tutor.priors.space import Embeddings, Entering, Space
from tutor.priors.vae import VAE
from tutor.priors.vocabulary import Vocabulary
from tutor.priors.words import Words
from tutor.priors.xavier import Xavier

PRIORS = by_kind(Isotropic, Xavier, Fitted, Exclusion, Interpolation, Vocabulary, Words, Far, VAE)
AnyPrior = Annotated[one_of(PRIORS), Field(discriminator="kind")]

__all__ = ["PRIORS", "VAE", "AbstractPrior", "AnyPrior", "Embeddings", "Entering", "Exclusion", "Far", "Fitted", "Gaussian",
           "Interpolation", "Isotropic", "Space", "Vocabulary", "Words", "Xavier"]
