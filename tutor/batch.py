"""Many runs at once from the foreground: what a study needs, on worker processes that end with the command."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from tutor.embedded import EngineError, embedded_engine
from tutor.engine import Engine
from tutor.spec import RunSpec
from tutor.status import ACTIVE, FINAL, Status
from tutor.store import RunStore

LOOK_EVERY = 0.3
GRACE = 5.0                                        # seconds that runs have for a last checkpoint after Ctrl-C
HANDOVER = 3.0                                     # seconds that a run may be neither queued nor computed
START = 60.0                                       # seconds that an engine may take to start
JOIN = 120.0                                       # seconds that its first worker may take to join it


@dataclass(frozen=True)
class Progress:
    """How far a batch is: finished runs of all, and the status of those being computed, by key."""

    finished: int
    total: int
    running: dict[str, Status]


def compute(specs: Iterable[RunSpec], store: RunStore, *, workers: int = 2,
            on_progress: Callable[[Progress], None] = lambda progress: None) -> dict[str, Status]:
    """Compute every run that the store lacks, `workers` at a time, bases first; the status of each, by key.

    A run that fails does not stop the others. A KeyboardInterrupt stops all with a checkpoint and is raised again.
    """
    wanted = {spec.key(): spec for spec in specs}
    missing = {key: spec for key, spec in wanted.items() if not store.done(key)}
    if missing:
        bases = {spec.base().key(): spec.base() for spec in missing.values()}
        with background_engine(workers=min(workers, len(missing))) as address:
            engine = Engine(address, store)
            for spec in (bases | missing).values():
                engine.submit(spec)
            _wait(engine, list(missing), len(wanted), on_progress)
    return {key: store.get(key).status() for key in wanted}


def _wait(engine: Engine, keys: list[str], total: int, on_progress: Callable[[Progress], None]) -> None:
    """Follow the folders until every run has ended, or has been out of the queue for longer than a hand-over takes."""
    seen = dict.fromkeys(keys, time.monotonic())
    try:
        _await_worker(engine)
        while seen:
            now, queued = time.monotonic(), {entry.key for entry in engine.queue()}
            states = {key: engine.store.get(key).status() for key in {*seen, *queued}}
            running = {key: status for key, status in states.items() if status.state in ACTIVE}
            seen |= dict.fromkeys(seen.keys() & (queued | running.keys()), now)
            seen = {key: at for key, at in seen.items() if states[key].state not in FINAL and now - at < HANDOVER}
            on_progress(Progress(total - len(seen), total, running))
            time.sleep(LOOK_EVERY if seen else 0)
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
    deadline = time.monotonic() + GRACE
    while engine.queue() and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def background_engine(*, workers: int):
    """An embedded engine on an event loop of its own thread, for programs that have none; yields its address."""
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
        thread.join(GRACE)


async def _serve(workers: int, started: dict[str, object], ready: threading.Event) -> None:
    try:
        async with embedded_engine(workers=workers) as address:
            started |= {"address": address, "loop": asyncio.get_running_loop(), "stop": asyncio.Event()}
            ready.set()
            await started["stop"].wait()
    except Exception as error:
        started["error"] = error
        ready.set()
