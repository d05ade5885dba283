"""One run folder: the only truth about a run, and the only thing that pages, commands and workers exchange.

A run reads as done when its status says so and `checksums.json`, written before that status, matches every file. A
status of a process that is gone reads as interrupted. The schema is in docs/run-folder.md.
"""

import time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from torch import Tensor

from tutor.core import parsing
from tutor.runs.evaluations import FOLDER, EvaluationRecord, evaluation_file, pack_evaluation, parse_evaluation
from tutor.runs.frames import Frame
from tutor.runs.io.checksums import RESULTS, is_result, sha256, sync_directory
from tutor.runs.io.formats import StoreError, parse_arrays, parse_json, parse_tensors, read_bytes, write_bytes, write_json
from tutor.runs.io.processes import has_ended
from tutor.runs.lock import Claim, read_holder
from tutor.runs.loose_files import FilmedSteps, LooseFiles, RunFiles
from tutor.runs.pack import SUFFIX, Pack
from tutor.runs.spec import RunSpec, SpecError
from tutor.runs.status import ACTIVE, Status, parse_status


class RunFolder:
    """The files of one run, in a folder named by its key or in a pack.

    Parameters
    ----------
    path
        The folder, or the file of the pack.
    shipped
        Whether the run came with the project and is never written to.
    """

    def __init__(self, path: Path, *, shipped: bool = False):
        self.path, self.shipped = path, shipped
        self.files: RunFiles = Pack(path) if path.suffix == SUFFIX else LooseFiles(path)
        """Where the bytes come from: a folder that may be written to, or a sealed pack."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunFolder) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def key(self) -> str:
        """The key of the run, which names the folder or the pack."""
        return self.files.key

    @property
    def film(self) -> FilmedSteps:
        """The filmed steps; where the folder may be written to, it also stores frames."""
        return self.files.film

    @property
    def beside(self) -> Path:
        """Folder for results made from several runs: the store of an own run, the folder that contains the layer of a shipped one."""
        return self.files.layer.parent if self.shipped else self.files.layer

    def file(self, name: str) -> Path:
        """Path of one file; for a run in a pack it only serves to name the file in messages."""
        return self.path / name

    def names(self, folder: str = "") -> list[str]:
        """List the files at the top level of the run, or in one folder of it such as "frames"."""
        return self.files.names(folder)

    def size(self) -> int:
        """Size of the run on disk (bytes)."""
        return self.files.size()

    def claim(self) -> Claim:
        """Make a claim on this folder that is not taken yet."""
        return Claim(self.file("claim.json"))

    def stop_requested(self) -> bool:
        """Whether the run was asked to stop."""
        return self.file("stop").exists()

    def request_stop(self) -> None:
        """Ask the process that computes this run to write a checkpoint and stop; `withdraw_stop` takes the request back.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        write_bytes(self.file("stop"), b"")

    def withdraw_stop(self) -> bool:
        """Take back the request to stop; returns whether there was one, for a shipped run always False."""
        if self.shipped:
            return False
        try:
            self.file("stop").unlink()
        except FileNotFoundError:
            return False
        return True

    def spec(self) -> RunSpec:
        """Read the specification of the run.

        Raises
        ------
        StoreError
            Where it is missing or damaged, or does not give the key of this folder.
        """
        path = self.file("spec.json")
        try:
            spec = RunSpec.from_text(self.files.peek("spec.json"), toml=False)
        except SpecError as error:
            raise StoreError(f"{path} is damaged: {error}") from error
        if spec.key() != self.key:
            raise StoreError(f"{path} is damaged: it describes run {spec.key()}, not {self.key}")
        return spec

    def status(self) -> Status:
        """Read where the run stands, corrected by what can be seen of its process and files; never raises.

        Returns
        -------
        Status
            "interrupted" where the process that computed or queued the run has ended; "corrupt" where the folder is damaged, with the
            problem as its message; else what status.json says.
        """
        try:
            with parsing.as_one_sentence(str(self.file("status.json")), StoreError):
                return self._judged(self.stored_status())
        except StoreError as error:
            return Status(state="corrupt", message=str(error))

    def stored_status(self) -> Status:
        """Read what status.json says, uncorrected.

        Raises
        ------
        StoreError
            Where the file is missing or damaged.
        """
        return parse_status(self.file("status.json"), self.files.peek("status.json"))

    def _judged(self, status: Status) -> Status:
        if status.state == "done":
            self.files.require_whole()
        elif status.state in ACTIVE and not self._computed(status):
            # It may have ended properly between the two looks: the newer status decides.
            newer = self.stored_status()
            if newer.state not in ACTIVE:
                return self._judged(newer)
            message = f"interrupted at step {status.step}; continue to resume"
            return status.but(state="interrupted", eta_s=None, message=message)
        elif status.state == "queued" and status.pid and has_ended(status.pid, status.host):
            return status.but(state="interrupted", message="the program that queued this run has ended")
        return status

    def _computed(self, status: Status) -> bool:
        holder = read_holder(self.file("claim.json"))
        return holder is not None and holder.alive(status.heartbeat)

    def write_status(self, status: Status) -> None:
        """Replace status.json, with the time of now as the heartbeat.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        write_json(self.file("status.json"), status.but(heartbeat=time.time()).model_dump())

    def read(self, name: str) -> bytes:
        """Read the bytes of one file; in a finished run they are checked against their checksum.

        Raises
        ------
        StoreError
            Where the file is missing, too large, or does not match its checksum.
        """
        return self.files.read(name)

    def summary(self) -> dict[str, Any]:
        """Read what was trained: label, trainable parameters, seconds, machine and the key of the first evaluation.

        Raises
        ------
        StoreError
            Where the summary is missing or damaged.
        """
        found = parse_json(self.file("summary.json"), self.read("summary.json"))
        if not isinstance(found, dict):
            raise StoreError(f"{self.file('summary.json')} is damaged: it is no summary")
        return found

    def arrays(self) -> dict[str, np.ndarray]:
        """Read the arrays left by the training (findings, prompt vectors, losses), by name; those of a tuning are [N, ...].

        Raises
        ------
        StoreError
            Where they are missing or damaged.
        """
        return parse_arrays(self.file("arrays.npz"), self.read("arrays.npz"))

    def weights(self) -> dict[str, Tensor]:
        """Read the kept weights by name: a state dictionary, or "<repetition>/<name>" for a tuning.

        Raises
        ------
        StoreError
            Where the file is missing or damaged.
        """
        return parse_tensors(self.file("weights.safetensors"), self.read("weights.safetensors"))

    def events(self) -> list[dict[str, Any]]:
        """List the measurements of every optimiser step, oldest first; an incomplete last line is left out.

        Raises
        ------
        StoreError
            Where a line is damaged.
        """
        return self.files.events()

    def open_events(self) -> BinaryIO:
        """Open the measurements as lines of JSON, for readers that continue from a byte offset.

        Raises
        ------
        FileNotFoundError
            Before the first step.
        """
        return self.files.open_events()

    def frame(self, step: int) -> Frame:
        """Read the frame filmed at `step`.

        Raises
        ------
        StoreError
            Where that step was not filmed, or the frame is damaged.
        """
        return self.files.frame(step)

    def evaluations(self) -> list[str]:
        """List the keys of the evaluations in this folder, sorted."""
        return sorted(Path(name).stem for name in self.names(FOLDER) if is_result(name))

    def evaluation(self, key: str) -> EvaluationRecord:
        """Read the results of evaluation `key`.

        An evaluation added after the run was sealed is not in the list of checksums; only the checks inside its own file protect it.

        Raises
        ------
        StoreError
            Where it is missing or damaged.
        """
        return parse_evaluation(self.file(evaluation_file(key)), self.read(evaluation_file(key)))

    def write_evaluation(self, key: str, record: EvaluationRecord) -> None:
        """Store the results of evaluation `key` in this folder.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        path = self.file(evaluation_file(key))
        path.parent.mkdir(exist_ok=True)
        write_bytes(path, pack_evaluation(record))

    def seal(self, status: Status) -> None:
        """Write the checksums of all files, then the status "done": from then on the run reads as finished.

        Raises
        ------
        StoreError
            Where a file of a finished run is missing, or the disk refuses.
        """
        frames = [f"frames/{self.film.path(step).name}" for step in self.film.steps()]
        names = [*RESULTS, *map(evaluation_file, self.evaluations()), *frames]
        write_json(self.file("checksums.json"), {name: sha256(read_bytes(self.file(name))) for name in names})
        sync_directory(self.path)
        self.write_status(status.but(state="done"))
