"""TransferPT: a prompt that is tuned to one task, and from there to another."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from tutor.core.rng import stream
from tutor.methods.soft_prompts import SoftPT
from tutor.predictors import AbstractBody, Predictor
from tutor.sources import AbstractSource, AnySource
from tutor.training.loop import Step, Training
from tutor.training.recipe import Recipe

Handed = Literal["tuned", "shuffled", "redrawn"]


class TransferPT(SoftPT):
    """Soft prompt transfer (SPoT, Vu et al. 2022): another task's posterior is where tuning begins."""

    label: ClassVar[str] = "TransferPT"
    in_words: ClassVar[str] = "transferred prompt"
    kind: Literal["transfer"] = "transfer"
    first: AnySource | None = Field(None, description="what to tune to before; the target itself when not given")
    first_steps: int | None = Field(None, ge=0, le=100_000, description="steps of that; as many as of the target when not given")
    handed: Handed = Field("tuned", description="where the target starts: the vectors that the first task left, the same in another order, "
                                                "or others drawn from their mean and covariance, as controls")

    @property
    def sources(self) -> tuple[AbstractSource, ...]:
        return (self.first,) if self.first is not None else ()

    def check(self, body: AbstractBody, vocab: int) -> None:
        super().check(body, vocab)
        if self.first is not None and self.first.vocab != vocab:
            raise ValueError(f"first has {self.first.vocab} symbols and the network {vocab}; both must have the same")
        if self.handed == "redrawn" and self.length < 2:
            raise ValueError(f"length is {self.length}; to be redrawn, a prompt needs two vectors or more")
        if self.handed != "tuned" and self.first_steps == 0:
            raise ValueError("first_steps is 0; what is handed on has to be tuned first, for a step or more")

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "TwoTasks":
        steps = recipe.steps if self.first_steps is None else self.first_steps
        first = self.first or on
        length = first.natural_length or recipe.length
        stages = (first, recipe.model_copy(update={"steps": steps, "length": length})), (on, recipe)
        return TwoTasks(self.attach(base, seed), *stages, seed, lambda rows: self._handed(rows, seed))

    def _handed(self, rows: Float[Tensor, "K E"], seed: int) -> Float[Tensor, "K E"]:
        rng = stream(seed, "handed")
        if self.handed == "redrawn":
            mixed = torch.from_numpy(rng.standard_normal((len(rows), len(rows)))).float()
            return rows.mean(0) + mixed @ (rows - rows.mean(0)) / (len(rows) - 1) ** 0.5  # of rank K - 1 at most
        return rows[torch.from_numpy(rng.permutation(len(rows)))] if self.handed == "shuffled" else rows

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        steps = recipe.steps if self.first_steps is None else self.first_steps
        return weights * recipe.operations * (1 + steps / max(1, recipe.steps))


class TwoTasks:
    """One training after another of the same prompt, each with an optimiser of its own; steps are counted through both.

    handed: what the second training is given, of what the first has left.
    """

    def __init__(self, predictor: Predictor, first: tuple[AbstractSource, Recipe], second: tuple[AbstractSource, Recipe], seed: int,
                 handed: Callable[[Float[Tensor, "K E"]], Float[Tensor, "K E"]]):
        self.predictor, self._before, self._handed = predictor, first[1].steps, handed
        self.steps = self._before + second[1].steps
        self._second = lambda: Training(predictor, *second, seed)
        self._now = Training(predictor, *first, seed) if self._before else self._second()
        self._is_second = not self._before

    @property
    def step(self) -> int:
        return self._now.step + (self._before if self._is_second else 0)

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    def advance(self) -> Step:
        if self._now.done and not self._is_second:
            rows = self.predictor.embedding_prompt.rows
            with torch.no_grad():
                rows.copy_(self._handed(rows.detach().clone()))
            self._now, self._is_second = self._second(), True
        found = self._now.advance()
        return replace(found, step=self.step)

    def state_tensors(self) -> dict[str, Tensor]:
        part = "second" if self._is_second else "first"
        return {f"{part}.{name}": tensor for name, tensor in self._now.state_tensors().items()} | {"step": torch.tensor(self.step)}

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        part = "second" if "second.step" in flat else "first"
        if part == "second" and not self._is_second:
            self._now, self._is_second = self._second(), True
        self._now.load_tensors({name.removeprefix(f"{part}."): tensor for name, tensor in flat.items() if name.startswith(f"{part}.")})

    def findings(self) -> dict[str, Tensor]:
        return {}
