"""HotFlipPT: position by position, the tokens that the gradient likes best are tried."""

from typing import ClassVar, Literal

import torch
from pydantic import Field

from tutor.core.rng import stream
from tutor.methods.discrete_search import AbstractDiscreteMethod, DiscreteSearch, Proposal
from tutor.predictors import Predictor
from tutor.sources import AbstractSource
from tutor.training.recipe import Recipe


class HotFlipPT(AbstractDiscreteMethod):
    """Sweeps over the positions; at each the tokens with the steepest descent are judged (HotFlip, Ebrahimi et al. 2018).

    A change stays only if it helps. After a sweep without one the search starts anew from random tokens; the best is kept.
    """

    label: ClassVar[str] = "HotFlipPT"
    in_words: ClassVar[str] = "hard prompt by flips"
    kind: Literal["hotflip"] = "hotflip"
    candidates: int = Field(16, ge=1, le=256, description="tokens that are tried at a position")

    def tried(self, vocab: int) -> int:
        """Tokens tried at a position: a vocabulary has no more others than it has."""
        return min(self.candidates, vocab - 1)

    def cost(self, vocab: int) -> int:
        return 2 + self.tried(vocab)                   # the gradient, the prompt as it is, and the candidates

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "HotFlipSearch":
        return HotFlipSearch(self, base, on, recipe, seed)


class HotFlipSearch(DiscreteSearch):
    """One position per step."""

    def __init__(self, method: HotFlipPT, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int):
        super().__init__(method, base, on, recipe, seed)
        self.idle = 0

    def propose(self) -> Proposal:
        at = self.step % self.method.length
        slope, loss = self.slope(self.tokens)
        order = slope[at].argsort(stable=True)
        others = order[order != self.tokens[at]][:self.method.tried(self.base.vocab)]
        prompts = self.tokens.repeat(1 + len(others), 1)
        prompts[1:, at] = others
        return Proposal(prompts, loss)

    def learn(self, prompts, scores):
        before = self.tokens
        super().learn(prompts, scores)
        self.idle = self.idle + 1 if torch.equal(before, self.tokens) else 0
        if self.idle >= self.method.length:
            rng = stream(self.seed, "restart", self.step)
            self.tokens, self.idle = torch.from_numpy(rng.integers(self.base.vocab, size=self.method.length)), 0

    def state_tensors(self):
        return super().state_tensors() | {"idle": torch.tensor(self.idle)}

    def load_tensors(self, flat):
        super().load_tensors(flat)
        self.idle = int(flat["idle"])
