"""One sitting of one process at one run: repetition after repetition, each trained, filmed, measured and put away."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree

import torch
from torch import Tensor

from tutor.camera import Camera
from tutor.files import read_tensors, write_arrays, write_json, write_tensors
from tutor.folder import RunFolder
from tutor.methods import Tuning
from tutor.predictors import Predictor
from tutor.pulse import Listener, Pulse, Stopped, Superseded
from tutor.results import arrays_of, finished, measured, summary_of, weights_of
from tutor.run import initial, tune_seed
from tutor.status import Status, queued
from tutor.store import RunStore
from tutor.train import Training


class Sitting:
    """The work on one run between taking its claim and giving it back."""

    def __init__(self, store: RunStore, folder: RunFolder, pulse: Pulse, until: int | None):
        self.store, self.folder, self.pulse = store, folder, pulse
        self.spec = folder.spec()
        plan = queued(self.spec)
        self.repetitions, self.steps = plan.repetitions, plan.steps
        self.until = until
        self.job: Tuning | None = None
        self.repetition = 0
        self.camera = Camera(self.spec, folder.film)

    @property
    def place(self) -> int:
        """Steps taken so far, over all repetitions."""
        return self.repetition * self.steps + (self.job.step if self.job else 0)

    def compute(self, base: Callable[[], Predictor]) -> None:
        """Bring the run to its end. Raises Stopped, Abandoned, Superseded or Diverged on the way."""
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
        """End this sitting with a checkpoint and, for whoever looks on, a frame of where it stands."""
        try:
            if self.job is not None:
                self.pulse.save(self._checkpoint)
                self.camera.shoot(self.job)
            self.pulse.show(state=state, message=message, eta_s=None, **self._progress())
            return state
        except Superseded:
            return self.folder.status().state

    def give_up(self, message: str) -> str:
        """End the run as diverged, with the weights of the last good state."""
        self.pulse.log.flush(durable=True)
        parts = [read_tensors(path) for path in self._put_away()] + [finished(self.job.predictor, self.spec, {})]
        write_tensors(self.folder.file("weights.safetensors"), weights_of(parts, self.spec))
        self.pulse.show(state="diverged", message=message, eta_s=None, **self._progress())
        return "diverged"

    def follower(self) -> Listener:
        """Shows the progress of the base run as this run's own, and stops it when this run is asked to stop."""
        return Listener(on_step=lambda step: self.pulse.beat(nothing_to_save), on_status=self.follow)

    def follow(self, base: Status) -> None:
        """Note how far the base run is, and look whether this run is still wanted."""
        self.pulse.look()
        message = f"pretraining the base network: step {base.step} of {base.steps}"
        self.pulse.beat(nothing_to_save, message=message, eta_s=base.eta_s)

    def _repeat(self, network: Predictor | None) -> None:
        """One repetition: train from wherever its checkpoint stands, measure, put away."""
        self.job = self._start(network)
        self.steps = self.job.steps
        self._resume()
        self.pulse.show(state="running", message="", **self._progress())
        self._train()
        regrets = measured(self.job.predictor, self.spec, self._before_measuring)
        self.pulse.log.flush(durable=True)
        self.pulse.require_claim()
        found = {f"found/{name}": tensor for name, tensor in self.job.findings().items()}
        part = finished(self.job.predictor, self.spec, regrets) | found | self._course() | {"seconds": seconds_tensor(self.pulse.seconds)}
        self.folder.file("finished").mkdir(exist_ok=True)
        write_tensors(self._part(self.repetition), part)

    def _course(self) -> dict[str, Tensor]:
        """What every step of a tuning lost (nats per token): the log has it too, but is thinned where a run is shipped."""
        lost = [event["loss"] for event in self.folder.events() if event["repetition"] == self.repetition]
        return {"training/loss": torch.tensor(lost, dtype=torch.float32)} if self.spec.is_tuning and lost else {}

    def _start(self, network: Predictor | None) -> Tuning:
        if network is None:
            return Training(initial(self.spec), self.spec.source, self.spec.recipe, self.spec.seeds.pretrain)
        return self.spec.method.start(network, self.spec.on, self.spec.tuning, tune_seed(self.spec, self.repetition))

    def _train(self) -> None:
        if self.repetition == 0:
            self.camera.start(self.job)
        began, first = time.monotonic(), self.place
        while not self.job.done:
            if self.until is not None and self.place >= self.until:
                raise Stopped("paused")
            step = self.job.advance()
            self.pulse.log.add(asdict(step) | {"repetition": self.repetition, "seconds": round(self.pulse.seconds, 3)})
            if self.repetition == 0:
                self.camera.look(self.job)
            self.pulse.listener.on_step(step)
            pace = (time.monotonic() - began) / (self.place - first)
            left = self.steps * self.repetitions - self.place
            self.pulse.beat(self._checkpoint, eta_s=round(pace * left, 1), **self._progress())

    def _before_measuring(self, label: str) -> None:
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

    def _seal(self) -> None:
        """Write the results of all repetitions, then the checksums and the state "done", then clear the workshop."""
        parts = [read_tensors(path) for path in self._put_away()]
        self.pulse.require_claim()
        self.pulse.log.flush(durable=True)
        write_arrays(self.folder.file("arrays.npz"), arrays_of(parts, self.spec))
        write_tensors(self.folder.file("weights.safetensors"), weights_of(parts, self.spec))
        write_json(self.folder.file("summary.json"), summary_of(parts, self.spec, self.pulse.seconds))
        seconds = round(self.pulse.seconds, 3)
        self.folder.seal(self.pulse.status.but(message="", eta_s=None, until=None, seconds=seconds))
        self.pulse.listener.on_status(self.folder.status())
        for name in ("checkpoint.safetensors", "stop", "error.txt"):
            self.folder.file(name).unlink(missing_ok=True)
        rmtree(self.folder.file("finished"), ignore_errors=True)


def nothing_to_save() -> None:
    """The checkpoint of a run that only waits for its base."""


def seconds_tensor(seconds: float) -> Tensor:
    return torch.tensor(seconds, dtype=torch.float64)
