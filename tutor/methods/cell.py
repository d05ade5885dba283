"""CellPT: a prompt that does its task and cannot read as anything but a given sentence."""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.methods.priors import Embeddings
from tutor.methods.worded import AbstractWordedPT
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.sources import AbstractSource
from tutor.training.loop import Step, Training
from tutor.training.recipe import Recipe

WITHIN = 0.999
"""Of the way to a wall that a vector may go, so that rounding leaves it on its side."""
ROUNDS = 200
"""Walls at most that one projection moves a vector to."""


class CellPT(AbstractWordedPT):
    """A soft prompt whose vectors never leave the cells of their words: after every step each is moved to the nearest point there.

    The cell of a word (its Voronoi cell) is where no other token is nearer by distance. Within it a vector is free, unlike on the leash
    of a WaywardPT, which pulls it onto the word itself. The prompt starts as the sentence.
    """

    label: ClassVar[str] = "CellPT"
    in_words: ClassVar[str] = "prompt in cells"
    kind: Literal["cell"] = "cell"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embedding_prompt = RealPrompt(self.embed_words(base, seed))
        return tuned

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "TrainingInCells":
        table = Embeddings(base).vocabulary.detach()
        return TrainingInCells(self.attach(base, seed), on, recipe, seed, Cells(table, torch.tensor(self.words)))


class Cells:
    """The cells of some words, as their walls: a direction and a distance from the word for every other token."""

    def __init__(self, table: Float[Tensor, "V D"], words: Tensor):
        self.words = table[words]
        away = table - self.words[:, None]                                                  # (K, V, D)
        far = away.norm(dim=2)
        self.towards = away / far.clamp(min=1e-12)[..., None]
        self.reach = (WITHIN * far / 2).masked_fill(far == 0, torch.inf)                    # (K, V), none towards the word itself

    def project(self, rows: Float[Tensor, "K D"]) -> Float[Tensor, "K D"]:
        """Move every vector to the nearest point of its cell (Hildreth 1957: wall by wall, the one that asks for most at a time)."""
        offset, pushed, each = rows - self.words, torch.zeros_like(self.reach), torch.arange(len(rows))
        for _ in range(ROUNDS):
            change = (pushed + self._beyond(offset)).clamp(min=0) - pushed
            wall = change.abs().argmax(1)
            push = change[each, wall]
            if push.abs().max() < 1e-5 * self.reach.amin():
                break
            pushed[each, wall] += push
            offset = offset - push[:, None] * self.towards[each, wall]
        # What is still outside after the last round goes straight towards its word.
        beyond = (offset[:, None] * self.towards).sum(2) / self.reach
        return self.words + offset / beyond.amax(1, keepdim=True).clamp(min=1)

    def _beyond(self, offset: Float[Tensor, "K D"]) -> Float[Tensor, "K V"]:
        return (offset[:, None] * self.towards).sum(2) - self.reach


class TrainingInCells(Training):
    """A training after each of whose steps the prompt's vectors are moved back into their cells."""

    def __init__(self, predictor: Predictor, source: AbstractSource, recipe: Recipe, seed: int, cells: Cells):
        super().__init__(predictor, source, recipe, seed)
        self._cells = cells

    def advance(self) -> Step:
        found, rows = super().advance(), self.predictor.embedding_prompt.rows
        with torch.no_grad():
            rows.copy_(self._cells.project(rows))
        return found
