"""Who is computing a run: a lock file with process, host and start time, which dies with its holder.

It is linked into place complete, so nobody ever sees half a claim, and a claim whose process is gone is broken under
a short file lock, so that two processes cannot both believe they broke it.
"""

import os
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

from tutor.runs.io.formats import StoreError, explain_os_error, read_json, write_json
from tutor.runs.io.processes import ClaimHolder

try:
    import fcntl
except ImportError:                                # Windows: only the link itself guards there
    fcntl = None

MOST_PROCESSES = 2**31
"""Beyond every process number; the system takes negative ones for groups of processes."""


class RunBusy(StoreError):
    """Another living process computes this run."""


class Claim:
    """The right to write into one run folder, held from `acquire` to `release`.

    Parameters
    ----------
    path
        The lock file, claim.json in the folder of the run.
    """

    def __init__(self, path: Path):
        self.path = path
        self._inode = 0

    def acquire(self, heartbeat: float) -> None:
        """Take the claim, also from a process that has ended.

        Parameters
        ----------
        heartbeat
            Last sign of life in the status of the run (unix seconds), by which a holder on another host is judged.

        Raises
        ------
        RunBusy
            Where a living process holds the claim.
        StoreError
            Where the disk refuses.
        """
        mine = self.path.with_name(f".claim.{os.getpid()}.{threading.get_ident()}.tmp")
        write_json(mine, vars(ClaimHolder.here()))
        try:
            self._link(mine, heartbeat)
            self._inode = os.stat(mine).st_ino
        except OSError as error:
            raise explain_os_error("write", self.path, error) from error
        finally:
            mine.unlink(missing_ok=True)

    def _link(self, mine: Path, heartbeat: float) -> None:
        with _guarded(self.path.with_name(".guard")):
            holder = read_holder(self.path)
            if holder and holder.alive(heartbeat):
                raise RunBusy(f"run {self.path.parent.name} is being computed by process {holder.pid} on {holder.host}")
            self.path.unlink(missing_ok=True)
            os.link(mine, self.path)

    def held(self) -> bool:
        """Whether this process still holds the claim; another may have taken it after believing that this one had ended."""
        try:
            return os.stat(self.path).st_ino == self._inode
        except OSError:
            return False

    def release(self) -> None:
        """Give the claim back if this process still holds it."""
        if self.held():
            self.path.unlink(missing_ok=True)

    def end_holder(self) -> None:
        """Kill the process that holds the claim, if it is another one on this host; its run can be continued."""
        holder = read_holder(self.path)
        if holder and holder.pid != os.getpid() and holder.host == ClaimHolder.here().host and holder.alive(0.0):
            os.kill(holder.pid, signal.SIGKILL)


def read_holder(path: Path) -> ClaimHolder | None:
    """Read which process holds the claim at `path`; None where there is no claim or it cannot be read."""
    try:
        found = read_json(path)
    except StoreError:
        return None
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != {"pid": int, "host": str, "born": str}:
        return None
    return ClaimHolder(**found) if 0 < found["pid"] < MOST_PROCESSES else None


@contextmanager
def _guarded(path: Path):
    """One process at a time inside, where the system has file locks; the lock goes with its process."""
    if fcntl is None:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
