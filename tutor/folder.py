"""One run folder: the only truth about a run, and the only thing that pages, commands and workers exchange.

A run reads as done when its status says so and `checksums.json`, written before that status, matches every file. A
status of a process that is gone reads as interrupted. The schema is in docs/run-folder.md.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from torch import Tensor

from tutor.checksums import RESULTS, is_stray, read_checksums, sha256, sync_directory
from tutor.claim import Claim, holder_of
from tutor.events import read_events
from tutor.files import (
    StoreError,
    parse_arrays,
    parse_json,
    parse_tensors,
    read_bytes,
    read_json,
    write_bytes,
    write_json,
)
from tutor.frames import Film, Frame, parse_frame
from tutor.processes import gone
from tutor.spec import RunSpec, SpecError
from tutor.status import ACTIVE, Status


@dataclass(frozen=True)
class Fault:
    """One file of a run that is not as it should be."""

    file: str
    problem: str


class RunFolder:
    """The folder of one run, named by its key; `shipped` folders are never written to."""

    def __init__(self, path: Path, *, shipped: bool = False):
        self.path, self.shipped = path, shipped
        self.film = Film(path / "frames")

    @property
    def key(self) -> str:
        return self.path.name

    def file(self, name: str) -> Path:
        return self.path / name

    def claim(self) -> Claim:
        return Claim(self.file("claim.json"))

    def stop_requested(self) -> bool:
        """Whether somebody left the stop marker."""
        return self.file("stop").exists()

    def request_stop(self) -> None:
        """Ask whoever computes this run to stop with a checkpoint; the marker stays until somebody continues it."""
        write_bytes(self.file("stop"), b"")

    def withdraw_stop(self) -> bool:
        """Remove the stop marker; whether there was one."""
        try:
            self.file("stop").unlink()
        except FileNotFoundError:
            return False
        return True

    def spec(self) -> RunSpec:
        """The specification; raises StoreError when it is damaged or is not the one that gives this key."""
        path = self.file("spec.json")
        try:
            spec = RunSpec.from_text(read_bytes(path).decode(), toml=False)
        except (SpecError, UnicodeDecodeError) as error:
            raise StoreError(f"{path} is damaged: {error}") from error
        if spec.key() != self.key:
            raise StoreError(f"{path} is damaged: it describes run {spec.key()}, not {self.key}")
        return spec

    def status(self) -> Status:
        """Where the run stands as far as anyone can tell; never raises, a damaged folder has the state "corrupt"."""
        try:
            return self._judged(self._stored())
        except StoreError as error:
            return Status(state="corrupt", message=str(error))

    def _stored(self) -> Status:
        path = self.file("status.json")
        try:
            return Status.model_validate(read_json(path))
        except ValidationError as error:
            raise StoreError(f"{path} is damaged: it is not a status") from error

    def _judged(self, status: Status) -> Status:
        if status.state == "done":
            self.checksums()
        elif status.state in ACTIVE and not self._computed(status):
            # It may have ended properly between the two looks: the newer status decides.
            newer = self._stored()
            if newer.state not in ACTIVE:
                return self._judged(newer)
            message = f"interrupted at step {status.step}; continue to resume"
            return status.but(state="interrupted", eta_s=None, message=message)
        elif status.state == "queued" and status.pid and gone(status.pid, status.host):
            return status.but(state="interrupted", message="the program that queued this run has ended")
        return status

    def _computed(self, status: Status) -> bool:
        holder = holder_of(self.file("claim.json"))
        return holder is not None and holder.alive(status.heartbeat)

    def write_status(self, status: Status) -> None:
        """Replace status.json, with the heartbeat of now."""
        write_json(self.file("status.json"), status.but(heartbeat=time.time()).model_dump())

    def checksums(self) -> dict[str, str]:
        """SHA-256 by file name; raises StoreError when the list is missing, damaged or names a missing file."""
        sums = read_checksums(self.file("checksums.json"))
        for name in {*RESULTS, *sums}:
            if name not in sums or not self.file(name).is_file():
                raise StoreError(f"{self.file(name)} is missing from a finished run")
        return sums

    def read(self, name: str) -> bytes:
        """The bytes of one file; in a finished run they must match their checksum, or StoreError."""
        data = read_bytes(self.file(name))
        if self._stored().state == "done" and self.checksums().get(name) != sha256(data):
            raise StoreError(f"{self.file(name)} is damaged: its SHA-256 is not the one in checksums.json; "
                             f"delete run {self.key} and compute it again")
        return data

    def summary(self) -> dict[str, Any]:
        return parse_json(self.file("summary.json"), self.read("summary.json"))

    def arrays(self) -> dict[str, np.ndarray]:
        return parse_arrays(self.file("arrays.npz"), self.read("arrays.npz"))

    def weights(self) -> dict[str, Tensor]:
        return parse_tensors(self.file("weights.safetensors"), self.read("weights.safetensors"))

    def events(self) -> list[dict[str, Any]]:
        """Every recorded step, oldest first; a torn last line is left out."""
        path = self.file("events.jsonl")
        return read_events(path, self.read("events.jsonl")) if path.exists() else []

    def frame(self, step: int) -> Frame:
        path = self.film.path(step)
        return parse_frame(path, self.read(f"frames/{path.name}"))

    def seal(self, status: Status) -> None:
        """Write the checksums and then the status "done"; only then does the run read as done."""
        names = [*RESULTS, *(f"frames/{self.film.path(step).name}" for step in self.film.steps())]
        write_json(self.file("checksums.json"), {name: sha256(read_bytes(self.file(name))) for name in names})
        sync_directory(self.path)
        self.write_status(status.but(state="done"))

    def verify(self) -> list[Fault]:
        """What is wrong with this folder, file by file; empty when everything that is there is whole."""
        checks = {"spec.json": self.spec, "status.json": self._stored, "events.jsonl": self.events}
        if self.status().state in ("done", "corrupt"):
            checks |= {"checksums.json": self.checksums}
            checks |= {name: lambda name=name: self.read(name) for name in self._listed() if name not in checks}
        faults = {name: fault for name, check in checks.items() if (fault := _complaint(check))}
        strays = [entry.name for entry in os.scandir(self.path) if is_stray(entry.name)]
        return [Fault(*pair) for pair in faults.items()] + [Fault(name, "does not belong to a run") for name in strays]

    def _listed(self) -> list[str]:
        try:
            return list(read_checksums(self.file("checksums.json")))
        except StoreError:
            return []


def _complaint(check) -> str:
    try:
        check()
    except StoreError as error:
        return str(error)
    return ""
