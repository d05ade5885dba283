"""Where a prompt for a model from elsewhere may start: every prior that needs no tasks of ours, in the space of its token embeddings."""

from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.llm.model import OwnModel
from tutor.llm.places import Refused
from tutor.priors import PRIORS, AbstractPrior, Space, Words

MOST_NUMBERS = 20_000_000
"""Of the vocabulary that a prior looks at: a Gaussian of all of a large one would take more memory than the model."""
PICKING = frozenset({"words", "vocabulary"})
"""Priors that only pick tokens, and may pick any."""
STARTS: dict[str, type[AbstractPrior]] = {kind: prior for kind, prior in PRIORS.items() if not prior.of_tasks}


class Embedded(Space):
    """The token embeddings of a model: so many numbers of them at most, then of tokens at even distances in their order."""

    def __init__(self, model: OwnModel, most: int = MOST_NUMBERS):
        self.model, self.most = model, most

    @cached_property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        every = self.model.vocabulary
        if every.numel() <= self.most:
            return every
        return every[torch.linspace(0, len(every) - 1, max(2, self.most // every.shape[1])).long()]

    def activations(self, source: str) -> Float[Tensor, "M D"]:
        """The embeddings of the tokens of a text."""
        return self.model.activations(source)


def drawn(model: OwnModel, prior: AbstractPrior, n: int, seed: int) -> Float[Tensor, "n D"]:
    """n vectors of a prior in the space of this model. ValueError where the prior asks for tokens that the model lacks."""
    prior.check(len(model.vocabulary))
    space = Embedded(model, model.vocabulary.numel()) if prior.kind in PICKING else Embedded(model)
    return prior.draw(space, n, seed)


def chosen(model: OwnModel, text: str) -> Words:
    """The prior that starts a prompt at the tokens of a text. Refused where it has none, or more than a prompt."""
    ids = model.encoded(text)
    if not 1 <= len(ids) <= 64:
        raise Refused(f"the words are '{text[:40]}', {len(ids)} tokens; give 1 to 64")
    return Words(tokens=tuple(ids))
