"""Where prompt vectors stand: the space of word embeddings, or of what enters a layer, with the clouds that are there already."""

from abc import ABC, abstractmethod
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from tutor.core.types import Tokens
from tutor.predictors import Predictor
from tutor.sources import AbstractSource

DOCUMENTS = 64
"""Sequences whose vectors make the cloud of a source."""


class Space(ABC):
    """A vector space of a network in which a prompt can stand, and what a prior may look at in it."""

    @property
    @abstractmethod
    def vocabulary(self) -> Float[Tensor, "V D"]:
        """One vector for every token."""

    @abstractmethod
    def activations(self, source: AbstractSource) -> Float[Tensor, "M D"]:
        """The vectors that sequences of a source have there, one for every word of them and every end of a document."""

    @property
    def width(self) -> int:
        return self.vocabulary.shape[1]


class Embeddings(Space):
    """The space of word embeddings, before any layer: what a soft prompt is in (Lester et al. 2021)."""

    def __init__(self, network: Predictor):
        self.network = network

    @cached_property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        return (self.network.embed.weight.T + self.network.embed.bias).detach()

    def activations(self, source: AbstractSource) -> Float[Tensor, "M D"]:
        tokens = _documents(source)
        return self.vocabulary[tokens[source.written(tokens)]]


class LayerInputs(Space):
    """What enters a layer, positions and all: the space of a deep prompt (Sedov et al. 2024, section 3).

    layer: a layer above the first, of which 1 is the lowest. The vector of a token is that of the token read alone, behind BOS.
    """

    def __init__(self, network: Predictor, layer: int):
        self.network, self.layer = network, layer

    @cached_property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        return self._entering(torch.arange(self.network.vocab)[:, None])[:, 0]

    def activations(self, source: AbstractSource) -> Float[Tensor, "M D"]:
        tokens = _documents(source)
        return self._entering(tokens)[source.written(tokens)]

    @torch.no_grad()
    def _entering(self, tokens: Tokens) -> Float[Tensor, "B T D"]:
        return self.network.entering(F.pad(tokens, (0, 1)), self.layer)[:, 1:]        # the last token is never read; without BOS


def _documents(source: AbstractSource) -> Tokens:
    return source.sample(DOCUMENTS, source.natural_length or 50, 0).tokens
