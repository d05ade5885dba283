"""One line of a list of runs, and what a list can be narrowed down to."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status


@dataclass(frozen=True)
class RunInfo:
    """An entry of a list of runs; a damaged run has the state "corrupt" and no specification.

    Status and specification are kept as text and parsed on demand, because a list may be long.
    """

    key: str
    label: str
    kind: str
    shipped: bool
    status_text: str
    spec_text: str

    @cached_property
    def status(self) -> Status:
        """Where the run stood when the list was made."""
        return Status.model_validate_json(self.status_text)

    @property
    def spec(self) -> RunSpec | None:
        """The specification, None for a damaged run."""
        return _parsed(self.spec_text) if self.spec_text else None


@lru_cache(maxsize=8192)
def _parsed(text: str) -> RunSpec:
    return RunSpec.from_text(text, toml=False)


def described(folder: RunFolder) -> tuple[Status, RunSpec | None]:
    """Read status and specification of a run; never raises: a damaged run has the state "corrupt" and None."""
    status = folder.status()
    try:
        return status, folder.spec()
    except StoreError as error:
        return status.but(state="corrupt", message=str(error)), None


def info_of(folder: RunFolder) -> RunInfo:
    """Make the entry of a list for the run in `folder`, without reading its numbers."""
    status, spec = described(folder)
    label, kind = (spec.label, "tuning" if spec.is_tuning else "pretraining") if spec else ("damaged run", "pretraining")
    return RunInfo(folder.key, label, kind, folder.shipped, status.model_dump_json(), spec.to_json() if spec else "")


@dataclass(frozen=True)
class RunFilter:
    """Conditions on runs, all of which must hold; an empty one admits every run.

    Parameters
    ----------
    text
        Words that all occur in key, state, kind, label, network or method of the run.
    kind
        "pretraining" or "tuning".
    network, method
        Labels, as tables show them.
    state
        State of the run, such as "done".
    base
        Key of the pretraining from which a tuning starts.
    kept
        "own" or "shipped".
    where
        Fields of the specification and their values, such as ("recipe.steps", 400).
    """

    text: str = ""
    kind: str = ""
    network: str = ""
    method: str = ""
    state: str = ""
    base: str = ""
    kept: str = ""
    where: tuple[tuple[str, object], ...] = ()
