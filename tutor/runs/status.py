"""Where a run stands: what its status.json says."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from tutor.core.spec_errors import SpecError
from tutor.core.types import Spec
from tutor.runs.io.formats import StoreError, parse_json
from tutor.runs.spec import RunSpec

ACTIVE = ("running", "measuring")
FINAL = ("done", "diverged")
Count = Annotated[int, Field(ge=0, le=10**12)]
Seconds = Annotated[float, Field(ge=0, le=1e11)]
"""As a point in time, up to the year 5138."""


class Status(Spec):
    """Where a run stands, as status.json says it.

    `heartbeat` and `started` are points in time (unix seconds), `seconds` is processor time spent, `eta_s` the estimated time left (None
    where unknown), `waiting` the share of the last seconds in which it waited for other programs (0 to 1), `until` the step at which it
    will pause (None: at its end).
    """

    model_config = Spec.model_config | {"extra": "ignore"}

    state: Literal["queued", *ACTIVE, "paused", "interrupted", "failed", *FINAL, "corrupt"]
    step: Count = 0
    steps: Count = 0
    repetition: Count = 0
    repetitions: Count = 1
    message: str = ""
    heartbeat: Seconds = 0.0
    started: Seconds = 0.0
    seconds: Seconds = 0.0
    eta_s: Seconds | None = None
    waiting: Annotated[float, Field(ge=0, le=1)] = 0.0
    pid: Annotated[int, Field(ge=0, lt=2**31)] = 0
    host: str = ""
    until: Count | None = None

    def but(self, **changes: Any) -> "Status":
        """Copy the status with some fields changed, which are not validated."""
        return self.model_copy(update=changes)


def queued_status(spec: RunSpec) -> Status:
    """Make the status of a run that has not begun."""
    steps = spec.tuning.steps if spec.is_tuning else spec.recipe.steps
    return Status(state="queued", steps=steps, repetitions=spec.seeds.repetitions if spec.is_tuning else 1)


def parse_status(path: Path, data: bytes) -> Status:
    """Read a status from bytes; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where these are not the bytes of a status.
    """
    try:
        return Status.model_validate(parse_json(path, data))
    except SpecError as error:
        raise StoreError(f"{path} is damaged: it is not a status") from error
