"""HardPT: try every hard prompt and keep the best, as far as that is affordable."""

from itertools import product
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from tutor.losses import kl
from tutor.methods.base import AbstractMethod, PromptField
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.seams import HardPrompt
from tutor.rng import stream
from tutor.sources import AbstractSource
from tutor.train import Recipe, Step

MAX_PROMPTS = 2**12
CHUNK = 256
"""Sequences per forward pass, which bounds the memory of a search."""


class HardPT(PromptField, AbstractMethod):
    """Exhaustive search over all V^K hard prompts (Genewein et al. 2025, section 3); at most 4,096 of them.

    Every candidate is scored on the same sequences by its expected loss over the next token; ties go to the
    lexicographically smallest prompt.
    """

    label: ClassVar[str] = "HardPT"
    recipe_free: ClassVar[bool] = True
    kind: Literal["hard"] = "hard"
    sequences: int = Field(256, ge=16, le=8192, description="sequences on which every candidate is scored",
                           json_schema_extra={"advanced": True})

    def check(self, body: AbstractBody, vocab: int) -> None:
        if vocab**self.length > MAX_PROMPTS:
            raise ValueError(f"length is {self.length}; HardPT would try {vocab}^{self.length} = {vocab**self.length:,} prompts, "
                             f"at most {MAX_PROMPTS:,} are allowed (shorten the prompt or choose SimplexPT)")

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        return 2.0 * weights * vocab**self.length * self.sequences * (self.length + recipe.length)

    def supports(self, base: Predictor) -> bool:
        return base.vocab**self.length <= MAX_PROMPTS

    def attach(self, base: Predictor, seed: int) -> Predictor:
        return self._with(base, (0,) * self.length)

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "Search":
        return Search(self, base, on, recipe.length, seed)

    def _with(self, base: Predictor, tokens: tuple[int, ...]) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = HardPrompt(tokens, base.vocab), self.placement
        return tuned


class Search:
    """The search under way: one candidate per `advance()`; the predictor holds the best prompt so far."""

    def __init__(self, method: HardPT, base: Predictor, on: AbstractSource, length: int, seed: int):
        if not method.supports(base):
            raise ValueError(f"length is {method.length}; HardPT tries at most {MAX_PROMPTS:,} prompts")
        self.candidates = list(product(range(base.vocab), repeat=method.length))
        self.predictor = method.attach(base, seed)
        tokens = on.sample(method.sequences, length, stream(seed, "search")).tokens
        self.tokens = tokens.numel()
        self.chunks = list(zip(tokens.split(CHUNK), on.log_bayes(tokens).float().split(CHUNK), strict=True))
        self.step, self.steps = 0, len(self.candidates)
        self.scores = torch.full((self.steps,), torch.inf, dtype=torch.float64)

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    @torch.no_grad()
    def advance(self) -> Step:
        """Score the next candidate; loss is its expected divergence from the exact Bayes predictor (nats per token)."""
        best = int(self.scores.argmin())
        self._show(self.step)
        parts = [kl(log_bayes, self.predictor(tokens)).sum() for tokens, log_bayes in self.chunks]
        score = self.scores[self.step] = float(sum(parts) / self.tokens)
        self._show(self.step if score < self.scores[best] or self.step == 0 else best)
        self.step += 1
        return Step(self.step, score, score, 0.0, 0.0)

    def state_tensors(self) -> dict[str, Tensor]:
        return {"step": torch.tensor(self.step), "scores": self.scores.clone()}

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        self.step, self.scores = int(flat["step"]), flat["scores"].clone()
        self._show(int(self.scores.argmin()))

    def _show(self, candidate: int) -> None:
        self.predictor.token_prompt = HardPrompt(self.candidates[candidate], self.predictor.vocab)
