"""GCGPT: greedy coordinate gradient, random swaps among those that the gradient likes."""

from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import Field

from tutor.core.rng import stream
from tutor.methods.discrete_search import AbstractDiscreteMethod, DiscreteSearch, Proposal
from tutor.predictors import Predictor
from tutor.sources import AbstractSource
from tutor.training.recipe import Recipe


class GCGPT(AbstractDiscreteMethod):
    """Greedy coordinate gradient (Zou et al. 2023): swaps drawn among the steepest tokens of all positions; the best of a step goes on."""

    label: ClassVar[str] = "GCGPT"
    in_words: ClassVar[str] = "hard prompt by swaps"
    kind: Literal["gcg"] = "gcg"
    candidates: int = Field(16, ge=1, le=512, description="swaps that are judged per step")
    top: int = Field(64, ge=1, le=1024, description="steepest tokens of a position among which swaps are drawn",
                     json_schema_extra={"advanced": True})

    def cost(self, vocab: int) -> int:
        return 1 + self.candidates

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "GCGSearch":
        return GCGSearch(self, base, on, recipe, seed)


class GCGSearch(DiscreteSearch):
    """One round of swaps per step."""

    def propose(self) -> Proposal:
        slope, loss = self.slope(self.tokens)
        steep = slope.argsort(dim=1, stable=True)[:, :self.method.top]                       # (K, top)
        rng, count = stream(self.seed, "swaps", self.step), self.method.candidates
        at = np.arange(count) % self.method.length                                           # every position in turn
        prompts = self.tokens.repeat(count, 1)
        chosen = torch.from_numpy(rng.integers(steep.shape[1], size=count))
        prompts[torch.arange(count), torch.from_numpy(at)] = steep[torch.from_numpy(at), chosen]
        return Proposal(prompts, loss)
