"""A worker ends with the program that started it, even when that program was killed and could not say goodbye."""

import os
import shutil
import threading
import time

from tutor.runs.io.processes import ClaimHolder

PARENT = "TUTOR_PARENT"                            # environment: "pid born" of the program that owns this process
SCRATCH = "TUTOR_SCRATCH"                          # environment: its temporary folder, removed by whoever outlives it
LEAVING = threading.Event()
"""Set when the owner is gone: a job in progress writes its checkpoint and returns."""

POLL_SECONDS = 0.3
CHECKPOINT_SECONDS = 3.0                                     # seconds a job has for its last checkpoint


def mark_as_owner(scratch: str) -> None:
    """Make this process the owner of all processes started from now on.

    Parameters
    ----------
    scratch
        Temporary folder that is deleted when its owner has ended.
    """
    here = ClaimHolder.here()
    os.environ[PARENT], os.environ[SCRATCH] = f"{here.pid} {here.born}".strip(), scratch


def watch_owner() -> None:
    """End this process a few seconds after its owner has ended; does nothing where there is no owner, as in a cluster's worker."""
    if PARENT in os.environ:
        threading.Thread(target=_watch, name="owner-watch", daemon=True).start()


def _watch() -> None:
    pid, _, born = os.environ[PARENT].partition(" ")
    owner = ClaimHolder(int(pid), ClaimHolder.here().host, born)
    while owner.alive(heartbeat=0.0):
        time.sleep(POLL_SECONDS)
    LEAVING.set()
    time.sleep(CHECKPOINT_SECONDS)
    shutil.rmtree(os.environ.get(SCRATCH, ""), ignore_errors=True)
    os._exit(0)
