"""DistilledPT: a per-layer prefix in the place of demonstrations; it learns what the network predicts with these in its context."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from tutor.core.losses import cross_entropy, mean_kl
from tutor.core.rng import stream
from tutor.core.types import LogProbs, Tokens
from tutor.methods.prefix import PrefixPT
from tutor.predictors import Predictor
from tutor.sources import AbstractSource, Batch
from tutor.training.loop import Training
from tutor.training.recipe import Recipe


class DistilledPT(PrefixPT):
    """Context distillation (Askell et al. 2021; Snell et al. 2022) into a prefix instead of weights.

    The teacher is the same network, untuned, with a few sequences of the target in front, the same ones for the whole tuning. Neither
    `targets` nor the drawn answers are compared with, only its predictions.
    """

    label: ClassVar[str] = "DistilledPT"
    in_words: ClassVar[str] = "distilled demonstrations"
    kind: Literal["distilled"] = "distilled"
    demonstrations: int = Field(1, ge=1, le=8, description="sequences of the target that the teacher sees before each one")

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "Distillation":
        shown = draw_demonstrations(on, self.demonstrations, recipe.length, seed)
        return Distillation(partial(predict_behind, base.frozen_copy(), shown), self.attach(base, seed), on, recipe, seed)

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        teacher = (1 + self.demonstrations) / 3                   # only forward, which is a third, over all that it reads
        return super().operations(weights, recipe, vocab) * (1 + teacher)


class Distillation(Training):
    """A training whose targets are what `teacher` predicts of the same tokens (log p in nats)."""

    def __init__(self, teacher: Callable[[Tokens], LogProbs], predictor: Predictor, source: AbstractSource, recipe: Recipe, seed: int):
        super().__init__(predictor, source, recipe, seed)
        self.teacher = teacher

    def _measured(self, batch: Batch, log_p: LogProbs) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Mean loss against the teacher's predictions, and mean divergence from them."""
        with torch.no_grad():
            wanted = self.teacher(batch.tokens)
        return cross_entropy(wanted.exp(), log_p, batch.mask), mean_kl(wanted, log_p.detach(), batch.mask)


def draw_demonstrations(on: AbstractSource, n: int, length: int, seed: int) -> Int[Tensor, " K"]:
    """Draw sequences of a source, without what fills them up behind the last document, one after another."""
    tokens = on.sample(n, length, stream(seed, "demonstrations")).tokens
    return torch.cat([row[kept] for row, kept in zip(tokens, on.written(tokens), strict=True)])


def predict_behind(predictor: Predictor, shown: Int[Tensor, " K"], tokens: Tokens) -> LogProbs:
    """Predict every token of each row after the shown ones and those before it (log p in nats)."""
    return predictor(torch.cat([shown.expand(len(tokens), -1), tokens], dim=1))[:, len(shown):]
