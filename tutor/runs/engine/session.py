"""One sitting of one process at one run: repetition after repetition, each trained, filmed, measured and put away."""

import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree

import torch
from torch import Tensor

from tutor.core.threads import announce_other_pieces, compute_piece
from tutor.methods import Tuning
from tutor.predictors import Predictor
from tutor.runs.engine.frame_recorder import FrameRecorder
from tutor.runs.engine.heartbeat import ClaimLost, Heartbeat, ProgressListener, StopRequested
from tutor.runs.engine.throughput import Throughput
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import read_tensors, write_arrays, write_json, write_tensors
from tutor.runs.results import evaluation_record, finish_repetition, join_weights, measure_network, training_arrays, training_summary
from tutor.runs.run import build_initial, tune_seed
from tutor.runs.status import Status, queued_status
from tutor.runs.store import RunStore
from tutor.training.loop import Training


class RunSession:
    """The work of one process on one run, from taking the claim to giving it back.

    Parameters
    ----------
    store
        Where runs are kept.
    folder
        The run.
    pulse
        Its heartbeat, which holds the claim.
    until
        Step at which to pause, counted over all repetitions; None computes to the end.
    """

    def __init__(self, store: RunStore, folder: RunFolder, pulse: Heartbeat, until: int | None):
        self.store, self.folder, self.pulse = store, folder, pulse
        self.spec = folder.spec()
        plan = queued_status(self.spec)
        self.repetitions, self.steps = plan.repetitions, plan.steps
        self.until = until
        self.job: Tuning | None = None
        self.repetition = 0
        self.camera = FrameRecorder(self.spec, folder.film)

    @property
    def place(self) -> int:
        """Steps taken so far, counted over all repetitions."""
        return self.repetition * self.steps + (self.job.step if self.job else 0)

    def compute(self, base: Callable[[], Predictor]) -> None:
        """Train and measure the remaining repetitions, then write the results and seal the run.

        Parameters
        ----------
        base
            Loads the pretrained network; only called for a tuning.

        Raises
        ------
        StopRequested
            Where the run was asked to stop, or reached `until`.
        OwnerGone
            Where the program that started this worker has ended.
        ClaimLost
            Where another process has taken the claim.
        Diverged
            Where the loss or the gradient is no longer finite.
        """
        self._sweep()
        self.repetition = len(self._put_away())
        begun = self.pulse.status.started or time.time()
        self.pulse.show(state="running", message="", started=begun, pid=os.getpid(), host=socket.gethostname(),
                        until=self.until, repetitions=self.repetitions)
        network = base() if self.spec.is_tuning else None
        self.pulse.resume_at(self._seconds_before())
        while self.repetition < self.repetitions:
            self._repeat(network)
            self.repetition, self.job = self.repetition + 1, None
        self._seal()

    def _sweep(self) -> None:
        """Remove what a killed process left half written; a claim that somebody is just making is theirs."""
        for torn in self.folder.path.glob(".*.tmp"):
            if ".claim." not in torn.name:
                torn.unlink(missing_ok=True)

    def leave(self, state: str, message: str) -> str:
        """End the session with a checkpoint, a frame of the current step and a new status.

        Parameters
        ----------
        state, message
            Of the new status.

        Returns
        -------
        str
            `state`, or the state that another process wrote if it has taken the claim.
        """
        try:
            if self.job is not None:
                self.pulse.save(self._checkpoint)
                self.camera.shoot(self.job)
            self.pulse.show(state=state, message=message, eta_s=None, **self._progress())
            return state
        except ClaimLost:
            return self.folder.status().state

    def give_up(self, message: str) -> str:
        """End the run as diverged, with the weights of the last good state, and return "diverged"."""
        self.pulse.log.flush(durable=True)
        parts = [read_tensors(path) for path in self._put_away()] + [finish_repetition(self.job.predictor, self.spec, {})]
        write_tensors(self.folder.file("weights.safetensors"), join_weights(parts, self.spec))
        self.pulse.show(state="diverged", message=message, eta_s=None, **self._progress())
        return "diverged"

    def follower(self) -> ProgressListener:
        """Make a listener for the base run that shows its progress as this run's own and stops it when this run is asked to stop."""
        return ProgressListener(on_step=lambda step: self.pulse.beat(save_nothing), on_status=self.follow)

    def follow(self, base: Status) -> None:
        """Show the progress of the base run in this run's status, and check whether this run was asked to stop.

        Raises
        ------
        StopRequested
            Where it was.
        OwnerGone
            Where the program that started this worker has ended.
        ClaimLost
            Where another process has taken the claim.
        """
        self.pulse.look()
        message = f"pretraining the base network: step {base.step} of {base.steps}"
        self.pulse.beat(save_nothing, message=message, eta_s=base.eta_s)

    def _repeat(self, network: Predictor | None) -> None:
        """One repetition: train from wherever its checkpoint stands, measure, put away."""
        self.job = self._start(network)
        self.steps = self.job.steps
        self._resume()
        self.pulse.show(state="running", message="", **self._progress())
        self._train()
        regrets = measure_network(self.job.predictor, self.spec, self._before_measuring)
        self.pulse.log.flush(durable=True)
        self.pulse.require_claim()
        found = {f"found/{name}": tensor for name, tensor in self.job.findings().items()}
        part = (
            finish_repetition(self.job.predictor, self.spec, regrets)
            | found
            | self._course()
            | {"seconds": seconds_tensor(self.pulse.seconds)}
        )
        self.folder.file("finished").mkdir(exist_ok=True)
        write_tensors(self._part(self.repetition), part)

    def _course(self) -> dict[str, Tensor]:
        """What every step of a tuning lost (nats per token): the log has it too, but is thinned where a run is shipped."""
        lost = [event["loss"] for event in self.folder.events() if event["repetition"] == self.repetition]
        return {"training/loss": torch.tensor(lost, dtype=torch.float32)} if self.spec.is_tuning and lost else {}

    def _start(self, network: Predictor | None) -> Tuning:
        if network is None:
            return Training(build_initial(self.spec), self.spec.source, self.spec.recipe, self.spec.seeds.pretrain)
        return self.spec.method.start(network, self.spec.on, self.spec.tuning, tune_seed(self.spec, self.repetition))

    def _train(self) -> None:
        if self.repetition == 0:
            self.camera.start(self.job)
        announce_other_pieces()
        pace = Throughput(self._work(self.job.step))
        whole = self._work(self.steps)
        while not self.job.done:
            if self.until is not None and self.place >= self.until:
                raise StopRequested("paused")
            step = compute_piece(self.job.advance)
            took = {"seconds": round(self.pulse.seconds, 3), "threads": torch.get_num_threads()}
            self.pulse.log.add(asdict(step) | {"repetition": self.repetition} | took)
            if self.repetition == 0:
                self.camera.look(self.job)
            self.pulse.listener.on_step(step)
            done = self._work(self.job.step)
            pace.note(done)
            left = pace.left(whole * (self.repetitions - self.repetition) - done)
            self.pulse.beat(self._checkpoint, eta_s=left and round(left, 1), waiting=round(pace.waiting, 2), **self._progress())

    def _work(self, step: int) -> float:
        """What the first steps of a repetition take, in a unit that grows evenly with time."""
        return float(self.job.recipe.tokens_before(step) if isinstance(self.job, Training) else step)

    def _before_measuring(self, label: str) -> None:
        announce_other_pieces()
        self.pulse.show(state="measuring", message=f"measuring on {label}", **self._progress())
        self.pulse.beat(self._checkpoint)

    def _progress(self) -> dict[str, int]:
        return {"step": self.job.step if self.job else 0, "steps": self.steps, "repetition": self.repetition}

    def _checkpoint(self) -> None:
        job = {f"job.{name}": tensor for name, tensor in self.job.state_tensors().items()}
        own = {"run.repetition": torch.tensor(self.repetition), "run.seconds": seconds_tensor(self.pulse.seconds)}
        write_tensors(self.folder.file("checkpoint.safetensors"), job | own)

    def _resume(self) -> None:
        path = self.folder.file("checkpoint.safetensors")
        saved = read_tensors(path) if path.exists() else {}
        if saved and int(saved["run.repetition"]) == self.repetition:
            job = {name.removeprefix("job."): t for name, t in saved.items() if name.startswith("job.")}
            self.job.load_tensors(job)

    def _seconds_before(self) -> float:
        """Seconds of computing that the newest file on the disk knows of."""
        paths = [*self._put_away(), self.folder.file("checkpoint.safetensors")]
        saved = [read_tensors(path) for path in paths if path.exists()]
        return max((float(s.get("run.seconds", s.get("seconds", 0.0))) for s in saved), default=0.0)

    def _part(self, repetition: int) -> Path:
        return self.folder.file("finished") / f"{repetition:03d}.safetensors"

    def _put_away(self) -> list[Path]:
        """The files of the finished repetitions, in order."""
        paths = [self._part(r) for r in range(self.repetitions)]
        return paths[:next((r for r, path in enumerate(paths) if not path.exists()), self.repetitions)]

    def _threads(self) -> dict[str, dict[str, int]]:
        """How many steps were computed on how many threads, over all sittings."""
        counts = Counter(str(event["threads"]) for event in self.folder.events() if "threads" in event)
        return {"threads": dict(sorted(counts.items()))} if counts else {}

    def _seal(self) -> None:
        """Write the results of all repetitions, then the checksums and the state "done", then clear the workshop."""
        parts = [read_tensors(path) for path in self._put_away()]
        self.pulse.require_claim()
        self.pulse.log.flush(durable=True)
        write_arrays(self.folder.file("arrays.npz"), training_arrays(parts, self.spec))
        self.folder.write_evaluation(self.spec.evaluation_key(), evaluation_record(parts, self.spec))
        write_tensors(self.folder.file("weights.safetensors"), join_weights(parts, self.spec))
        write_json(self.folder.file("summary.json"), training_summary(parts, self.spec, self.pulse.seconds) | self._threads())
        seconds = round(self.pulse.seconds, 3)
        self.folder.seal(self.pulse.status.but(message="", eta_s=None, until=None, seconds=seconds))
        self.pulse.listener.on_status(self.folder.status())
        for name in ("checkpoint.safetensors", "stop", "error.txt"):
            self.folder.file(name).unlink(missing_ok=True)
        rmtree(self.folder.file("finished"), ignore_errors=True)


def save_nothing() -> None:
    """Write no checkpoint: a run that waits for its base has none."""


def seconds_tensor(seconds: float) -> Tensor:
    """Convert seconds to a float64 scalar tensor, for storage."""
    return torch.tensor(seconds, dtype=torch.float64)
