"""Where runs are kept: the runs shipped with the project, read-only, in front of the visitor's own.

A run is found by its key, so the same specification is computed once, whoever asks, and wherever it was computed.
"""

import os
import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from tutor.claim import Busy
from tutor.disk import default_root
from tutor.files import StoreError, blame, write_bytes
from tutor.folder import RunFolder
from tutor.places import ASSETS
from tutor.run import Run
from tutor.spec import RunSpec
from tutor.status import Status, queued

KEY = re.compile(r"[0-9a-f]{16}")
BEGINNING = re.compile(r"[0-9a-f]{6,16}")


@dataclass(frozen=True)
class RunInfo:
    """One line of a list of runs; a damaged run has the state "corrupt" and no specification."""

    key: str
    status: Status
    spec: RunSpec | None
    shipped: bool

    @property
    def label(self) -> str:
        return self.spec.label if self.spec else "damaged run"

    @property
    def kind(self) -> str:
        return "tuning" if self.spec and self.spec.is_tuning else "pretraining"


class RunStore:
    """The layered store: `shipped` first, then `root`, the only layer that is ever written to."""

    def __init__(self, root: Path | str | None = None, *, shipped: Path = ASSETS / "runs"):
        self.root = Path(root).absolute() if root is not None else default_root().absolute()
        self.shipped = shipped

    def find(self, key: str) -> RunFolder | None:
        """The folder of run `key`, shipped or own; None when there is none. StoreError where `key` is no key."""
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise StoreError(f"{str(key)[:40]!r} is not a run key; a key has 16 hexadecimal digits")
        for layer, shipped in ((self.shipped, True), (self.root, False)):
            if (layer / key).is_dir():
                return RunFolder(layer / key, shipped=shipped)
        return None

    def get(self, key: str) -> RunFolder:
        """The folder of run `key`, or StoreError when there is none."""
        folder = self.find(key)
        if folder is None:
            raise StoreError(f"there is no run {key} in {self.root} nor among the shipped runs")
        return folder

    def done(self, key: str) -> bool:
        """Whether run `key` is finished and its files are there."""
        folder = self.find(key)
        return folder is not None and folder.status().state == "done"

    def complete(self, beginning: str) -> str:
        """The key that begins with these six digits or more. StoreError where that is none, or not one alone."""
        if not BEGINNING.fullmatch(beginning):
            raise StoreError(f"{beginning[:40]!r} is not a run key; a key has 16 hexadecimal digits, of which the first six may do")
        found = [key for key in self.keys() if key.startswith(beginning)]
        if len(found) > 1:
            raise StoreError(f"{beginning} is the beginning of {len(found)} runs, {', '.join(found[:5])}; give more digits")
        if not found:
            raise StoreError(f"there is no run {beginning} in {self.root} nor among the shipped runs")
        return found[0]

    def keys(self) -> list[str]:
        """Every run in either layer."""
        return sorted({entry.name for layer in (self.shipped, self.root) if layer.is_dir()
                       for entry in os.scandir(layer) if KEY.fullmatch(entry.name)})

    def list(self) -> list[RunInfo]:
        """What is known of every run, the latest heartbeat first; damaged runs are listed, not raised."""
        infos = [self.info(key) for key in self.keys()]
        return sorted(infos, key=lambda info: info.status.heartbeat, reverse=True)

    def info(self, key: str) -> RunInfo:
        """What is known of run `key` without loading its numbers."""
        folder = self.get(key)
        status = folder.status()
        try:
            return RunInfo(key, status, folder.spec(), folder.shipped)
        except StoreError as error:
            return RunInfo(key, status.but(state="corrupt", message=str(error)), None, folder.shipped)

    def load(self, key: str) -> Run:
        """The run `key`, finished or not. StoreError when it is unknown or its specification is damaged."""
        folder = self.get(key)
        return Run(folder, folder.spec(), self)

    def base_of(self, spec: RunSpec) -> Run:
        """The finished pretraining that the tuning `spec` starts from. StoreError when it is not there."""
        key = spec.base().key()
        if not self.done(key):
            raise StoreError(f"run {spec.key()} needs its base, run {key}, which is not finished in this store")
        return self.load(key)

    def create(self, spec: RunSpec) -> RunFolder:
        """The folder of `spec`, made with the state "queued" unless it exists; appears complete or not at all."""
        folder = self.find(spec.key())
        if folder is not None:
            return folder
        path, draft = self.root / spec.key(), self.root / f".{uuid.uuid4().hex}.new"
        try:
            draft.mkdir(parents=True)
        except OSError as error:
            raise blame("write to the store", self.root, error) from error
        try:
            write_bytes(draft / "spec.json", spec.to_json().encode())
            RunFolder(draft).write_status(queued(spec))
            os.rename(draft, path)
        except OSError as error:
            if not path.is_dir():                  # otherwise somebody else made the same folder first
                raise blame("write", path, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return RunFolder(path)

    def delete(self, key: str) -> None:
        """Remove an own run. StoreError when it is shipped, being computed, or the base of another run."""
        folder = self.get(key)
        if folder.shipped:
            raise StoreError(f"run {key} is shipped with the project and cannot be deleted")
        needed = [info.key for info in self.list() if info.key != key and info.spec and info.spec.base().key() == key]
        if needed:
            raise StoreError(f"run {key} is the base of run {needed[0]}; delete that first")
        self._remove(folder)

    def _remove(self, folder: RunFolder) -> None:
        claim = folder.claim()
        try:
            claim.acquire(folder.status().heartbeat)
        except Busy as error:
            raise StoreError(f"{error}; stop it before deleting it") from error
        grave = self.root / f".{uuid.uuid4().hex}.deleted"
        try:
            os.rename(folder.path, grave)
        except OSError as error:
            claim.release()
            raise blame("delete", folder.path, error) from error
        shutil.rmtree(grave, ignore_errors=True)
