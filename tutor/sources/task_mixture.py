"""What sources of several tasks share: which of them occur, and how often."""

from pydantic import Field, model_validator

from tutor.core.types import Spec
from tutor.sources.source import check_distribution


class TaskMixture(Spec):
    """A hidden choice among tasks; a source says in the field `tasks` of its own which there are."""

    tasks: tuple[str, ...]
    weights: tuple[float, ...] = Field((), max_length=16, description="how often each task occurs; all equally when not given")

    @model_validator(mode="after")
    def _weights_fit(self):
        if len(set(self.tasks)) < len(self.tasks):
            raise ValueError(f"tasks is {', '.join(self.tasks)}; each task may stand there once")
        if self.weights and len(self.weights) != len(self.tasks):
            raise ValueError(f"weights has {len(self.weights)} entries and tasks {len(self.tasks)}; both must have the same")
        check_distribution(self.prior, "weights")
        return self

    @property
    def prior(self) -> tuple[float, ...]:
        """Probability of each task."""
        return self.weights or (1 / len(self.tasks),) * len(self.tasks)
