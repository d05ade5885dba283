"""How much memory this process may still take."""

from contextlib import suppress
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")


def free_bytes() -> int:
    """Bytes that this process may still take, of the machine or of its container, whichever allows less."""
    available = psutil.virtual_memory().available
    with suppress(OSError, ValueError):
        limit = int((CGROUP / "memory.max").read_text())
        available = min(available, max(0, limit - int((CGROUP / "memory.current").read_text())))
    return available


def format_bytes(size: int) -> str:
    """A number of bytes as text, such as 1.2 GB."""
    return f"{size / 1e9:,.1f} GB" if size >= 5e7 else f"{size / 1e6:,.1f} MB"
