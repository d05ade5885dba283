"""The server's memory: one place to keep freed pieces in, and whatever a visit leaves behind given back once nothing happens.

Streamlit collects no garbage after a run (runner.postScriptGC is off), and the C library keeps what it freed for the thread that
freed it: runs of scripts come in ever new threads.
"""

import asyncio
import ctypes
import gc
import time
from contextlib import suppress

ARENAS = 1
"""Places from which all threads take memory; the C library has eight per core, of which each keeps its own leftovers."""
ALONE = 1 << 20
"""Bytes from which a piece is mapped alone and given back as soon as it is freed; the C library would raise this limit to 32 MB by itself,
and arrays then leave holes that small things keep open."""
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3              # <malloc.h>
LOOK_EVERY = 1.0                                    # seconds
CALM = 0.2                                          # share of a core that a server with nothing to do may use
WORTH = 0.5                                         # seconds of processor time since the last tidying that make the next one worth its own
LATEST = 60.0                                       # seconds after which a server that is never calm tidies all the same


def set_up_allocator() -> None:
    """Let all threads share ARENAS arenas, and map large pieces alone; nothing where the C library knows no such thing.

    Call it before threads are started.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, ARENAS)
        library.mallopt(M_MMAP_THRESHOLD, ALONE)


def free_memory() -> None:
    """Collect garbage and, on Linux, return freed memory to the system."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Leisure:
    """Decides when a server tidies: as soon as it is calm after it worked, and after LATEST seconds of work at the latest.

    Parameters
    ----------
    clock, worked
        Seconds: of the time, and of the processor time that this process has used.
    """

    def __init__(self, clock=time.monotonic, worked=time.process_time) -> None:
        self._clock, self._worked = clock, worked
        self.tidied()

    def tidied(self) -> None:
        """Take note that everything has just been tidied."""
        self._tidy = self._last = (self._clock(), self._worked())

    def has_come(self) -> bool:
        """Whether it is time to tidy, seen from what happened since this was asked last."""
        now = (self._clock(), self._worked())
        (before, busy), self._last = self._last, now
        calm = now[1] - busy < CALM * (now[0] - before)
        return now[1] - self._tidy[1] >= WORTH and (calm or now[0] - self._tidy[0] >= LATEST)


async def keep_tidy() -> None:
    """Free memory whenever the server has leisure for it, for as long as it runs."""
    leisure = Leisure()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if leisure.has_come():
            await asyncio.to_thread(free_memory)
            leisure.tidied()
