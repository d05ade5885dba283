"""GumbelPT: a distribution over tokens at every position, sampled while it sharpens."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch.nn import functional as F

from tutor.core.rng import stream
from tutor.methods.discrete_search import AbstractDiscreteMethod, DiscreteSearch, Proposal
from tutor.methods.method import draw_starting_rows
from tutor.predictors import Predictor
from tutor.sources import AbstractSource
from tutor.training.recipe import Recipe


class GumbelPT(AbstractDiscreteMethod):
    """Straight-through Gumbel softmax (Jang et al. 2017): hard samples forward, soft gradients back, at a falling temperature."""

    label: ClassVar[str] = "GumbelPT"
    in_words: ClassVar[str] = "hard prompt by sampling"
    kind: Literal["gumbel"] = "gumbel"
    rate: float = Field(0.1, gt=0, le=10, description="learning rate of the logits")
    hot: float = Field(2.0, gt=0, le=100, description="temperature at the first step", json_schema_extra={"advanced": True})
    cold: float = Field(0.2, gt=0, le=100, description="temperature at the last step", json_schema_extra={"advanced": True})

    def cost(self, vocab: int) -> int:
        return 4                                       # the sample, the distribution, and two roundings

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "GumbelSearch":
        return GumbelSearch(self, base, on, recipe, seed)


class GumbelSearch(DiscreteSearch):
    """One sample per step; it is judged, and so is the likeliest prompt."""

    def __init__(self, method: GumbelPT, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int):
        super().__init__(method, base, on, recipe, seed)
        self.free(0.1 * draw_starting_rows("normal", method.length, base.vocab, seed), method.rate)

    def propose(self) -> Proposal:
        logits, method = self.parameter, self.method
        done = self.step / max(1, self.steps - 1)
        temperature = method.hot * (method.cold / method.hot) ** done
        uniform = torch.from_numpy(stream(self.seed, "gumbel", self.step).random(tuple(logits.shape))).clamp(1e-9, 1 - 1e-9)
        soft = ((logits - (-uniform.log()).log().float()) / temperature).softmax(-1)
        drawn = soft.argmax(-1)
        rows = F.one_hot(drawn, self.base.vocab).float() + soft - soft.detach()
        self.optimiser.zero_grad()
        logits.grad = torch.autograd.grad(self.loss_at(rows), logits)[0]
        self.optimiser.step()
        with torch.no_grad():
            before = self.loss_at(logits.softmax(-1)).item()
        return Proposal(torch.stack([logits.argmax(-1), drawn]), before)
