"""A worker ends with the program that started it, even when that program was killed and could not say goodbye."""

import os
import shutil
import threading
import time

from tutor.processes import Holder

PARENT = "TUTOR_PARENT"                            # environment: "pid born" of the program that owns this process
SCRATCH = "TUTOR_SCRATCH"                          # environment: its temporary folder, removed by whoever outlives it
LEAVING = threading.Event()
"""Set when the owner is gone: a job in progress writes its checkpoint and returns."""

LOOK_EVERY = 0.3
PATIENCE = 3.0                                     # seconds a job has for its last checkpoint


def mark_as_owner(scratch: str) -> None:
    """Processes started from now on belong to this one; `scratch` goes when the last of them ends."""
    here = Holder.here()
    os.environ[PARENT], os.environ[SCRATCH] = f"{here.pid} {here.born}".strip(), scratch


def watch_owner() -> None:
    """End this process soon after its owner has ended; does nothing in a process without owner (a cluster's worker)."""
    if PARENT in os.environ:
        threading.Thread(target=_watch, name="owner-watch", daemon=True).start()


def _watch() -> None:
    pid, _, born = os.environ[PARENT].partition(" ")
    owner = Holder(int(pid), Holder.here().host, born)
    while owner.alive(heartbeat=0.0):
        time.sleep(LOOK_EVERY)
    LEAVING.set()
    time.sleep(PATIENCE)
    shutil.rmtree(os.environ.get(SCRATCH, ""), ignore_errors=True)
    os._exit(0)
