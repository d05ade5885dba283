"""How many threads want to compute on this machine at a moment, other than the one that asks."""

import os
import re
import time
from pathlib import Path

READINGS = 5
PAUSE = 0.004                                      # seconds between two readings
STAT = Path("/proc/stat")


def count_busy_threads() -> float:
    """Number of threads on this machine that compute or wait for a core.

    The mean of a few readings; where the system does not tell, its load of the last minute.
    """
    found = []
    for _ in range(READINGS):
        time.sleep(PAUSE)
        found.append(_running())
    if None in found:
        return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return sum(found) / len(found)


def _running() -> int | None:
    """Runnable threads without this one, None where the system does not tell."""
    try:
        said = re.search(r"^procs_running (\d+)$", STAT.read_text(), re.MULTILINE)
    except OSError:
        return None
    return max(0, int(said[1]) - 1) if said else None
