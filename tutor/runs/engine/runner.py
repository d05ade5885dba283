"""Computing a run: start or resume, train, measure, seal. Killed anywhere, it continues from its last checkpoint and
ends with the same bits as a run that nobody disturbed.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tutor.core.threads import govern_threads
from tutor.methods import AbstractMethod
from tutor.predictors import Predictor
from tutor.runs.engine.evaluate import evaluate_run
from tutor.runs.engine.heartbeat import ClaimLost, Heartbeat, OwnerGone, ProgressListener, StopRequested
from tutor.runs.engine.session import RunSession
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError, write_bytes
from tutor.runs.lock import Claim, RunBusy
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec
from tutor.runs.status import ACTIVE, FINAL
from tutor.runs.store import RunStore
from tutor.sources import AbstractSource
from tutor.training.loop import Diverged, Step
from tutor.training.recipe import Recipe

HANDOVER_SECONDS = 30.0                                    # seconds to wait for a predecessor that is about to leave


class RunFailed(RuntimeError):
    """A requested run did not finish; the message is the run's own sentence."""


def pretrain(spec: RunSpec, store: RunStore | None = None, on_step: Callable[[Step], None] = lambda step: None) -> Run:
    """Compute the run of `spec`, a pretraining or a tuning, in this process, and evaluate it as `spec` describes.

    A run that is finished is not computed again; if it was evaluated in another way, it is only evaluated again. After a KeyboardInterrupt
    the same call continues from the last checkpoint.

    Parameters
    ----------
    spec
        The run; a tuning computes its base first.
    store
        Where runs are kept; None is the default store.
    on_step
        Called after each optimiser step of the run itself, not of its base.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    RunFailed
        Where the run does not finish: it failed, diverged, was stopped, or is being computed by another process.
    StoreError
        Where the store cannot be written, or the run cannot be evaluated.
    """
    store = store or RunStore()
    folder = store.create(spec)
    folder.withdraw_stop()
    state = advance_run(store.root, folder.key, listener=ProgressListener(on_step=on_step))
    if state != "done":
        raise RunFailed(f"run {folder.key} is {state}: {folder.status().message}")
    return evaluate_run(spec, store)


def tune(base: Predictor, method: AbstractMethod, *, on: AbstractSource, recipe: Recipe, seed: int = 0) -> Predictor:
    """Tune `base` towards `on` in memory, without a store; the base stays bit-identical.

    Parameters
    ----------
    base
        A pretrained predictor.
    method
        How to tune.
    on
        The target.
    recipe
        How to optimise.
    seed
        Of the starting point and the data.

    Returns
    -------
    Predictor
        A tuned copy.

    Raises
    ------
    Diverged
        Where the loss or the gradient is no longer finite.
    """
    tuning = method.start(base, on, recipe, seed)
    while not tuning.done:
        tuning.advance()
    return method.finished(tuning.predictor)


def advance_run(store_root: Path | str, key: str, until: int | None = None, *, listener: ProgressListener | None = None) -> str:
    """Compute run `key` to its end, or to step `until`, and return its state.

    Does nothing where the run is finished or another living process computes it. Failures of the computation become a state of the run.

    Parameters
    ----------
    store_root
        Folder of the user's own runs.
    key
        Key of a run that exists.
    until
        Step at which to pause, counted over all repetitions; None computes to the end.
    listener
        Called with progress; None for nobody.

    Returns
    -------
    str
        "done", "diverged", "failed", "paused" or "interrupted"; "running" or "measuring" where another process computes it.

    Raises
    ------
    StoreError
        Where there is no such run, its specification is damaged, or the disk refuses.
    """
    store = RunStore(store_root)
    while True:
        folder = store.get(key)
        end = _attempt(store, folder, until, listener or ProgressListener())
        if not end.by_marker or folder.stop_requested():
            return end.state
        # Somebody withdrew the stop while the last checkpoint was being written: they want it to go on.


@dataclass(frozen=True)
class AttemptEnd:
    """How an attempt to compute a run ended: the state of the run, and whether this process stopped because it was asked to."""

    state: str
    by_marker: bool = False


def _attempt(store: RunStore, folder: RunFolder, until: int | None, listener: ProgressListener) -> AttemptEnd:
    """One claim on the folder, one sitting, one end."""
    if folder.shipped or folder.status().state in FINAL:
        return AttemptEnd(folder.status().state)
    claim = folder.claim()
    if not _acquired(claim, folder, until):
        return AttemptEnd(folder.status().state)
    try:
        if folder.status().state in FINAL:         # finished between the look and the claim
            return AttemptEnd(folder.status().state)
        with govern_threads():
            return _sit(store, folder, Heartbeat(folder, claim, listener), until)
    except StoreError as error:                    # damaged before it could begin, or a disk that takes nothing more
        folder.write_status(folder.status().but(state="failed", message=str(error), eta_s=None))
        raise
    finally:
        claim.release()


def _acquired(claim: Claim, folder: RunFolder, until: int | None) -> bool:
    """Take the claim; wait only for a holder that is leaving anyway, by a stop or at an earlier step."""
    deadline = time.monotonic() + HANDOVER_SECONDS
    while True:
        status = folder.status()
        try:
            claim.acquire(status.heartbeat)
            return True
        except RunBusy:
            sooner = status.until is not None and (until is None or status.until < until)
            leaving = sooner or status.state not in ACTIVE
            if not leaving or time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def _sit(store: RunStore, folder: RunFolder, pulse: Heartbeat, until: int | None) -> AttemptEnd:
    """One sitting; every way it can end becomes a state of the run."""
    sitting = RunSession(store, folder, pulse, until)
    try:
        sitting.compute(base=lambda: _base(store, sitting))
        return AttemptEnd("done")
    except ClaimLost:
        return AttemptEnd(folder.status().state)
    except StopRequested as stop:
        return AttemptEnd(sitting.leave("paused", f"{stop} at step {sitting.place}; continue to resume"), stop.by_marker)
    except OwnerGone:
        return AttemptEnd(sitting.leave("interrupted", f"interrupted at step {sitting.place}; continue to resume"))
    except Diverged as error:
        return AttemptEnd(sitting.give_up(str(error)))
    except KeyboardInterrupt:
        message = "stopped by the user; continue to resume from the last checkpoint"
        pulse.show(state="paused", eta_s=None, message=message)
        raise
    except Exception as error:
        return _failed(folder, pulse, error)


def _failed(folder: RunFolder, pulse: Heartbeat, error: Exception) -> AttemptEnd:
    """Note a failure as far as the disk still lets us; a full disk raises its own sentence."""
    expected = isinstance(error, (StoreError, RunFailed))
    first_line = (str(error).splitlines() or [""])[0]
    pulse.show(state="failed", eta_s=None, message=first_line if expected else f"{type(error).__name__}: {first_line}")
    write_bytes(folder.file("error.txt"), "".join(traceback.format_exception(error)).encode())
    return AttemptEnd("failed")


def _base(store: RunStore, sitting: RunSession) -> Predictor:
    """The pretrained network of a tuning, computed first where it is not there yet."""
    folder = store.create(sitting.spec.base())
    while not store.done(folder.key):
        status = folder.status()
        if folder.stop_requested():
            raise StopRequested(f"waiting for its base run {folder.key}, which was stopped")
        if status.state in ("diverged", "corrupt"):
            raise RunFailed(f"its base run {folder.key} is {status.state}: {status.message}")
        if _attempt(store, folder, None, sitting.follower()).state == "failed":
            raise RunFailed(f"its base run {folder.key} failed: {folder.status().message}")
        sitting.follow(folder.status())            # another process may be computing it: look again a little later
        time.sleep(0.05)
    return store.base_of(sitting.spec).predictor
