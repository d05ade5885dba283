"""A store of sentences with dense embeddings, of which density and quality can be set."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.rng import Rng, stream
from tutor.sources.language import WORDS
from tutor.sources.language.documents import ASK, SAY
from tutor.sources.language.facts import Fact, Facts, of_places
from tutor.sources.language.words import ID, PERSON, encode

WIDTH = 64
"""Width of an embedding."""
LONGEST = 9
"""Words of the longest sentence."""

Keys, Sentences = Float[Tensor, "M E"], Int[Tensor, "M L"]


@dataclass(frozen=True, eq=False)
class DenseStore:
    """M entries: their embeddings, of length 1, and the words of their sentences, padded with the word "end".

    words: the embedder's vector of every word [V, E]; a sentence's meaning is their sum, less that of all sentences.
    """

    keys: Keys
    sentences: Sentences
    words: Float[Tensor, "V E"]


def embedded(facts: Facts, *, density: float = 0.0, quality: float = 1.0, fresh: float = 1.0, seed: int = 0) -> DenseStore:
    """The store of these facts.

    density: mean cosine of two embeddings, by a direction that all of them share. quality: share of the rest that is the sentence's
    meaning; what is left is noise. fresh: share of the entries that are still true; the others state another value.
    """
    rng = stream(seed, "store")
    known = facts.all
    stale = np.zeros(len(known), dtype=bool)
    stale[rng.permutation(len(known))[:len(known) - round(fresh * len(known))]] = True
    told = [outdated(known, i) if old else fact for i, (fact, old) in enumerate(zip(known, stale, strict=True))]
    sentences = written(told, rng)
    words = weighted(sentences, stream(seed, "embedder"))
    summed = words[sentences].sum(1)
    meant = F.normalize(summed - summed.mean(0), dim=1)
    noise, common = (normal(rng, shape) for shape in (meant.shape, (1, WIDTH)))
    own = F.normalize(quality**0.5 * meant + (1 - quality) ** 0.5 * noise, dim=1)
    return DenseStore(F.normalize(density**0.5 * common + (1 - density) ** 0.5 * own, dim=1), sentences, words)


def outdated(known: tuple[Fact, ...], place: int) -> Fact:
    """The fact with a value that it does not have: that of the nearest fact of its kind behind it which has another."""
    fact = known[place]
    others = (known[(place + step) % len(known)] for step in range(1, len(known)))
    return next(fact._replace(value=other.value) for other in others if other.attribute == fact.attribute and other.value != fact.value)


def written(facts: list[Fact], rng: np.random.Generator) -> Sentences:
    """The words of every fact, stated in one of two ways."""
    rows = np.full((len(facts), LONGEST), ID["end"])
    for row, fact, way in zip(rows, facts, rng.integers(2, size=len(facts)), strict=True):
        said = encode(fact.stated(int(way)))
        row[:len(said)] = said
    return torch.from_numpy(rows)


def weighted(sentences: Sentences, rng: np.random.Generator) -> Float[Tensor, "V E"]:
    """A random vector for every meaning, weighed by how few sentences have it (inverse document frequency, Sparck Jones 1972).

    Words that ask for an attribute and words that state it mean the same, as a good embedder of sentences knows.
    """
    meaning = meanings()
    found = torch.zeros(len(sentences), len(WORDS)).scatter_(1, meaning[sentences], 1.0).sum(0)
    found[ID["end"]] = 0
    weight = torch.where(found > 0, torch.log(len(sentences) / found.clamp(min=1)), 0.0)
    return (weight[:, None] * normal(rng, (len(WORDS), WIDTH)))[meaning]


def meanings() -> Int[Tensor, " V"]:
    """For every word the one that stands for its meaning: itself, or the first of those that are said of one attribute alone."""
    patterns = {key: {word for text in (*SAY[key], ASK[key]) for word in text.split()} for key in PERSON}
    found = torch.arange(len(WORDS))
    for key, said in patterns.items():
        own = sorted(ID[word] for word in said.difference(*(other for name, other in patterns.items() if name != key)) if word in ID)
        found[own] = own[0]
    return found


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Tensor, "rows E"]:
    """Vectors of length 1 in random directions."""
    return F.normalize(torch.from_numpy(rng.standard_normal(shape)).float(), dim=1)


def other_domain(entries: int, rng: Rng) -> Sentences:
    """As many true sentences about something else: towns, in the place of people."""
    rng = np.random.default_rng(rng)
    places = of_places()
    return written([places[i] for i in rng.integers(len(places), size=entries)], rng)
