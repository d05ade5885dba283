"""Many runs at once from the foreground: what a study needs, on worker processes that end with the command."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from tutor.runs.engine.client import Engine
from tutor.runs.engine.evaluate import evaluate_run
from tutor.runs.engine.local_cluster import EngineError, embedded_engine
from tutor.runs.spec import RunSpec
from tutor.runs.status import ACTIVE, FINAL, Status
from tutor.runs.store import RunStore

POLL_SECONDS = 0.3
LOOKING = 9                                        # times as long as a look took is waited after it: it takes a tenth of a core at most
CHECKPOINT_SECONDS = 5.0                                        # seconds that runs have for a last checkpoint after Ctrl-C
HANDOVER_SECONDS = 3.0                                     # seconds that a run may be neither queued nor computed
START = 60.0                                       # seconds that an engine may take to start
JOIN = 120.0                                       # seconds that its first worker may take to join it


@dataclass(frozen=True)
class Progress:
    """Progress of a batch: number of finished runs, of all runs, and the status of each run being computed, by key."""

    finished: int
    total: int
    running: dict[str, Status]


def compute_runs(specs: Iterable[RunSpec], store: RunStore, *, workers: int = 2,
            on_progress: Callable[[Progress], None] = lambda progress: None) -> dict[str, Status]:
    """Compute every run that the store lacks, bases first, and evaluate each as its specification describes.

    A run that fails does not stop the others. A KeyboardInterrupt stops all with a checkpoint and is raised again.

    Parameters
    ----------
    specs
        The runs; bases of tunings need not be among them.
    store
        Where runs are kept.
    workers
        Worker processes, each of which computes one run at a time.
    on_progress
        Called about three times a second while runs are computed.

    Returns
    -------
    dict
        Status of each run in `specs` at the end, by key.

    Raises
    ------
    EngineError
        Where no worker process starts.
    StoreError
        Where the store cannot be written, or a finished run cannot be evaluated.
    """
    specs = list(specs)
    wanted = {spec.key(): spec for spec in specs}
    missing = {key: spec for key, spec in wanted.items() if not store.done(key)}
    if missing:
        bases = {spec.base().key(): spec.base() for spec in missing.values()}
        with background_engine(workers=min(workers, len(missing))) as address:
            engine = Engine(address, store)
            for spec in (bases | missing).values():
                engine.submit(spec)
            _wait(engine, list(missing), len(wanted), on_progress)
    for spec in specs:
        if store.done(spec.key()):
            evaluate_run(spec, store)              # those that were trained before, and measured otherwise
    return {key: store.get(key).status() for key in wanted}


def _wait(engine: Engine, keys: list[str], total: int, on_progress: Callable[[Progress], None]) -> None:
    """Follow the folders until every run has ended, or has been out of the queue for longer than a hand-over takes."""
    seen = dict.fromkeys(keys, time.monotonic())
    try:
        _await_worker(engine)
        while seen:
            now, entries = time.monotonic(), engine.queue()
            queued, waiting = {entry.key for entry in entries}, {entry.key for entry in entries if entry.position}
            states = {key: engine.store.get(key).status() for key in {*seen, *queued} - waiting}
            running = {key: status for key, status in states.items() if status.state in ACTIVE}
            seen |= dict.fromkeys(seen.keys() & (queued | running.keys()), now)
            seen = {key: at for key, at in seen.items()
                    if key in waiting or (states[key].state not in FINAL and now - at < HANDOVER_SECONDS)}
            on_progress(Progress(total - len(seen), total, running))
            time.sleep(max(POLL_SECONDS, LOOKING * (time.monotonic() - now)) if seen else 0)
    except KeyboardInterrupt:
        _stop_all(engine)
        raise
    finally:
        engine.close()


def _await_worker(engine: Engine) -> None:
    try:
        engine.client.wait_for_workers(1, timeout=JOIN)
    except TimeoutError as error:
        raise EngineError(f"no worker process came within {JOIN:g} s") from error


def _stop_all(engine: Engine) -> None:
    """Take what waits out of the queue and let what runs write its checkpoint."""
    for entry in reversed(engine.queue()):
        engine.stop(entry.key)
    deadline = time.monotonic() + CHECKPOINT_SECONDS
    while engine.queue() and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def background_engine(*, workers: int | None = None):
    """Start an embedded engine on an event loop in a thread of its own, for programs without one; yields its address.

    Parameters
    ----------
    workers
        As for `embedded_engine`.

    Raises
    ------
    EngineError
        Where it does not start within a minute.
    """
    started: dict[str, object] = {}
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(workers, started, ready)), daemon=True)
    thread.start()
    if not ready.wait(START) or "address" not in started:
        raise EngineError(f"the engine did not start: {started.get('error', 'no answer within a minute')}")
    try:
        yield started["address"]
    finally:
        started["loop"].call_soon_threadsafe(started["stop"].set)
        thread.join(CHECKPOINT_SECONDS)


async def _serve(workers: int | None, started: dict[str, object], ready: threading.Event) -> None:
    try:
        async with embedded_engine(workers=workers) as address:
            started |= {"address": address, "loop": asyncio.get_running_loop(), "stop": asyncio.Event()}
            ready.set()
            await started["stop"].wait()
    except Exception as error:
        started["error"] = error
        ready.set()
