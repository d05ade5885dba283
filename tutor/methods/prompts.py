"""Prompts found by gradient: probability vectors or free vectors in token space, and free vectors in embedding space.

The three differ only in the space in which the same K rows are free (Genewein et al. 2025, section 3).
"""

from typing import ClassVar, Literal

from tutor.methods.base import AbstractGradientMethod, InitField, PromptField, starting_rows
from tutor.predictors import Predictor
from tutor.predictors.seams import RealPrompt, SimplexPrompt


class SimplexPT(PromptField, InitField, AbstractGradientMethod):
    """K probability vectors over the tokens, prepended in token space; a one-hot start passes the softmax, as in the paper's code."""

    label: ClassVar[str] = "SimplexPT"
    kind: Literal["simplex"] = "simplex"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = SimplexPrompt(starting_rows(self.init, self.length, base.vocab, seed)), self.placement
        return tuned


class RealPT(PromptField, InitField, AbstractGradientMethod):
    """K free real vectors prepended in token space."""

    label: ClassVar[str] = "RealPT"
    kind: Literal["real"] = "real"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = RealPrompt(starting_rows(self.init, self.length, base.vocab, seed)), self.placement
        return tuned


class SoftPT(PromptField, InitField, AbstractGradientMethod):
    """K free vectors inserted in embedding space, after BOS (prompt tuning, Lester et al. 2021)."""

    label: ClassVar[str] = "SoftPT"
    kind: Literal["soft"] = "soft"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.embedding_prompt = RealPrompt(starting_rows(self.init, self.length, base.embedding, seed))
        tuned.placement = self.placement
        return tuned
