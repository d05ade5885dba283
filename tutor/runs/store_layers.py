"""The two layers of a store: folders and packs found by the key of their run, made, and taken away."""

import os
import re
import shutil
import uuid
from pathlib import Path

from tutor.core import parsing
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError, explain_os_error, write_bytes
from tutor.runs.lock import RunBusy
from tutor.runs.run_places import KEY, folders_in, packs_in
from tutor.runs.spec import RunSpec
from tutor.runs.status import queued_status

BEGINNING = re.compile(r"[0-9a-f]{6,16}")


class StoreLayers:
    """Runs by key: those of the read-only layer `shipped` come first, then those in `root`, the only one that is ever written to."""

    def __init__(self, root: Path, shipped: Path):
        self.root, self.shipped = root, shipped

    def find(self, key: str) -> RunFolder | None:
        """Find the folder of run `key`, shipped or own; None where there is none.

        Raises
        ------
        StoreError
            Where `key` is not a run key (16 hexadecimal digits).
        """
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise StoreError(f"{str(key)[:40]!r} is not a run key; a key has 16 hexadecimal digits")
        if packed := packs_in(self.shipped).get(key):
            return RunFolder(packed, shipped=True)
        for layer, shipped in ((self.shipped, True), (self.root, False)):
            if (layer / key).is_dir():
                return RunFolder(layer / key, shipped=shipped)
        return None

    def get(self, key: str) -> RunFolder:
        """Find the folder of run `key`, shipped or own.

        Raises
        ------
        StoreError
            Where there is no such run, or `key` is not a run key.
        """
        folder = self.find(key)
        if folder is None:
            raise StoreError(f"there is no run {key} in {self.root} nor among the shipped runs")
        return folder

    def done(self, key: str) -> bool:
        """Whether run `key` is finished and all its files are there.

        Raises
        ------
        StoreError
            Where `key` is not a run key.
        """
        folder = self.find(key)
        return folder is not None and folder.status().state == "done"

    def complete(self, beginning: str) -> str:
        """Find the full key of the run whose key begins with these digits.

        Parameters
        ----------
        beginning
            6 to 16 hexadecimal digits.

        Raises
        ------
        StoreError
            Where these are not such digits, or no run or several runs begin with them.
        """
        if not BEGINNING.fullmatch(beginning):
            raise StoreError(f"{beginning[:40]!r} is not a run key; a key has 16 hexadecimal digits, of which the first six may do")
        found = [key for key in self.keys() if key.startswith(beginning)]
        if len(found) > 1:
            raise StoreError(f"{beginning} is the beginning of {len(found)} runs, {', '.join(found[:5])}; give more digits")
        if not found:
            raise StoreError(f"there is no run {beginning} in {self.root} nor among the shipped runs")
        return found[0]

    def keys(self) -> list[str]:
        """List the keys of all runs in both layers, sorted; files and folders without a run key as their name are skipped.

        Raises
        ------
        StoreError
            Where a layer cannot be read.
        """
        names = set(packs_in(self.shipped))
        for layer in (self.shipped, self.root):
            with parsing.as_one_sentence(str(layer), StoreError):
                names |= folders_in(layer).keys()
        return sorted(names)

    def create(self, spec: RunSpec) -> RunFolder:
        """Return the folder of the run of `spec`; a new one has the state "queued", and appears complete or not at all.

        Raises
        ------
        StoreError
            Where the store cannot be written.
        """
        folder = self.find(spec.key())
        if folder is not None:
            return folder
        path, draft = self.root / spec.key(), self.root / f".{uuid.uuid4().hex}.new"
        try:
            draft.mkdir(parents=True)
        except OSError as error:
            raise explain_os_error("write to the store", self.root, error) from error
        try:
            write_bytes(draft / "spec.json", spec.to_json().encode())
            RunFolder(draft).write_status(queued_status(spec))
            os.rename(draft, path)
        except OSError as error:
            if not path.is_dir():                  # otherwise somebody else made the same folder first
                raise explain_os_error("write", path, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return RunFolder(path)

    def remove(self, folder: RunFolder) -> None:
        """Take away a folder of `root`, whatever needs it.

        Raises
        ------
        StoreError
            Where the run is being computed, or the disk refuses.
        """
        claim = folder.claim()
        try:
            claim.acquire(folder.status().heartbeat)
        except RunBusy as error:
            raise StoreError(f"{error}; stop it before deleting it") from error
        grave = self.root / f".{uuid.uuid4().hex}.deleted"
        try:
            os.rename(folder.path, grave)
        except OSError as error:
            claim.release()
            raise explain_os_error("delete", folder.path, error) from error
        shutil.rmtree(grave, ignore_errors=True)
