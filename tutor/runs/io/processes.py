"""Whether a process still runs, told apart from a later one that was given the same number."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

SILENT_SECONDS = 60.0                                     # seconds without heartbeat after which another host is given up


@dataclass(frozen=True)
class ClaimHolder:
    """The process named in a claim; `born` is its start time in kernel ticks, "" where the system does not tell."""

    pid: int
    host: str
    born: str

    @classmethod
    def here(cls) -> "ClaimHolder":
        """Describe this process."""
        return cls(os.getpid(), socket.gethostname(), _born(os.getpid()) or "")

    def alive(self, heartbeat: float) -> bool:
        """Whether the process still runs.

        Parameters
        ----------
        heartbeat
            Last sign of life of the run (unix seconds); a process on another host is alive until 60 seconds after it.
        """
        if self.host != socket.gethostname():
            return time.time() - heartbeat < SILENT_SECONDS
        born = _born(self.pid)
        return born is not None and born == self.born


def _born(pid: int) -> str | None:
    """Start time of a living process in kernel ticks ("" where the system does not tell), None when it is gone."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state in "ZX" else fields[18]
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def has_ended(pid: int, host: str) -> bool:
    """Whether process `pid` has certainly ended; False for other hosts, about which nothing is certain."""
    return host == socket.gethostname() and _born(pid) is None
