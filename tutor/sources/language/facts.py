"""Facts about people of the tiny language, drawn once and for all: what a store can hold and a question can ask for."""

from functools import lru_cache
from typing import NamedTuple

from pydantic import Field

from tutor.core.rng import stream
from tutor.core.types import Spec
from tutor.sources.language.documents import ASK, SAY
from tutor.sources.language.words import FIRST, LAST, PERSON, PLACE


class Fact(NamedTuple):
    """Who or where, which attribute, and its value."""

    about: str
    attribute: str
    value: str

    def stated(self, way: int) -> str:
        """The fact as a sentence, in one of two ways."""
        return SAY[self.attribute][way % 2].format(n=self.about, v=self.value)

    @property
    def question(self) -> str:
        return ASK[self.attribute].format(n=self.about)


class Facts(Spec):
    """Five facts (town, job, food, pet, colour) about each of so many people; nobody can know them who has not been told."""

    people: int = Field(400, ge=20, le=len(FIRST) * len(LAST), description="people of whom five facts each are known")
    seed: int = Field(0, ge=0, lt=2**31, description="which facts these are", json_schema_extra={"advanced": True})

    @property
    def all(self) -> tuple[Fact, ...]:
        """Every fact, person by person; its place is its number."""
        return _facts(self)

    @property
    def asked_later(self) -> tuple[int, ...]:
        """Numbers of the quarter of the facts that no training ever asks for, in the order of their draw."""
        return _order(self)[:len(self.all) // 4]

    @property
    def asked(self) -> tuple[int, ...]:
        """Numbers of all other facts."""
        return _order(self)[len(self.all) // 4:]


@lru_cache(maxsize=32)
def _facts(facts: Facts) -> tuple[Fact, ...]:
    rng = stream(facts.seed, "facts")
    pairs = [f"{first} {last}" for first in FIRST for last in LAST]
    people = [pairs[i] for i in rng.permutation(len(pairs))[:facts.people]]
    return tuple(Fact(one, key, values[rng.integers(len(values))]) for one in people for key, values in PERSON.items())


@lru_cache(maxsize=32)
def _order(facts: Facts) -> tuple[int, ...]:
    return tuple(stream(facts.seed, "asked").permutation(len(facts.all)).tolist())


@lru_cache(maxsize=1)
def list_place_facts() -> tuple[Fact, ...]:
    """Facts of another domain than people: what there is in every town, and its weather."""
    rng = stream(0, "places")
    return tuple(Fact(town, key, values[rng.integers(len(values))]) for town in PERSON["town"] for key, values in PLACE.items())
