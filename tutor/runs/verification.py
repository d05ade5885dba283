"""Whether every file of a run is whole, and if not, which one is not and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tutor.runs.evaluations import evaluation_file
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError


@dataclass(frozen=True)
class FileFault:
    """A problem with one file of a run, as a sentence."""

    file: str
    problem: str


def find_faults(folder: RunFolder) -> list[FileFault]:
    """Check every file of a run and list what is wrong; the list is empty where all files are whole."""
    checks = {"spec.json": folder.spec, "status.json": folder.stored_status, "events.jsonl": folder.events}
    if folder.status().state in ("done", "corrupt"):
        checks = folder.files.checks() | checks
    checks |= {evaluation_file(key): lambda key=key: folder.evaluation(key) for key in _list_evaluations(folder)}
    complaints = {name: fault for name, check in checks.items() if (fault := _complaint(check))}
    first = {fault: name for name, fault in reversed(complaints.items())}      # what ails a whole pack is said once
    faults = [FileFault(name, fault) for name, fault in complaints.items() if first[fault] == name]
    return faults + [FileFault(name, "does not belong to a run") for name in folder.files.strays()]


def _list_evaluations(folder: RunFolder) -> list[str]:
    """The evaluations that can be checked; a pack that cannot be opened complains of that elsewhere."""
    try:
        return folder.evaluations()
    except StoreError:
        return []


def _complaint(check: Callable[[], Any]) -> str:
    try:
        check()
    except StoreError as error:
        return str(error)
    return ""
