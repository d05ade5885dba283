"""An engine inside this program: a scheduler in its event loop, worker processes beside it, nothing left behind.

Imports no torch, so that an app can answer while its workers and its own pages still load it.
"""

import logging
import os
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from shutil import rmtree

import dask
from distributed import Scheduler, SpecCluster
from distributed.deploy.subprocess import SubprocessWorker

from tutor.parent import mark_as_owner

ADDRESS = "TUTOR_SCHEDULER"                        # environment: where the scheduler of this program listens
LOCAL = {"host": "127.0.0.1", "dashboard": False}
EMBEDDED: set[str] = set()                         # addresses of schedulers that live and die with this process


class EngineError(RuntimeError):
    """Runs cannot be computed here; the message is one sentence."""


@asynccontextmanager
async def embedded_engine(*, workers: int = 1):
    """A scheduler in this event loop and worker processes that will join it; yields its address and sets $TUTOR_SCHEDULER.

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
            async with SpecCluster(scheduler=scheduler, worker=worker, asynchronous=True, silence_logs=logging.ERROR) as cluster:
                cluster.scale(workers)             # they load torch, and join when they have; runs can wait for them already
                EMBEDDED.add(cluster.scheduler_address)
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
