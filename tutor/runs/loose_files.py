"""The files of a run in a folder of its own, where they are written while it is computed.

What is read from a finished run must match `checksums.json`, which is read once: it never changes after that.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from tutor.runs.events import read_events
from tutor.runs.frames import Film, Frame, parse_frame
from tutor.runs.io.checksums import EVALUATION_NAME, RESULTS, is_stray, read_checksums, sha256
from tutor.runs.io.formats import StoreError, parse_json, read_bytes


@runtime_checkable
class FilmedSteps(Protocol):
    """Anything that lists the filmed steps of a run."""

    def steps(self) -> list[int]:
        """List the filmed steps, ascending."""
        ...


@runtime_checkable
class RunFiles(Protocol):
    """The files of one run, in a folder that may be written to or in a sealed pack; every reader raises StoreError."""

    path: Path
    key: str
    layer: Path
    """The folder of all runs among which this one lies."""

    @property
    def film(self) -> FilmedSteps:
        """The filmed steps."""
        ...

    def peek(self, name: str) -> bytes:
        """Read the bytes of a file; those in a folder are not checked."""

    def read(self, name: str) -> bytes:
        """Read the bytes of a file; those of a finished run are checked against their checksum."""

    def names(self, folder: str = "") -> list[str]:
        """List the files at the top level, or in one folder of the run such as "evaluations"."""

    def events(self) -> list[dict[str, Any]]:
        """List the measurements of every optimiser step, oldest first."""

    def open_events(self) -> BinaryIO:
        """Open the measurements as lines of JSON, for readers that continue from a byte offset.

        Raises
        ------
        FileNotFoundError
            Before the first step.
        """

    def frame(self, step: int) -> Frame:
        """Read the frame filmed at `step`."""

    def require_whole(self) -> None:
        """Raise StoreError unless every file that a finished run has is there."""

    def checks(self) -> dict[str, Callable[[], object]]:
        """A function for each file of a finished run, by name, that raises StoreError where the file is damaged."""

    def strays(self) -> list[str]:
        """List the files that do not belong to a run."""

    def size(self) -> int:
        """Size on disk (bytes)."""


class LooseFiles:
    """The files of a run in the folder at `path`."""

    def __init__(self, path: Path):
        self.path, self.key, self.layer = path, path.name, path.parent
        self.film = Film(path / "frames")
        self._sums: tuple[os.stat_result, dict[str, str]] | None = None

    def peek(self, name: str) -> bytes:
        """Read the bytes of a file without checking them."""
        return read_bytes(self.path / name)

    def read(self, name: str) -> bytes:
        """Read the bytes of a file; those of a finished run are checked against checksums.json, except for later evaluations.

        Raises
        ------
        StoreError
            Where the file is missing, too large, or does not match its checksum.
        """
        data = read_bytes(self.path / name)
        sums = self._expected()
        later = sums is not None and name not in sums and EVALUATION_NAME.fullmatch(name)       # measured after the run was sealed
        if sums is not None and not later and sums.get(name) != sha256(data):
            raise StoreError(f"{self.path / name} is damaged: its SHA-256 is not the one in checksums.json; "
                             f"delete run {self.key} and compute it again")
        return data

    def names(self, folder: str = "") -> list[str]:
        """List the files at the top level, or in one folder of the run, sorted; empty where there is no such folder."""
        place = self.path / folder
        return sorted(path.relative_to(self.path).as_posix() for path in place.iterdir() if path.is_file()) if place.is_dir() else []

    def _expected(self) -> dict[str, str] | None:
        """The checksums of a finished run, kept as long as their file stays the same; None of an unfinished one."""
        try:
            now = os.stat(self.path / "checksums.json")
        except OSError:
            now = None
        if now and self._sums and _same(now, self._sums[0]):
            return self._sums[1]
        place = self.path / "status.json"
        status = parse_json(place, self.peek("status.json")) if place.exists() else None      # there is none beside later evaluations
        if not isinstance(status, dict) or status.get("state") != "done":
            return None
        sums = self.checksums()
        self._sums = (now, sums) if now else None
        return sums

    def checksums(self) -> dict[str, str]:
        """Read the SHA-256 of every file of a finished run, by name.

        Raises
        ------
        StoreError
            Where the list is missing or damaged, or one of its files is missing.
        """
        sums = read_checksums(self.path / "checksums.json")
        for name in {*RESULTS, *sums}:
            if name not in sums or not (self.path / name).is_file():
                raise StoreError(f"{self.path / name} is missing from a finished run")
        return sums

    def events(self) -> list[dict[str, Any]]:
        """List the measurements of every optimiser step, oldest first; empty before the first."""
        path = self.path / "events.jsonl"
        return read_events(path, self.read("events.jsonl")) if path.exists() else []

    def open_events(self) -> BinaryIO:
        """Open the measurements as lines of JSON.

        Raises
        ------
        FileNotFoundError
            Before the first step.
        """
        return open(self.path / "events.jsonl", "rb")

    def frame(self, step: int) -> Frame:
        """Read the frame filmed at `step`."""
        path = self.film.path(step)
        return parse_frame(path, self.read(f"frames/{path.name}"))

    def require_whole(self) -> None:
        """Raise StoreError unless every file of a finished run is there."""
        self.checksums()

    def checks(self) -> dict[str, Callable[[], object]]:
        """A function for each file, by name, that raises StoreError where the file is damaged."""
        try:
            names = list(read_checksums(self.path / "checksums.json"))
        except StoreError:
            names = []
        return {"checksums.json": self.checksums} | {name: lambda name=name: self.read(name) for name in names}

    def strays(self) -> list[str]:
        """List the files that do not belong to a run."""
        return [entry.name for entry in os.scandir(self.path) if is_stray(entry.name)]

    def size(self) -> int:
        """Size of all files on disk (bytes)."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_mtime_ns, one.st_size, one.st_ino) == (other.st_mtime_ns, other.st_size, other.st_ino)
