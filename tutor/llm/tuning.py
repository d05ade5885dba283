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
from pydantic import Field, ValidationError
from torch import Tensor
from torch.nn import functional as F

from tutor.conventions import Spec
from tutor.llm.memory import free, gigabytes, working
from tutor.llm.model import OwnModel
from tutor.llm.places import Refused
from tutor.llm.prompted import PROMPTS, SoftPrompt
from tutor.llm.texts import Examples
from tutor.measure.posteriors import Neighbours, Standing, neighbours, standing, travelled
from tutor.rng import stream

MOMENTS = 24
NEAREST = 3
"""Tokens that are told of a vector, by each measure."""
JUDGED = 32
"""Examples of the validation part that are looked at, the first ones."""


class Tuning(Spec):
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
    def of(cls, **fields: object) -> "Tuning":
        """The same from anything that a browser may send. Refused with field, value and what is allowed."""
        try:
            return cls(**fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(_allowed(str(first["loc"][0]), first["input"])) from error


def _allowed(name: str, value: object) -> str:
    field = Tuning.model_fields.get(name)
    if field is None:
        return f"{name[:40]} is not a setting; there are {', '.join(Tuning.model_fields)}"
    low = next((bound.ge if isinstance(bound, annotated_types.Ge) else "more than 0" for bound in field.metadata
                if isinstance(bound, annotated_types.Ge | annotated_types.Gt)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, annotated_types.Le)), None)
    said = f"{name.replace('_', ' ')} is {str(value)[:40]}"
    if low is None:
        return f"{said}; it must be {' or '.join(PROMPTS)}"
    return f"{said}; it must be {'a whole number' if field.annotation is int else 'a number'} between {low} and {high:,}"


@dataclass(frozen=True)
class Step:
    """Loss on the batch of one step; at some steps also on held-out examples, the prompt vectors then and where they stand.

    near: the nearest tokens by "cosine" and by "distance". travelled: in radii of the tokens' cloud.
    """

    step: int
    loss: float
    validation: float | None = None
    vectors: Float[np.ndarray, "K D"] | None = None
    near: Mapping[str, Neighbours] | None = None
    standing: Standing | None = None
    travelled: float | None = None


class Tuner:
    """One tuning: `steps()` carries it out, `prompted` is the model behind the prompt so far, `taken` what was seen."""

    def __init__(self, model: OwnModel, found: Examples, how: Tuning, start: Float[Tensor, "K D"]):
        """start: where the vectors begin. Refused where the prompt, the model and the machine do not go together."""
        self.model, self.examples, self.how = model, found, how
        self.taken: list[Step] = []
        self._require()
        if not bool(torch.isfinite(start).all()):
            raise Refused("the start of the prompt holds numbers that are not finite; choose another prior")
        self.prompted = PROMPTS[how.method](model, start)
        self.began = self.prompted.weight.detach().clone()
        self.pull = how.leash / model.gaussian.radius ** 2 if how.leash else 0.0
        self.without = judged(model, found.validation, how.batch)

    def _require(self) -> None:
        if self.how.leash and self.how.method != SoftPrompt.label:
            raise Refused(f"leash is {self.how.leash:g} for {self.how.method}; only vectors of {SoftPrompt.label} stand among the words, "
                          "so choose that, or a leash of 0")
        rows = self.how.length + self.examples.training.shape[1]
        if rows > self.model.longest:
            raise Refused(f"prompt and example have {rows} tokens; {self.model.name} reads at most {self.model.longest}")
        needed = working(self.model.config, self.how.batch * rows)
        if needed > free():
            raise Refused(f"a step with batch {self.how.batch} and window {self.how.window} needs about {gigabytes(needed)} and "
                          f"{gigabytes(free())} are free; choose smaller ones")

    def steps(self) -> Iterator[Step]:
        """Every step as it is taken, beginning with the start (step 0). Refused where the loss is no number any more."""
        optimiser = torch.optim.AdamW([self.prompted.weight], lr=self.how.learning_rate, weight_decay=0.0)
        wanted, batches, size = moments(self.how.steps), self._batches(), self.how.batch
        for step in range(self.how.steps + 1):
            loss = self._learned(optimiser, next(batches)) if step else judged(self.prompted, self.examples.training[:size], size)
            if not math.isfinite(loss):
                raise Refused(f"the loss is no number any more at step {step}; choose a smaller learning rate")
            taken = self._looked(step, loss) if step in wanted else Step(step, loss)
            self.taken.append(taken)
            yield taken

    def cost_of(self, step: int) -> int:
        """What a step takes, in examples read once; to learn from one is to read it three times."""
        judging = min(JUDGED, len(self.examples.validation)) if step in moments(self.how.steps) else 0
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
        optimiser.zero_grad()
        loss = token_loss(self.prompted.logits(ids), ids)
        (loss + self.pull * (self.prompted.weight - self.began).square().sum(1).mean()).backward()
        torch.nn.utils.clip_grad_norm_([self.prompted.weight], 1.0)
        optimiser.step()
        return loss.item()

    def _looked(self, step: int, loss: float) -> Step:
        validation, vectors = judged(self.prompted, self.examples.validation, self.how.batch), self.prompted.vectors()
        if vectors is None:
            return Step(step, loss, validation)
        tokens, cloud = self.model.vocabulary, self.model.gaussian
        near = {by: neighbours(vectors, tokens, NEAREST, by=by) for by in ("cosine", "distance")}
        now, gone = standing(vectors, tokens, cloud, self.how.seed), travelled(self.began, vectors, cloud)
        return Step(step, loss, validation, vectors.numpy(), near, now, gone)

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
def judged(reader, ids: Int[Tensor, "N T"], batch: int) -> float:
    """Mean loss (nats per token) on the first examples, learned nothing from."""
    ids = ids[:JUDGED]
    parts = [token_loss(reader.logits(part), part).item() * len(part) for part in ids.split(batch)]
    return sum(parts) / len(ids)


@cache
def moments(steps: int) -> frozenset[int]:
    """Steps at which the prompt is looked at: many early ones, few late ones, first and last among them."""
    return frozenset({0, steps, *np.geomspace(1, steps, MOMENTS).round().astype(int).tolist()})
