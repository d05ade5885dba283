"""Where a run stands: what its status.json says."""

from typing import Any

from tutor.conventions import Spec
from tutor.spec import RunSpec

ACTIVE = ("running", "measuring")
FINAL = ("done", "diverged")


class Status(Spec):
    """Where a run stands; times in unix seconds, `seconds` spent computing, `eta_s` still to be spent (estimated)."""

    model_config = Spec.model_config | {"extra": "ignore"}

    state: str
    step: int = 0
    steps: int = 0
    repetition: int = 0
    repetitions: int = 1
    message: str = ""
    heartbeat: float = 0.0
    started: float = 0.0
    seconds: float = 0.0
    eta_s: float | None = None
    pid: int = 0
    host: str = ""
    until: int | None = None

    def but(self, **changes: Any) -> "Status":
        """The same status with some fields changed."""
        return self.model_copy(update=changes)


def queued(spec: RunSpec) -> Status:
    """The status of a run that nobody has begun."""
    steps = spec.tuning.steps if spec.is_tuning else spec.recipe.steps
    return Status(state="queued", steps=steps, repetitions=spec.seeds.repetitions if spec.is_tuning else 1)
