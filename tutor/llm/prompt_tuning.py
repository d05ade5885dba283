"""Tuning a prompt for a model from elsewhere on a text: one step after the other, so that somebody can watch and stop it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import annotated_types
import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from tutor.core.free_memory import format_bytes, free_bytes
from tutor.core.rng import stream
from tutor.core.spec_errors import SpecError
from tutor.core.types import Spec
from tutor.llm.causal_model import OwnModel
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.memory_need import working_bytes
from tutor.llm.model_location import ModelError
from tutor.llm.prompted_model import PROMPTS, SoftPrompt
from tutor.llm.tuning_text import TextWindows
from tutor.measure.prompt_geometry import Neighbours, TokenGeometry, distance_travelled, measure_tokens, neighbours

MOMENTS = 24
NEAREST = 3
"""Nearest tokens that are listed for a vector, by each measure."""
HELD_OUT_EXAMPLES = 32
"""Examples of the validation part that are looked at, the first ones."""


class PromptRecipe(Spec):
    """How a prompt is tuned: AdamW on the prompt alone, in single precision. Losses are nats per token."""

    method: Literal["SoftPT", "PrefixPT"] = Field("SoftPT", description="vectors in front of the text, or keys and values in every layer")
    length: int = Field(10, ge=1, le=64, description="prompt vectors")
    steps: int = Field(200, ge=1, le=5000, description="steps of the optimiser")
    batch: int = Field(4, ge=1, le=32, description="examples for each step")
    window: int = Field(32, ge=4, le=256, description="tokens of one example")
    learning_rate: float = Field(0.01, gt=0, le=1, description="of AdamW")
    leash: float = Field(0.0, ge=0, le=10_000, description="of SoftPT: nats that it costs to be as far from where each vector started as "
                         "tokens are from their mean, so that the prompt goes on reading as it did (Khashabi et al. 2022)")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="decides where the prompt starts and the order of the examples")

    @classmethod
    def of(cls, **fields: object) -> "PromptRecipe":
        """The same from anything that a browser may send. Refused with field, value and what is allowed."""
        try:
            return cls(**fields)
        except SpecError as error:
            raise ModelError(_allowed(error.field, error.value)) from error


def _allowed(name: str, value: object) -> str:
    field = PromptRecipe.model_fields.get(name)
    if field is None:
        return f"{name[:40]} is not a setting; there are {', '.join(PromptRecipe.model_fields)}"
    low = next((bound.ge if isinstance(bound, annotated_types.Ge) else "more than 0" for bound in field.metadata
                if isinstance(bound, annotated_types.Ge | annotated_types.Gt)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, annotated_types.Le)), None)
    said = f"{name.replace('_', ' ')} is {str(value)[:40]}"
    if low is None:
        return f"{said}; it must be {' or '.join(PROMPTS)}"
    return f"{said}; it must be {'a whole number' if field.annotation is int else 'a number'} between {low} and {high:,}"


@dataclass(frozen=True)
class PromptStep:
    """Loss on the batch of one step; at some steps also on held-out examples, the prompt vectors then and where they stand.

    near: the nearest tokens by "cosine" and by "distance". travelled: in radii of the tokens' cloud.
    """

    step: int
    loss: float
    validation: float | None = None
    vectors: Float[np.ndarray, "K D"] | None = None
    near: Mapping[str, Neighbours] | None = None
    standing: TokenGeometry | None = None
    travelled: float | None = None


class PromptTuner:
    """One tuning of a prompt, carried out by `steps()`; `prompted` is the model behind the prompt so far, `taken` the steps so far."""

    def __init__(self, model: OwnModel, found: TextWindows, how: PromptRecipe, start: Float[Tensor, "K D"]):
        """start: where the vectors begin. ModelError where the prompt, the model and the machine do not go together."""
        self.model, self.examples, self.how = model, found, how
        self.taken: list[PromptStep] = []
        self._require()
        if not bool(torch.isfinite(start).all()):
            raise ModelError("the start of the prompt holds numbers that are not finite; choose another prior")
        self.prompted = PROMPTS[how.method](model, start)
        self.began = self.prompted.weight.detach().clone()
        self.pull = how.leash / model.gaussian.radius ** 2 if how.leash else 0.0
        self.without = held_out_loss(model, found.validation, how.batch)
        if not math.isfinite(self.without):
            raise ModelError(f"the loss of {model.name} on this text is no number even without a prompt; choose another text or model")

    def _require(self) -> None:
        if self.how.leash and self.how.method != SoftPrompt.label:
            raise ModelError(
                f"leash is {self.how.leash:g} for {self.how.method}; only vectors of {SoftPrompt.label} stand among the words, "
                "so choose that, or a leash of 0"
            )
        rows = self.how.length + self.examples.training.shape[1]
        if rows > self.model.longest:
            raise ModelError(f"prompt and example have {rows} tokens; {self.model.name} reads at most {self.model.longest}")
        needed = working_bytes(self.model.config, self.how.batch * rows)
        if needed > free_bytes():
            raise ModelError(f"a step with batch {self.how.batch} and window {self.how.window} needs about {format_bytes(needed)} and "
                          f"{format_bytes(free_bytes())} are free; choose smaller ones")

    def steps(self) -> Iterator[PromptStep]:
        """Every step as it is taken, beginning with the start (step 0). ModelError where the loss is no number any more."""
        optimiser = torch.optim.AdamW([self.prompted.weight], lr=self.how.learning_rate, weight_decay=0.0)
        wanted, batches, size = snapshot_steps(self.how.steps), self._batches(), self.how.batch
        for step in range(self.how.steps + 1):
            loss = self._learned(optimiser, next(batches)) if step else held_out_loss(self.prompted, self.examples.training[:size], size)
            if not math.isfinite(loss):
                raise ModelError(f"the loss is no number any more at step {step}; choose a smaller learning rate")
            taken = self._looked(step, loss) if step in wanted else PromptStep(step, loss)
            self.taken.append(taken)
            yield taken

    def cost_of(self, step: int) -> int:
        """What a step takes, in examples read once; to learn from one is to read it three times."""
        judging = min(HELD_OUT_EXAMPLES, len(self.examples.validation)) if step in snapshot_steps(self.how.steps) else 0
        return 3 * self.how.batch + judging

    @property
    def reads_on(self) -> int:
        """Vectors whose nearest token by distance is the one that it was at the start. Of a prompt that stands among the tokens."""
        first, last = (one.near["distance"].ids[:, 0] for one in (self.taken[0], next(one for one in reversed(self.taken) if one.near)))
        return int((first == last).sum())

    @property
    def cost(self) -> int:
        """What all steps take."""
        return sum(map(self.cost_of, range(self.how.steps + 1)))

    def _learned(self, optimiser: torch.optim.Optimizer, ids: Int[Tensor, "B T"]) -> float:
        with refuse_errors(f"the model {self.model.name} cannot be learned through"):
            optimiser.zero_grad()
            loss = token_loss(self.prompted.logits(ids), ids)
            (loss + self.pull * (self.prompted.weight - self.began).square().sum(1).mean()).backward()
            torch.nn.utils.clip_grad_norm_([self.prompted.weight], 1.0)
            optimiser.step()
            return loss.item()

    def _looked(self, step: int, loss: float) -> PromptStep:
        validation, vectors = held_out_loss(self.prompted, self.examples.validation, self.how.batch), self.prompted.vectors()
        if vectors is None:
            return PromptStep(step, loss, validation)
        tokens, cloud = self.model.vocabulary, self.model.gaussian
        near = {by: neighbours(vectors, tokens, NEAREST, by=by) for by in ("cosine", "distance")}
        now, gone = measure_tokens(vectors, tokens, cloud, self.how.seed), distance_travelled(self.began, vectors, cloud)
        return PromptStep(step, loss, validation, vectors.numpy(), near, now, gone)

    def _batches(self) -> Iterator[Int[Tensor, "B T"]]:
        """Every example once in an order of chance, then again in another one."""
        rows, epoch, waiting = self.examples.training, 0, torch.empty(0, dtype=torch.int64)
        size = min(self.how.batch, len(rows))
        while True:
            while len(waiting) < size:
                order = stream(self.how.seed, "order", epoch).permutation(len(rows))
                waiting, epoch = torch.cat([waiting, torch.from_numpy(order)]), epoch + 1
            yield rows[waiting[:size]]
            waiting = waiting[size:]


def token_loss(logits: Float[Tensor, "B T V"], ids: Int[Tensor, "B T"]) -> Tensor:
    """Mean loss (nats per token) on all tokens but the first, which nothing but a prompt could predict."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


@torch.inference_mode()
def held_out_loss(reader, ids: Int[Tensor, "N T"], batch: int) -> float:
    """Mean loss (nats per token) on held-out examples [N, T], `batch` at a time."""
    ids = ids[:HELD_OUT_EXAMPLES]
    parts = [token_loss(reader.logits(part), part).item() * len(part) for part in ids.split(batch)]
    return sum(parts) / len(ids)


@cache
def snapshot_steps(steps: int) -> frozenset[int]:
    """Steps at which the prompt is recorded: many early ones, few late ones, first and last among them."""
    return frozenset({0, steps, *np.geomspace(1, steps, MOMENTS).round().astype(int).tolist()})
