"""Questions about facts that stand nowhere in the sequence: whoever answers has to find them elsewhere."""

from typing import Literal, get_args

import numpy as np
import torch
from pydantic import Field

from tutor.core.rng import Rng
from tutor.sources.language.facts import Fact, Facts
from tutor.sources.language.worded import AbstractWorded
from tutor.sources.language.words import ID, encode
from tutor.sources.source import Batch

Attribute = Literal["town", "job", "food", "pet", "colour"]
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
LENGTH = 9
"""Tokens of the longest question and its answer."""


class FactQuestions(AbstractWorded):
    """One question about one of the `facts`, then its answer, of which the first word alone counts.

    A quarter of the facts is held out: training never asks for them. The latent is [B, 1]: the number of the fact.
    """

    kind: Literal["questions"] = "questions"
    has_answers = True
    lab = "retrieval"
    facts: Facts = Field(Facts(), description="what is asked for")
    attributes: tuple[Attribute, ...] = Field(ATTRIBUTES, min_length=1, max_length=len(ATTRIBUTES),
                                              description="kinds of facts that are asked for")
    split: Literal["train", "test"] = Field("train", description="facts to learn from, or those that are held out")

    @property
    def label(self) -> str:
        kinds = "facts" if self.attributes == ATTRIBUTES else ", ".join(self.attributes)
        return f"Questions about {kinds} of {self.facts.people} people" + (" (held out)" if self.split == "test" else "")

    @property
    def natural_length(self) -> int:
        return LENGTH

    def held_out(self) -> "FactQuestions":
        return self.model_copy(update={"split": "test"})

    def related(self) -> tuple["FactQuestions", ...]:
        return tuple(self.model_copy(update={"attributes": (one,)}) for one in self.attributes)

    @property
    def numbers(self) -> list[int]:
        """Numbers of the facts that can be asked for."""
        known = self.facts.asked_later if self.split == "test" else self.facts.asked
        return [i for i in known if self.facts.all[i].attribute in self.attributes]

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        return self.asking(np.random.default_rng(rng).choice(self.numbers, size=n), length)

    def exam(self, n: int) -> Batch:
        """Questions about n different facts, as many as there are; the same ones every time."""
        return self.asking(np.array(self.numbers[:n]), LENGTH)

    def asking(self, numbers: np.ndarray, length: int) -> Batch:
        """One question about each of these facts; an answer that does not fit is not asked."""
        tokens, mask = np.full((len(numbers), length), ID["end"]), np.zeros((len(numbers), length), dtype=bool)
        for row, number in enumerate(numbers):
            question, answer = ask_about(self.facts.all[number])
            written = [*question, answer, ID["."]][:length]
            tokens[row, :len(written)] = written
            mask[row, len(question):len(question) + 1] = True
        return Batch(torch.from_numpy(tokens), torch.from_numpy(np.asarray(numbers, dtype=np.int64)[:, None]), torch.from_numpy(mask))


def ask_about(fact: Fact) -> tuple[list[int], int]:
    """The question for a fact as tokens, and the token of its answer."""
    return encode(fact.question), ID[fact.value]
