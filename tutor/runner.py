"""Computing a run: start or resume, train, measure, seal. Killed anywhere, it continues from its last checkpoint and
ends with the same bits as a run that nobody disturbed.
"""

import os
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from tutor.claim import Busy, Claim
from tutor.files import StoreError, write_bytes
from tutor.folder import RunFolder
from tutor.methods import AbstractMethod
from tutor.predictors import Predictor
from tutor.pulse import Abandoned, Listener, Pulse, Stopped, Superseded
from tutor.recipe import Recipe
from tutor.run import Run
from tutor.sitting import Sitting
from tutor.sources import AbstractSource
from tutor.spec import RunSpec
from tutor.status import ACTIVE, FINAL
from tutor.store import RunStore
from tutor.train import Diverged, Step

HANDOVER = 30.0                                    # seconds to wait for a predecessor that is about to leave


class RunFailed(RuntimeError):
    """A run that was asked for did not finish; the message is the run's own sentence."""


def pretrain(spec: RunSpec, store: RunStore | None = None, on_step: Callable[[Step], None] = lambda step: None) -> Run:
    """Compute the run `spec` in this process (or load it, if it is there) and return it; a tuning as well.

    Raises RunFailed where it does not finish. A KeyboardInterrupt leaves it to be continued by the same call.
    """
    store = store or RunStore()
    folder = store.create(spec)
    folder.withdraw_stop()
    state = advance(store.root, folder.key, listener=Listener(on_step=on_step))
    if state != "done":
        raise RunFailed(f"run {folder.key} is {state}: {folder.status().message}")
    return store.load(folder.key)


def tune(base: Predictor, method: AbstractMethod, *, on: AbstractSource, recipe: Recipe, seed: int = 0) -> Predictor:
    """`base` tuned towards `on` by `method`, in memory; the base stays bit-identical. Raises Diverged."""
    tuning = method.start(base, on, recipe, seed)
    while not tuning.done:
        tuning.advance()
    return method.finished(tuning.predictor)


def advance(store_root: Path | str, key: str, until: int | None = None, *, listener: Listener | None = None) -> str:
    """Bring run `key` to its end, or to step `until` (counted over all repetitions), and return its state.

    Does nothing where the run is finished or another living process computes it. Raises StoreError where there is no
    such run or its specification is damaged; everything else that goes wrong is a state of the run.
    """
    store = RunStore(store_root)
    while True:
        folder = store.get(key)
        end = _attempt(store, folder, until, listener or Listener())
        if not end.by_marker or folder.stop_requested():
            return end.state
        # Somebody withdrew the stop while the last checkpoint was being written: they want it to go on.


@dataclass(frozen=True)
class End:
    """How an attempt ended: the state of the run, and whether this process obeyed its stop marker."""

    state: str
    by_marker: bool = False


def _attempt(store: RunStore, folder: RunFolder, until: int | None, listener: Listener) -> End:
    """One claim on the folder, one sitting, one end."""
    if folder.shipped or folder.status().state in FINAL:
        return End(folder.status().state)
    claim = folder.claim()
    if not _acquired(claim, folder, until):
        return End(folder.status().state)
    try:
        if folder.status().state in FINAL:         # finished between the look and the claim
            return End(folder.status().state)
        with one_thread_count():
            return _sit(store, folder, Pulse(folder, claim, listener), until)
    except StoreError as error:                    # damaged before it could begin, or a disk that takes nothing more
        folder.write_status(folder.status().but(state="failed", message=str(error), eta_s=None))
        raise
    finally:
        claim.release()


def _acquired(claim: Claim, folder: RunFolder, until: int | None) -> bool:
    """Take the claim; wait only for a holder that is leaving anyway, by a stop or at an earlier step."""
    deadline = time.monotonic() + HANDOVER
    while True:
        status = folder.status()
        try:
            claim.acquire(status.heartbeat)
            return True
        except Busy:
            sooner = status.until is not None and (until is None or status.until < until)
            leaving = sooner or status.state not in ACTIVE
            if not leaving or time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def _sit(store: RunStore, folder: RunFolder, pulse: Pulse, until: int | None) -> End:
    """One sitting; every way it can end becomes a state of the run."""
    sitting = Sitting(store, folder, pulse, until)
    try:
        sitting.compute(base=lambda: _base(store, sitting))
        return End("done")
    except Superseded:
        return End(folder.status().state)
    except Stopped as stop:
        return End(sitting.leave("paused", f"{stop} at step {sitting.place}; continue to resume"), stop.by_marker)
    except Abandoned:
        return End(sitting.leave("interrupted", f"interrupted at step {sitting.place}; continue to resume"))
    except Diverged as error:
        return End(sitting.give_up(str(error)))
    except KeyboardInterrupt:
        message = "stopped by the user; continue to resume from the last checkpoint"
        pulse.show(state="paused", eta_s=None, message=message)
        raise
    except Exception as error:
        return _failed(folder, pulse, error)


def _failed(folder: RunFolder, pulse: Pulse, error: Exception) -> End:
    """Note a failure as far as the disk still lets us; a full disk raises its own sentence."""
    expected = isinstance(error, (StoreError, RunFailed))
    first_line = (str(error).splitlines() or [""])[0]
    pulse.show(state="failed", eta_s=None, message=first_line if expected else f"{type(error).__name__}: {first_line}")
    write_bytes(folder.file("error.txt"), "".join(traceback.format_exception(error)).encode())
    return End("failed")


def _base(store: RunStore, sitting: Sitting) -> Predictor:
    """The pretrained network of a tuning, computed first where it is not there yet."""
    folder = store.create(sitting.spec.base())
    while not store.done(folder.key):
        status = folder.status()
        if folder.stop_requested():
            raise Stopped(f"waiting for its base run {folder.key}, which was stopped")
        if status.state in ("diverged", "corrupt"):
            raise RunFailed(f"its base run {folder.key} is {status.state}: {status.message}")
        if _attempt(store, folder, None, sitting.follower()).state == "failed":
            raise RunFailed(f"its base run {folder.key} failed: {folder.status().message}")
        sitting.follow(folder.status())            # another process may be computing it: look again a little later
        time.sleep(0.05)
    return store.base_of(sitting.spec).predictor


@contextmanager
def one_thread_count():
    """The thread count of $TUTOR_THREADS (1 unless given) inside: it decides the order of sums, so also the bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get("TUTOR_THREADS", "1")))
    try:
        yield
    finally:
        torch.set_num_threads(before)
