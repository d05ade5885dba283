"""A worker ends with the program that started it, even when that program was killed and could not say goodbye."""

import atexit
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
        left = find_owner(), os.environ.get(SCRATCH, "")             # now: a program that is watched here may own others later
        atexit.register(_remove_scratch, *left)    # Dask's own processes may notice first that their scheduler is gone, and end at once
        threading.Thread(target=_watch, args=left, name="owner-watch", daemon=True).start()


def find_owner() -> ClaimHolder:
    """Find the process that owns this one.

    Raises
    ------
    KeyError
        Where none does.
    """
    pid, _, born = os.environ[PARENT].partition(" ")
    return ClaimHolder(int(pid), ClaimHolder.here().host, born)


def is_abandoned() -> bool:
    """Return whether this process has an owner and that has ended."""
    return PARENT in os.environ and not find_owner().alive(heartbeat=0.0)


def _watch(owner: ClaimHolder, scratch: str) -> None:
    while owner.alive(heartbeat=0.0):
        time.sleep(POLL_SECONDS)
    LEAVING.set()
    time.sleep(CHECKPOINT_SECONDS)
    _remove_scratch(owner, scratch)
    os._exit(0)


def _remove_scratch(owner: ClaimHolder, scratch: str) -> None:
    if not owner.alive(heartbeat=0.0):
        shutil.rmtree(scratch, ignore_errors=True)
