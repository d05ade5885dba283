"""Prompts found by gradient: probability vectors or free vectors in token space, and free vectors in embedding space.

The three differ only in the space in which the same K rows are free (Genewein et al. 2025, section 3).
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from tutor.core.rng import stream
from tutor.methods.method import AbstractGradientMethod, InitField, PromptField, draw_random_tokens, draw_starting_rows
from tutor.methods.priors import AnyPrior, Embeddings
from tutor.methods.prompt_scores import draw_judge
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prompt_inputs import RealPrompt, SimplexPrompt
from tutor.sources import AbstractSource
from tutor.training.loop import Training
from tutor.training.recipe import Recipe


class SimplexPT(PromptField, InitField, AbstractGradientMethod):
    """K probability vectors over the tokens, prepended in token space; a one-hot start passes the softmax, as in the paper's code."""

    label: ClassVar[str] = "SimplexPT"
    in_words: ClassVar[str] = "simplex prompt"
    kind: Literal["simplex"] = "simplex"

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "SimplexTraining":
        return SimplexTraining(self.attach(base, seed), on, recipe, seed, base.frozen_copy())

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = SimplexPrompt(draw_starting_rows(self.init, self.length, base.vocab, seed)), self.placement
        return tuned


class SimplexTraining(Training):
    """A training of which it is told what the prompt would cost if each row were rounded to its likeliest token."""

    def __init__(self, predictor: Predictor, source: AbstractSource, recipe: Recipe, seed: int, base: Predictor):
        super().__init__(predictor, source, recipe, seed)
        self.base = base

    @torch.no_grad()
    def findings(self) -> dict[str, Tensor]:
        """Loss on the same sequences (nats per token) before and after rounding, [1] each; ties round to the smaller token."""
        judge = draw_judge(self.source, SEQUENCES, self.recipe.length, stream(self.seed, "search", 0), stratified=self.recipe.stratified)
        tokens = self.predictor.token_prompt().argmax(-1)
        rounded = judge.score(self.base, tokens[None], self.predictor.placement)
        return {"before": judge.loss(self.predictor)[None], "rounded": rounded.float()}


SEQUENCES = 256
"""On which the loss after rounding is told."""


class RealPT(PromptField, InitField, AbstractGradientMethod):
    """K free real vectors prepended in token space."""

    label: ClassVar[str] = "RealPT"
    in_words: ClassVar[str] = "real-valued prompt"
    kind: Literal["real"] = "real"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = RealPrompt(draw_starting_rows(self.init, self.length, base.vocab, seed)), self.placement
        return tuned


class SoftPT(PromptField, AbstractGradientMethod):
    """K free vectors inserted in embedding space, after BOS (prompt tuning, Lester et al. 2021)."""

    label: ClassVar[str] = "SoftPT"
    in_words: ClassVar[str] = "soft prompt"
    kind: Literal["soft"] = "soft"
    init: Literal["one_hot", "normal", "zeros", "uniform", "tokens"] = Field(
        "one_hot", description="start of the vectors: random one-hot rows (the paper), normal, zeros, uniform in [-0.5, 0.5], or "
                               "embeddings of random tokens"
    )
    prior: AnyPrior | None = Field(
        None, description="a prior to draw the vectors from, in the place of init", json_schema_extra={"advanced": True}
    )

    def check(self, body: AbstractBody, vocab: int) -> None:
        if self.prior is not None:
            self.prior.check(vocab)

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embedding_prompt, tuned.placement = RealPrompt(self._start(base, seed)), self.placement
        return tuned

    def _start(self, base: Predictor, seed: int) -> Float[Tensor, "K E"]:
        if self.prior is not None:
            return self.prior.draw(Embeddings(base), self.length, seed)
        if self.init != "tokens":
            return draw_starting_rows(self.init, self.length, base.embedding, seed)
        tokens = torch.tensor(draw_random_tokens(self.length, base.vocab, seed), dtype=torch.int64)
        return base.embed(F.one_hot(tokens, base.vocab).float()).detach()
