"""Whether a process still runs, told apart from a later one that was given the same number."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

SILENCE = 60.0                                     # seconds without heartbeat after which another host is given up


@dataclass(frozen=True)
class Holder:
    """The process named in a claim."""

    pid: int
    host: str
    born: str

    @classmethod
    def here(cls) -> "Holder":
        return cls(os.getpid(), socket.gethostname(), _born(os.getpid()) or "")

    def alive(self, heartbeat: float) -> bool:
        """Whether it still runs: known on this host; elsewhere judged by the run's `heartbeat` (unix seconds)."""
        if self.host != socket.gethostname():
            return time.time() - heartbeat < SILENCE
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


def gone(pid: int, host: str) -> bool:
    """Whether process `pid` of `host` has surely ended: only this host can be sure."""
    return host == socket.gethostname() and _born(pid) is None
