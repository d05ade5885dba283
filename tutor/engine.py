"""Where runs are computed: Dask workers that are told a store and a key, and nothing else.

Numbers and progress live in the run folders; the scheduler only decides who computes what, and when. By default it
lives in the program that needs it, with worker processes of its own; a cluster is joined by its scheduler's address.
"""

import logging
import os
import re
import socket
import sys
import tempfile
import uuid
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import dask
from distributed import Client, Future, Scheduler, SpecCluster, fire_and_forget
from distributed.deploy.subprocess import SubprocessWorker

from tutor.claim import Busy
from tutor.folder import RunFolder
from tutor.jobs import TASK, job, unfinished_tasks
from tutor.parent import mark_as_owner
from tutor.spec import RunSpec
from tutor.status import ACTIVE, FINAL
from tutor.store import RunStore

ADDRESS = "TUTOR_SCHEDULER"                        # environment: where the scheduler of this program listens
FORM = re.compile(r"(tcp|tls)://[\w.\-\[\]:]+:\d{1,5}")
ANSWER_WITHIN = "5s"                               # for a scheduler that is asked for the first time
LOCAL = {"host": "127.0.0.1", "dashboard": False}
_embedded: set[str] = set()                        # addresses of schedulers that live and die with this process


class EngineError(RuntimeError):
    """Runs cannot be computed here; the message is one sentence."""


@asynccontextmanager
async def embedded_engine(*, workers: int = 1):
    """A scheduler in this event loop and worker processes beside it; yields its address and sets $TUTOR_SCHEDULER.

    Every worker computes one run at a time with `threads_of(workers)` threads. Nothing of it outlives this process.
    """
    if sys.platform == "win32":
        raise EngineError("the embedded engine needs Linux or macOS; on Windows join a cluster with --scheduler")
    scratch = tempfile.mkdtemp(prefix="prompt-tutor-")
    mark_as_owner(scratch)
    options = {"nthreads": 1, "memory_limit": 0, "death_timeout": 180, "silence_logs": logging.ERROR, **LOCAL,
               "preload": ["tutor.worker_preload"], "preload_nanny": ["tutor.nanny_preload"], "local_directory": scratch}
    worker = {"cls": SubprocessWorker, "options": {"worker_class": "distributed.Nanny", "worker_kwargs": options}}
    scheduler = {"cls": Scheduler, "options": {**LOCAL, "port": 0, "dashboard_address": "127.0.0.1:0"}}
    try:
        with _environment(_worker_environment(threads_of(workers))), dask.config.set(_SCHEDULING):
            async with SpecCluster(scheduler=scheduler, workers=dict.fromkeys(range(workers), worker),
                                   asynchronous=True, silence_logs=logging.ERROR) as cluster:
                _embedded.add(cluster.scheduler_address)
                with _environment({ADDRESS: cluster.scheduler_address}):
                    yield cluster.scheduler_address
    finally:
        rmtree(scratch, ignore_errors=True)


_SCHEDULING = {"distributed.scheduler.allowed-failures": 1, "distributed.scheduler.worker-saturation": 1.0}


def threads_of(workers: int) -> int:
    """Threads of each of so many workers: $TUTOR_THREADS, or what the cores allow up to two, the most that was found to pay."""
    given = os.environ.get("TUTOR_THREADS")
    return int(given) if given else max(1, min(2, (os.cpu_count() or 1) // workers))


def _worker_environment(threads: int) -> dict[str, str]:
    """What only the environment can tell a worker process."""
    # Dask would set MALLOC_TRIM_THRESHOLD_, which makes training 1.6 to 2 times slower (measured).
    inside = {"MALLOC_TRIM_THRESHOLD_": None,
              "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "TUTOR_THREADS": threads}
    here = str(Path(__file__).resolve().parent.parent)
    known = os.environ.get("PYTHONPATH")
    return {"DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": repr(inside),
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_LOGGING__DISTRIBUTED": "error",
            "PYTHONPATH": os.pathsep.join([here, known] if known else [here])}


@contextmanager
def _environment(values: dict[str, str]):
    """Environment variables set inside and restored after."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})


@dataclass(frozen=True)
class Queued:
    """One run that the engine knows of: position 0 is being computed, 1 is next."""

    key: str
    position: int


class Engine:
    """The way to ask for runs, from any thread: submit, stop, and look at the queue."""

    def __init__(self, address: str | None = None, store: RunStore | None = None):
        self.address = address or os.environ.get(ADDRESS, "")
        self.store = store or RunStore()
        if not FORM.fullmatch(self.address):
            raise EngineError(f"the scheduler address is {self.address or 'empty'}; it must look like tcp://host:8786")
        try:
            self.client = Client(self.address, timeout=ANSWER_WITHIN, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            message = f"no scheduler answers at {self.address}; start one with `dask scheduler` or do without"
            raise EngineError(message) from error

    def submit(self, spec: RunSpec, until: int | None = None, *, front: bool = False) -> str:
        """Have `spec` computed to its end, or to step `until` (over all repetitions), and return its key at once.

        The same run asked for twice is computed once; a stopped or failed one continues. A tuning brings its base.
        """
        folder = self.store.create(spec)
        if folder.shipped or folder.status().state in FINAL:
            return folder.key
        base = self._base(spec, front) if spec.is_tuning else None
        self._send(folder, until, after=base, front=front)
        return folder.key

    def stop(self, key: str, *, force: bool = False) -> None:
        """Ask run `key` to stop with a checkpoint, or take it out of the queue; `force` ends its process on this host."""
        folder = self.store.get(key)
        if folder.shipped or folder.status().state in FINAL:
            return
        folder.request_stop()
        if folder.status().state not in ACTIVE or force:
            waiting = [Future(name, self.client) for name in self._tasks() if _run_of(name) == key]
            self.client.cancel(waiting, force=True)
            self._note(folder, "paused", "stopped before it began; continue to compute it")
        if force:
            folder.claim().end_holder()

    def queue(self) -> list[Queued]:
        """Every run that is being computed or waits, in the order in which they will be begun."""
        keys = list(dict.fromkeys(_run_of(name) for name in self._tasks()))
        found = {key: self.store.find(key) for key in keys}
        running = [key for key, folder in found.items() if folder and folder.status().state in ACTIVE]
        waiting = [key for key in keys if key not in running]
        return [Queued(key, 0) for key in running] + [Queued(key, 1 + i) for i, key in enumerate(waiting)]

    def close(self) -> None:
        """Let go of the scheduler; runs go on."""
        self.client.close()

    def _base(self, spec: RunSpec, front: bool) -> Future | None:
        base = self.store.create(spec.base())
        return None if base.status().state in FINAL else self._send(base, None, after=None, front=front)

    def _send(self, folder: RunFolder, until: int | None, *, after: Future | None, front: bool) -> Future:
        # A run that is being computed or waits keeps its task; one that is leaving or has left needs a new one.
        leaving = folder.withdraw_stop() or folder.status().state not in ("queued", *ACTIVE)
        name = f"{TASK}{folder.key}-{until or 'end'}" + (f"-{uuid.uuid4().hex[:8]}" if leaving else "")
        self._note(folder, "queued", "")
        future = self.client.submit(job, str(self.store.root), folder.key, until, after, key=name, pure=False,
                                    priority=10 if front else 0, fifo_timeout="0 ms")
        fire_and_forget(future)
        future.add_done_callback(lambda ended: self._ended(ended, folder, until))
        return future

    def _ended(self, future: Future, folder: RunFolder, until: int | None) -> None:
        """A worker that died twice took this task with it: say so, or send it again if it had not even begun."""
        if future.status != "error":
            return
        if folder.status().state == "queued":
            self._send(folder, until, after=None, front=False)
        else:
            self._note(folder, "failed", "its worker died twice, perhaps for want of memory; continue to try again")

    def _note(self, folder: RunFolder, state: str, message: str) -> None:
        """Write a status from outside the computation; where somebody computes, theirs is the better one."""
        claim, status = folder.claim(), folder.status()
        try:
            claim.acquire(status.heartbeat)
        except Busy:
            return
        try:
            if folder.status().state not in FINAL:
                owner = os.getpid() if self.address in _embedded else 0
                host = socket.gethostname()
                folder.write_status(status.but(state=state, message=message, pid=owner, host=host, eta_s=None))
        finally:
            claim.release()

    def _tasks(self) -> list[str]:
        return self.client.run_on_scheduler(unfinished_tasks)


def _run_of(task: str) -> str:
    return task.split("-")[1]
