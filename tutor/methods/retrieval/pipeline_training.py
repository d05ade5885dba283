"""How a pipeline comes to be what it is: its training, watched stage by stage."""

import math
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from torch import Tensor

from tutor.methods.retrieval.pipeline import STAGES
from tutor.methods.retrieval.retrieval_exam import ablate_store, answer_losses, examine_pipeline, put_behind
from tutor.predictors import Predictor
from tutor.sources.questions import FactQuestions
from tutor.training.loop import Step, Training
from tutor.training.recipe import Recipe

SNAPSHOTS = 32
"""Steps at which a training is looked at, close together early."""
SNAPSHOT_QUESTIONS = 64
"""Questions that are asked each time."""
FLOAT = torch.float64

@dataclass(frozen=True)
class StageStep(Step):
    """A step, the gradient's norm at each stage (nan where frozen), and, at some steps, the state of the pipeline (else nan).

    own, shuffled, constant: loss (nats) of held-out questions as it is, with the store's contents shuffled, and behind the mean of its
    vectors. hits: share of questions whose entry is found. variance: of the vectors over questions, in their mean squared norm.
    """

    encoder: float = math.nan
    curator: float = math.nan
    projection: float = math.nan
    own: float = math.nan
    shuffled: float = math.nan
    constant: float = math.nan
    hits: float = math.nan
    variance: float = math.nan


SNAPSHOT_FIELDS = tuple(field.name for field in fields(StageStep)[len(fields(Step)):])


def snapshot_steps(steps: int) -> set[int]:
    """The steps after which there is a look, as a function of the length alone, so that a resumed training has the same ones."""
    return {int(step) for step in np.geomspace(1, steps, SNAPSHOTS).round()} if steps else set()


class RetrieverTraining(Training):
    """The common training of what a pipeline leaves free, with a look at its stages, and an exam at the end."""

    def __init__(self, predictor: Predictor, source: FactQuestions, recipe: Recipe, seed: int, questions: int):
        super().__init__(predictor, source, recipe, seed)
        self.questions = questions
        self.probe = source.held_out().exam(SNAPSHOT_QUESTIONS)
        self.seen: list[tuple[float, ...]] = []
        self._when = snapshot_steps(recipe.steps)

    def advance(self) -> Step:
        step = super().advance()
        unclipped = max(1.0, step.grad_norm / self.recipe.clip)
        norms = {stage: unclipped * self._norm(stage) for stage in STAGES}
        found = StageStep(**asdict(step), **norms, **(self._look() if step.step in self._when else {}))
        self.seen.append(tuple(getattr(found, name) for name in SNAPSHOT_FIELDS))
        return found

    def _norm(self, stage: str) -> float:
        each = [p.grad.norm() for p in self.predictor.context.weights_of(stage) if p.grad is not None]
        return torch.stack(each).norm().item() if each else math.nan

    @torch.inference_mode()
    def _look(self) -> dict[str, float]:
        pipeline, tokens = self.predictor.context, self.probe.tokens
        context = pipeline(tokens)
        mean, found = context.mean(0), pipeline.search(pipeline.encoder(tokens))[1]
        asked = {"own": self.predictor, "shuffled": ablate_store(self.predictor, "shuffled", 0),
                 "constant": put_behind(self.predictor, mean.expand_as(context))}
        lost = {name: answer_losses(network, self.probe).mean().item() for name, network in asked.items()}
        varied = (context - mean).square().sum() / context.square().sum()
        return lost | {"hits": (found == self.probe.latent).any(1).float().mean().item(), "variance": varied.item()}

    def findings(self) -> dict[str, Tensor]:
        """How it was watched, "course/<name>" [S], and its exam, "exam/<name>"."""
        course = torch.tensor(self.seen, dtype=FLOAT).reshape(-1, len(SNAPSHOT_FIELDS)).float()
        found = {f"course/{name}": course[:, i].contiguous() for i, name in enumerate(SNAPSHOT_FIELDS)}
        exam = examine_pipeline(self.predictor, self.source, n=self.questions)
        return found | {f"exam/{name}": values.contiguous() for name, values in exam.items()}

    def state_tensors(self) -> dict[str, Tensor]:
        return super().state_tensors() | {"seen": torch.tensor(self.seen, dtype=FLOAT).reshape(-1, len(SNAPSHOT_FIELDS))}

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        super().load_tensors(flat)
        self.seen = [tuple(row) for row in flat["seen"].tolist()]
