"""The tiny language: a generated world in which everything that is said can be checked."""

from typing import Literal, get_args

import numpy as np
import torch
from pydantic import Field, model_validator

from tutor.core.rng import Rng, stream
from tutor.core.types import Mask, Tokens
from tutor.sources.language.documents import STYLES, TASKS, TRAINED_STYLES, World
from tutor.sources.language.worded import AbstractWorded
from tutor.sources.language.words import ID, LAST, WORDS, decode, encode
from tutor.sources.source import Batch
from tutor.sources.task_mixture import TaskMixture

Kind = Literal["prose", "guests", "qa", "cloze", "arithmetic", "table", "summary", "unfounded", "reasoned", "trade"]
KINDS: tuple[Kind, ...] = get_args(Kind)
END = ID["end"]
LAST_NAMES = {ID[name] for name in LAST}
NATURAL, SENTENCE = 96, 56
"""Tokens in which two or three documents fit, and one that ends in a sentence."""
WRITTEN = {"table", "summary", "reasoned", "trade"}
"""Kinds of which the answer is a sentence."""


class TinyLanguage(TaskMixture, AbstractWorded):
    """Word-level documents about generated people and towns: stories, questions, gaps, sums and tables, the facts new in each.

    All documents of a sequence are of one kind and, where there are several ways to tell a table, in one style; both stay hidden,
    so that earlier documents are demonstrations. A quarter of all names, and of all sums, is held out by hash.
    The latent is [B, 2]: index of the kind in `tasks`, and of the style in `styles`.
    """

    kind: Literal["tiny_language"] = "tiny_language"
    has_answers = True
    tasks: tuple[Kind, ...] = Field(("prose", "guests", "qa", "cloze", "arithmetic", "table"), min_length=1, max_length=len(KINDS),
                                    description=f"which documents occur: {', '.join(KINDS)}")
    styles: tuple[int, ...] = Field(tuple(range(TRAINED_STYLES)), min_length=1, max_length=len(STYLES),
                                    description=f"ways to tell a table, 0 to {len(STYLES) - 1}; from {TRAINED_STYLES} on kept for tuning")
    predict: Literal["answers", "known", "everything"] = Field(
        "answers", description="which words count: what is asked for, also the names that were said before, or all")
    documents: int | None = Field(None, ge=1, le=16, description="documents in a sequence, as many as fit when not given")
    examples: int | None = Field(None, ge=1, le=1_000_000, description="different sequences to learn from, without end when not given")
    subset: int = Field(0, ge=0, lt=2**31, description="which examples these are", json_schema_extra={"advanced": True})
    split: Literal["train", "test"] = Field("train", description="people and sums to learn from, or those that are held out")

    @model_validator(mode="after")
    def _styles_are_known(self):
        if not all(0 <= style < len(STYLES) for style in self.styles):
            raise ValueError(f"styles is {list(self.styles)}; each must lie between 0 and {len(STYLES) - 1}")
        return self

    @property
    def label(self) -> str:
        name = "Tiny language" if self.tasks == type(self)().tasks else f"Tiny language: {', '.join(self.tasks)}"
        return name + (" (held out)" if self.split == "test" else "")

    @property
    def natural_length(self) -> int:
        return SENTENCE * self.documents if self.writes and self.documents else NATURAL

    @property
    def writes(self) -> bool:
        return set(self.tasks) <= WRITTEN

    def written(self, tokens: Tokens) -> Mask:
        ended = (tokens == END).cumsum(1) - (tokens == END).long()
        return ended < (self.documents or tokens.shape[1])

    def held_out(self) -> "TinyLanguage":
        return self.model_copy(update={"split": "test", "predict": "answers", "examples": None, "subset": 0})

    def related(self) -> tuple["TinyLanguage", ...]:
        return tuple(self.model_copy(update={"tasks": (task,), "weights": ()}) for task in self.tasks if task != "prose")

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        rng = np.random.default_rng(rng)
        if self.examples is None:
            return self._drawn(n, length, rng)
        each = [self._drawn(1, length, stream(self.subset, "example", int(i))) for i in rng.integers(self.examples, size=n)]
        return Batch(*(torch.cat([getattr(one, name) for one in each]) for name in ("tokens", "latent", "mask")))

    def _drawn(self, n: int, length: int, rng: np.random.Generator) -> Batch:
        world = World(rng, self.split == "test")
        latent = np.stack([rng.choice(len(self.tasks), size=n, p=self.prior), rng.integers(len(self.styles), size=n)], axis=1)
        tokens, mask = np.full((n, length), END), np.zeros((n, length), dtype=bool)
        for row, (task, style) in enumerate(latent):
            self._write(world, self.tasks[task], self.styles[style], tokens[row], mask[row])
        return Batch(torch.from_numpy(tokens), torch.from_numpy(latent), torch.from_numpy(mask))

    def _write(self, world: World, task: Kind, style: int, tokens: np.ndarray, mask: np.ndarray) -> None:
        """Fill one sequence with documents; an answer that is cut off at the end is not asked."""
        at, written = 0, 0
        while at < len(tokens) and written != self.documents:
            words, asked = [], []
            for text, counts in TASKS[task](world, style):
                part = _encoded(text)
                words += part
                asked += [counts and at + len(words) <= len(tokens)] * len(part)
            words, asked = [*words, END], [*asked, asked[-1]]
            if self.predict == "known":
                asked = [one or two for one, two in zip(asked, _named_again(words), strict=True)]
            elif self.predict == "everything":
                asked = [True] * len(words)
            room = len(tokens) - at
            tokens[at:at + len(words)], mask[at:at + len(words)] = words[:room], asked[:room]
            at, written = at + len(words), written + 1


def _named_again(words: list[int]) -> list[bool]:
    """Which words are the last name of somebody who was named before: to know it, a network has to find the first name again."""
    pairs = list(zip([END, *words], words, strict=False))
    return [pair[1] in LAST_NAMES and pair in pairs[:i] for i, pair in enumerate(pairs)]


def _encoded(text: str) -> list[int]:
    return [ID[word] for word in text.split()]


__all__ = ["WORDS", "TinyLanguage", "decode", "encode"]
