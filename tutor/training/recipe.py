"""How to optimise: a recipe says every number of a training, and knows the papers' values and the fast ones."""

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tutor.core.types import Spec

Targets = Literal["sampled", "truth", "bayes"]
MAX_TOKENS = 100_000
"""Tokens of one optimiser step, which bounds its time."""
ADVANCED = {"advanced": True}
"""Fields that a form shows only on request."""
Change = tuple[Annotated[int, Field(ge=0)], Annotated[float, Field(gt=0, le=1)]]


class Recipe(Spec):
    """How to optimise: Adam with clipped gradients, optional warm-up and cosine decay.

    `targets` says what the loss compares with: `sampled` tokens (log loss, as in the papers), the generator's conditional
    (`truth`) or the exact posterior predictive (`bayes`, distillation of the ideal predictor). All three have the same
    expected gradient; which one has less noise depends on the network (docs/measurement.md, "Targets of training").
    """

    steps: int = Field(1000, ge=0, le=100_000, description="optimiser steps; 0 leaves the network untrained")
    batch: int = Field(256, ge=1, le=4096, description="sequences per step")
    length: int = Field(100, ge=1, le=1000, description="tokens per sequence")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="largest learning rate of Adam")
    clip: float = Field(1.0, gt=0, le=1000, description="largest norm of the gradient")
    warmup: float = Field(0.0, ge=0, le=0.9, description="share of the steps in which the learning rate rises from zero")
    cosine: bool = Field(False, description="let the learning rate fall to zero along a cosine")
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam's memory of gradients", json_schema_extra=ADVANCED)
    beta2: float = Field(0.999, ge=0.5, lt=1, description="Adam's memory of squared gradients", json_schema_extra=ADVANCED)
    curriculum: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (), max_length=10, description="shorter lengths to begin with, each for an equal share of the steps", json_schema_extra=ADVANCED
    )
    stratified: bool = Field(False, description="spread the sequences of a step evenly over the source", json_schema_extra=ADVANCED)
    targets: Targets = Field(
        "sampled", description="what the loss compares with: sampled tokens, the generator's truth, or the Bayes predictor"
    )
    changes: tuple[Change, ...] = Field((), max_length=100, description="changes of the learning rate on the way, as (step, learning rate)")

    @model_validator(mode="after")
    def _fits_in_memory(self):
        if self.batch * self.length > MAX_TOKENS:
            raise ValueError(f"batch is {self.batch} and length is {self.length}; one step holds at most {MAX_TOKENS:,} tokens")
        return self

    @model_validator(mode="after")
    def _curriculum_grows(self):
        if list(self.curriculum) != sorted(set(self.curriculum)):
            raise ValueError(f"curriculum is {list(self.curriculum)}; the lengths must grow")
        return self

    @model_validator(mode="after")
    def _changes_in_order(self):
        steps = [step for step, _ in self.changes]
        if steps != sorted(set(steps)) or any(step > self.steps for step in steps):
            raise ValueError(f"changes is at steps {steps}; they must rise and not pass steps = {self.steps}")
        return self

    @classmethod
    def paper(cls) -> "Recipe":
        """Pretraining of Genewein et al. 2025, appendix: 1,000 steps of 256 sequences of 100 tokens, Adam at 1e-3, clip 1."""
        return cls()

    @classmethod
    def paper_tuning(cls) -> "Recipe":
        """Tuning of Genewein et al. 2025, appendix: 1,000 steps of 256 sequences of 50 tokens, Adam at 5e-3, clip 1."""
        return cls(length=50, learning_rate=5e-3)

    @classmethod
    def fast(cls) -> "Recipe":
        """Pretraining in seconds: exact targets, few stratified sequences that grow, warm-up and cosine, a short-sighted Adam."""
        return cls(steps=320, batch=8, length=200, curriculum=(50,), stratified=True, targets="bayes",
                   learning_rate=3e-3, warmup=0.05, cosine=True, beta1=0.85, beta2=0.9)

    @classmethod
    def fast_tuning(cls) -> "Recipe":
        """Tuning in seconds: exact targets, few stratified sequences, warm-up and cosine, a short-sighted Adam."""
        return cls(steps=250, batch=4, length=50, stratified=True, targets="bayes",
                   learning_rate=4e-2, warmup=0.05, cosine=True, beta1=0.85, beta2=0.9)

    @classmethod
    def untrained(cls) -> "Recipe":
        """No step at all: the random network of the paper's untrained study."""
        return cls(steps=0)

    @property
    def operations(self) -> float:
        """Operations per weight of the network: 2 forward and 4 back for every token."""
        return 6.0 * self.steps * self.batch * sum(self.lengths) / len(self.lengths)

    @property
    def lengths(self) -> list[int]:
        """The lengths that share the steps equally: those of the curriculum that are shorter than `length`, then `length`."""
        return [*(n for n in self.curriculum if n < self.length), self.length]

    def length_at(self, step: int) -> int:
        """Tokens per sequence at `step` (0-based)."""
        return self.lengths[min(step * len(self.lengths) // max(1, self.steps), len(self.lengths) - 1)]

    def tokens_before(self, step: int) -> int:
        """Tokens of each sequence, summed over the first `step` steps: what their time grows with."""
        share = len(self.lengths)
        starts = [-(-i * self.steps // share) for i in range(share)] + [self.steps]
        taken = [min(step, end) - min(step, start) for start, end in pairwise(starts)]
        return sum(length * steps for length, steps in zip(self.lengths, taken, strict=True))

    def rate(self, step: int) -> float:
        """Learning rate at `step` (0-based): the schedule, its peak replaced by the latest change."""
        peak = ([self.learning_rate] + [rate for at, rate in self.changes if at <= step])[-1]
        rising = min(1.0, (step + 1) / max(1.0, self.warmup * self.steps))
        falling = 0.5 * (1 + math.cos(math.pi * step / max(1, self.steps))) if self.cosine else 1.0
        return peak * rising * falling
