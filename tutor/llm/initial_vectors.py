"""Where a prompt for a model from elsewhere may start: every prior, with texts where the prior looks at documents of a task."""

import hashlib
from functools import cached_property

from jaxtyping import Float
from pydantic import Field, create_model
from torch import Tensor

from tutor.llm.causal_model import MOST_NUMBERS, OwnModel
from tutor.llm.model_location import ModelError
from tutor.methods.priors import PRIORS, AbstractPrior, Space, Words
from tutor.sources import AbstractSource

PICKING = frozenset({"words", "vocabulary"})
"""Priors that only pick tokens, and may pick any."""
TEXTS = {"source": None, "first": "The river was cold and wide that morning, and nobody spoke.",
         "second": "3 + 4 = 7, 5 + 2 = 7, 12 - 9 = 3"}
"""Fields of priors that name a task, with the text in its place when nothing else is given; None is the vocabulary."""
MAX_CHARACTERS = 20_000                                  # characters


def _of_texts(prior: type[AbstractPrior]) -> type[AbstractPrior]:
    """The same prior with texts in the place of tasks."""
    told = {name: prior.model_fields[name].description for name in TEXTS if name in prior.model_fields}
    fields = {name: (str | None if TEXTS[name] is None else str, Field(TEXTS[name], max_length=MAX_CHARACTERS, description=said))
              for name, said in told.items()}
    return create_model(prior.__name__, __base__=prior, __doc__=prior.__doc__, **fields) if fields else prior


STARTS: dict[str, type[AbstractPrior]] = {kind: _of_texts(prior) for kind, prior in PRIORS.items()}


class EmbeddingSample(Space):
    """The token embeddings of a model: so many numbers of them at most, then of tokens at even distances in their order."""

    def __init__(self, model: OwnModel, most: int = MOST_NUMBERS):
        self.model, self.most = model, most

    @cached_property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        return self.model.some_vocabulary(self.most)

    def activations(self, source: AbstractSource | str) -> Float[Tensor, "M D"]:
        """The embeddings of the tokens of a text. ModelError where it has none, or is a task of our own language."""
        if not isinstance(source, str):
            raise ModelError("the prior looks at documents of our own language; take one of llm.STARTS and give it texts")
        found = self.model.activations(source)
        if not len(found):
            raise ModelError("the text that the prior looks at is empty; give some sentences")
        return found


def draw_vectors(model: OwnModel, prior: AbstractPrior, n: int, seed: int) -> Float[Tensor, "n D"]:
    """Vectors of a prior in the space of this model's embeddings.

    Returns
    -------
    [n, D]

    Raises
    ------
    ModelError
        Where the prior asks for tokens that the model lacks.
    """
    space = EmbeddingSample(model, model.vocabulary.numel()) if prior.kind in PICKING else EmbeddingSample(model)
    try:
        if isinstance(prior, Words):
            prior.check(len(model.vocabulary))
        return prior.draw(space, n, seed)
    except ValueError as error:                    # the priors say it in a sentence
        raise ModelError(str(error)) from error


def measure_shrinkage(model: OwnModel, prior: AbstractPrior) -> list[float]:
    """The share by which each Gaussian that a prior fits to this model's vectors was shrunk to a sphere; only those that were."""
    return [gaussian.shrunk for gaussian in prior.gaussians(EmbeddingSample(model)) if gaussian.shrunk]


def describe_prior(prior: AbstractPrior) -> dict:
    """The plain description of a prior that is saved beside a prompt; of its texts only checksums."""
    said = prior.model_dump(mode="json")
    texts = {name: said[name] for name in TEXTS if isinstance(said.get(name), str)}
    return said | {name: {"text_sha256": hash_text(text), "text_characters": len(text)} for name, text in texts.items()}


def hash_text(text: str) -> str:
    """A short checksum of a text, for places where the text itself is nobody's business."""
    return hashlib.sha256(text.encode()).hexdigest()


def choose_words(model: OwnModel, text: str) -> Words:
    """The prior that starts a prompt at the tokens of a text.

    Raises
    ------
    ModelError
        Where the text has no tokens, or more than a prompt.
    """
    ids = model.encoded(text)
    if not 1 <= len(ids) <= 64:
        raise ModelError(f"the words are '{text[:40]}', {len(ids)} tokens; give 1 to 64")
    return Words(tokens=tuple(ids))
