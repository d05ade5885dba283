"""Who is computing a run: a lock file with process, host and start time, which dies with its holder.

It is linked into place complete, so nobody ever sees half a claim, and a claim whose process is gone is broken under
a short file lock, so that two processes cannot both believe they broke it.
"""

import os
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

from tutor.files import StoreError, blame, read_json, write_json
from tutor.processes import Holder

try:
    import fcntl
except ImportError:                                # Windows: only the link itself guards there
    fcntl = None

class Busy(StoreError):
    """Another living process is computing this run."""


class Claim:
    """The right to write into one run folder, held from `acquire` to `release`."""

    def __init__(self, path: Path):
        self.path = path
        self._inode = 0

    def acquire(self, heartbeat: float) -> None:
        """Take the claim, breaking a dead one; raises Busy when a living process holds it."""
        mine = self.path.with_name(f".claim.{os.getpid()}.{threading.get_ident()}.tmp")
        write_json(mine, vars(Holder.here()))
        try:
            self._link(mine, heartbeat)
            self._inode = os.stat(mine).st_ino
        except OSError as error:
            raise blame("write", self.path, error) from error
        finally:
            mine.unlink(missing_ok=True)

    def _link(self, mine: Path, heartbeat: float) -> None:
        with _guarded(self.path.with_name(".guard")):
            holder = holder_of(self.path)
            if holder and holder.alive(heartbeat):
                raise Busy(f"run {self.path.parent.name} is being computed by process {holder.pid} on {holder.host}")
            self.path.unlink(missing_ok=True)
            os.link(mine, self.path)

    def held(self) -> bool:
        """Whether the claim on the disk is still this one; false after somebody gave us up for dead."""
        try:
            return os.stat(self.path).st_ino == self._inode
        except OSError:
            return False

    def release(self) -> None:
        """Give the claim back, if it is still ours."""
        if self.held():
            self.path.unlink(missing_ok=True)

    def end_holder(self) -> None:
        """Kill the process that holds the claim, if it is another one of this host; its run can be resumed."""
        holder = holder_of(self.path)
        if holder and holder.pid != os.getpid() and holder.host == Holder.here().host and holder.alive(0.0):
            os.kill(holder.pid, signal.SIGKILL)


def holder_of(path: Path) -> Holder | None:
    """Who the claim at `path` names, or None when there is no (readable) claim."""
    try:
        return Holder(**read_json(path))
    except (StoreError, TypeError):
        return None


@contextmanager
def _guarded(path: Path):
    """One process at a time inside, where the system has file locks; the lock goes with its process."""
    if fcntl is None:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
