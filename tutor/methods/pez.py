"""PEZPT: free vectors whose gradient is taken at the tokens nearest to them."""

from typing import ClassVar, Literal

import torch
from pydantic import Field

from tutor.methods.discrete_search import AbstractDiscreteMethod, DiscreteSearch, Proposal
from tutor.predictors import Predictor
from tutor.sources import AbstractSource
from tutor.training.recipe import Recipe


class PEZPT(AbstractDiscreteMethod):
    """Hard prompts made easy (Wen et al. 2023): vectors move by the gradient at the tokens nearest to them, which are the prompt.

    It is local: where the gradient at those tokens points away from all others, it stays.
    """

    label: ClassVar[str] = "PEZPT"
    in_words: ClassVar[str] = "hard prompt by projection"
    kind: Literal["pez"] = "pez"
    rate: float = Field(0.3, gt=0, le=10, description="learning rate of the vectors")

    def cost(self, vocab: int) -> int:
        return 3                                       # at the tokens, at the vectors, and the rounded prompt

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "PEZSearch":
        return PEZSearch(self, base, on, recipe, seed)


class PEZSearch(DiscreteSearch):
    """One step of the vectors per step."""

    def __init__(self, method: PEZPT, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int):
        super().__init__(method, base, on, recipe, seed)
        self.words = base.embed(torch.eye(base.vocab)).detach()                              # (V, E)
        self.free(self.words[self.tokens], method.rate)

    def propose(self) -> Proposal:
        nearest = self._project()
        at = self.words[nearest].clone().requires_grad_()
        self.optimiser.zero_grad()
        self.parameter.grad = torch.autograd.grad(self.loss_at(at, embedded=True), at)[0]
        with torch.no_grad():
            before = self.loss_at(self.parameter, embedded=True).item()
        self.optimiser.step()
        return Proposal(nearest[None], before)

    def _project(self):
        return torch.cdist(self.parameter.detach(), self.words).argmin(1)
