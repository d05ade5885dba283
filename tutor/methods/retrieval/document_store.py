"""A store of sentences with dense embeddings, of which density and quality can be set."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.core.rng import Rng, stream
from tutor.sources.language import WORDS
from tutor.sources.language.documents import ASK, SAY
from tutor.sources.language.facts import Fact, Facts, list_place_facts
from tutor.sources.language.words import ID, PERSON, encode

WIDTH = 64
"""Width of an embedding."""
MAX_SENTENCE = 9
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


def embed_facts(facts: Facts, *, density: float = 0.0, quality: float = 1.0, fresh: float = 1.0, seed: int = 0) -> DenseStore:
    """The store of some facts: their sentences, and an embedding of each.

    Parameters
    ----------
    density
        Mean cosine of two entries' embeddings.
    quality
        Share of an embedding, beside what all have in common, that is the sentence's meaning; the rest is noise.
    fresh
        Share of the entries that hold; the others state an outdated value.
    seed
        Of the embeddings.
    """
    rng = stream(seed, "store")
    known = facts.all
    stale = np.zeros(len(known), dtype=bool)
    stale[rng.permutation(len(known))[:len(known) - round(fresh * len(known))]] = True
    told = [make_outdated(known, i) if old else fact for i, (fact, old) in enumerate(zip(known, stale, strict=True))]
    sentences = write_sentences(told, rng)
    words = draw_word_vectors(sentences, stream(seed, "embedder"))
    summed = words[sentences].sum(1)
    meant = F.normalize(summed - summed.mean(0), dim=1)
    noise, common = (draw_directions(rng, shape) for shape in (meant.shape, (1, WIDTH)))
    own = F.normalize(quality**0.5 * meant + (1 - quality) ** 0.5 * noise, dim=1)
    return DenseStore(F.normalize(density**0.5 * common + (1 - density) ** 0.5 * own, dim=1), sentences, words)


def make_outdated(known: tuple[Fact, ...], place: int) -> Fact:
    """The fact with a value that it does not have: that of the nearest fact of its kind behind it which has another."""
    fact = known[place]
    others = (known[(place + step) % len(known)] for step in range(1, len(known)))
    return next(fact._replace(value=other.value) for other in others if other.attribute == fact.attribute and other.value != fact.value)


def write_sentences(facts: list[Fact], rng: np.random.Generator) -> Sentences:
    """The words of every fact, stated in one of two ways."""
    rows = np.full((len(facts), MAX_SENTENCE), ID["end"])
    for row, fact, way in zip(rows, facts, rng.integers(2, size=len(facts)), strict=True):
        said = encode(fact.stated(int(way)))
        row[:len(said)] = said
    return torch.from_numpy(rows)


def draw_word_vectors(sentences: Sentences, rng: np.random.Generator) -> Float[Tensor, "V E"]:
    """A random vector for every meaning, weighed by how few sentences have it (inverse document frequency, Sparck Jones 1972).

    Words that ask for an attribute and words that state it mean the same, as a good embedder of sentences knows.
    """
    meaning = list_meanings()
    found = torch.zeros(len(sentences), len(WORDS)).scatter_(1, meaning[sentences], 1.0).sum(0)
    found[ID["end"]] = 0
    weight = torch.where(found > 0, torch.log(len(sentences) / found.clamp(min=1)), 0.0)
    return (weight[:, None] * draw_directions(rng, (len(WORDS), WIDTH)))[meaning]


def list_meanings() -> Int[Tensor, " V"]:
    """For every word the one that stands for its meaning: itself, or the first of those that are said of one attribute alone."""
    patterns = {key: {word for text in (*SAY[key], ASK[key]) for word in text.split()} for key in PERSON}
    found = torch.arange(len(WORDS))
    for key, said in patterns.items():
        own = sorted(ID[word] for word in said.difference(*(other for name, other in patterns.items() if name != key)) if word in ID)
        found[own] = own[0]
    return found


def draw_directions(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Tensor, "rows E"]:
    """Vectors of length 1 in random directions."""
    return F.normalize(torch.from_numpy(rng.standard_normal(shape)).float(), dim=1)


def write_other_domain(entries: int, rng: Rng) -> Sentences:
    """As many true sentences about something else: towns, in the place of people."""
    rng = np.random.default_rng(rng)
    places = list_place_facts()
    return write_sentences([places[i] for i in rng.integers(len(places), size=entries)], rng)
