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
from dask.system import CPU_COUNT
from distributed import Security, SpecCluster
from distributed.deploy.subprocess import SubprocessWorker
from distributed.system import MEMORY_LIMIT

from tutor.core.paths import PACKAGE
from tutor.runs.engine.certificate import credentials, write_certificate
from tutor.runs.engine.parent_watch import mark_as_owner
from tutor.runs.engine.private_nodes import PrivateNanny, PrivateScheduler
from tutor.runs.engine.scheduler_address import ADDRESS, EMBEDDED

LOCAL = {"host": "127.0.0.1", "dashboard": False}
SCRATCH = "prompt-tutor-"                          # beginning of the name of an engine's folder among temporary files
FOUND_IN = "scheduler.json"                        # in the scratch folder, private as that is: the scheduler's address
THREADS = "TUTOR_THREADS"                          # environment: compute on so many threads
MOST_THREADS = "TUTOR_MOST_THREADS"                # environment, where that says nothing: on as many as are quicker, up to this
MAX_USEFUL_THREADS = 2
"""Threads of one run that were found to pay."""


class EngineError(RuntimeError):
    """Runs cannot be computed here; the message is one sentence."""


@asynccontextmanager
async def embedded_engine(*, workers: int | None = None):
    """Start a scheduler in this event loop and worker processes beside it; yields its address and sets $TUTOR_SCHEDULER inside the block.

    Every worker computes one run at a time. All of it ends with this process, and every port asks for a certificate made for this engine,
    so that other users of the machine cannot connect.

    Parameters
    ----------
    workers
        Number of workers, which compute on $TUTOR_THREADS threads (1 unless set) and so give the same bits as the foreground. None is
        for an app with visitors: one worker, more while more runs are wanted, at most `max_workers()`; each chooses its threads by
        what is fastest at the time, unless $TUTOR_THREADS is set.

    Raises
    ------
    EngineError
        On Windows.
    """
    if sys.platform == "win32":
        raise EngineError("the embedded engine needs Linux or macOS; on Windows join a cluster with --scheduler")
    scratch = tempfile.mkdtemp(prefix=SCRATCH)     # only this user may look inside
    mark_as_owner(scratch)
    try:
        write_certificate(Path(scratch))
        shown = credentials(Path(scratch))
        with _environment(_worker_environment(free=workers is None)), dask.config.set(_SCHEDULING):
            async with _cluster(scratch, shown) as cluster:
                cluster.scale(workers or 1)        # they load torch, and join when they have; runs can wait for them already
                if workers is None:
                    cluster.adapt(minimum=1, maximum=max_workers(), **_ADAPTING)
                EMBEDDED[cluster.scheduler_address] = cluster.security
                with _environment({ADDRESS: cluster.scheduler_address}):
                    yield cluster.scheduler_address
    finally:
        rmtree(scratch, ignore_errors=True)


def _cluster(scratch: str, shown: dict[str, bool | str]) -> SpecCluster:
    """Scheduler and kind of worker, all of which show the same credentials."""
    options = {"nthreads": 1, "memory_limit": 0, "death_timeout": 180, "silence_logs": logging.ERROR, **LOCAL, "security": shown,
               "preload": ["tutor.runs.engine.preload_worker"], "preload_nanny": ["tutor.runs.engine.preload_nanny"],
               "local_directory": scratch}
    nanny = f"{PrivateNanny.__module__}.{PrivateNanny.__qualname__}"
    worker = {"cls": SubprocessWorker, "options": {"worker_class": nanny, "worker_kwargs": options}}
    security = Security(**shown)
    scheduler = {"cls": PrivateScheduler, "options": {**LOCAL, "port": 0, "security": security, "scheduler_file": f"{scratch}/{FOUND_IN}"}}
    return SpecCluster(scheduler=scheduler, worker=worker, security=security, asynchronous=True, silence_logs=logging.ERROR)


_SCHEDULING = {"distributed.scheduler.allowed-failures": 1, "distributed.scheduler.worker-saturation": 1.0}


# A worker for every unfinished run, looked at twice a second; one without work is let go after five minutes.
_ADAPTING = {"target_duration": "1ms", "interval": "500ms", "wait_count": 600}


def max_workers() -> int:
    """Most worker processes of an engine for visitors: one per core and per 2 GiB of memory, at most four."""
    return max(1, min(4, CPU_COUNT, MEMORY_LIMIT // 2**31))


def _worker_environment(*, free: bool) -> dict[str, str]:
    """What only the environment can tell a worker process; `free` where it may choose its threads and $TUTOR_THREADS is not given."""
    given = os.environ.get(THREADS)
    free = free and not given
    threads = min(MAX_USEFUL_THREADS, CPU_COUNT) if free else int(given or 1)
    # Dask would set MALLOC_TRIM_THRESHOLD_, which makes training 1.6 to 2 times slower (measured).
    inside = {"MALLOC_TRIM_THRESHOLD_": None,
              "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads,
              THREADS: None if free else threads, MOST_THREADS: threads if free else None}
    here = str(PACKAGE.parent)
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
