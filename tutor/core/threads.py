"""How many threads compute: a fixed number, or more while cores lie idle and as long as that is quicker.

Two threads of one computation wait for each other many times in a millisecond. Beside a busy process both then wait, and one
step can take a hundred times as long. So more threads are only tried while the machine has a core to spare, and are given up at
the first piece of work that shows otherwise.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from statistics import median
from typing import TypeVar

import psutil
import torch

T = TypeVar("T")

POLL_SECONDS = 0.2                                         # seconds between two looks for idle cores; the system counts in hundredths
IDLE_CORES_NEEDED = 0.6                                        # idle cores that each further thread asks for
PIECES_BEFORE_TRIAL = 2                                          # pieces on few threads before more are tried, to compare with
PIECES_COMPARED = 6                                         # pieces on many threads that are held against those on few
GAIN = 0.92                                        # of the time that many threads must need to be kept
SLOW = 1.8                                         # times as long as on few: one such piece is enough
FIRST, LAST = 1.0, 16.0                            # seconds until many threads are tried again: doubled whenever they failed
PROVEN_SECONDS = 5.0                                       # seconds on many threads after which a failure counts as the first one


def idle_seconds() -> float:
    """Seconds that the cores of this machine have been idle since it started, all of them together."""
    spent = psutil.cpu_times()
    return spent.idle + getattr(spent, "iowait", 0.0)


class Governor:
    """Chooses the number of threads for many alike pieces of work: `few` or `many`, whichever computes them more quickly.

    Parameters
    ----------
    few, many
        Numbers of threads; where both are the same, pieces are only computed.
    clock
        Seconds, as `time.perf_counter`.
    apply
        Sets the threads of what is computed next.
    idle
        Seconds that cores were idle, as `idle_seconds`.
    """

    def __init__(self, few: int, many: int, clock: Callable[[], float] = time.perf_counter,
                 apply: Callable[[int], None] = torch.set_num_threads, idle: Callable[[], float] = idle_seconds):
        self.few, self.many, self.count = few, many, few
        self._clock, self._apply, self._idle = clock, apply, idle
        self._on_few: deque[float] = deque(maxlen=PIECES_COMPARED)
        self._on_many: deque[float] = deque(maxlen=PIECES_COMPARED)
        self._next, self._since, self._patience = 0.0, 0.0, FIRST
        self._seen = (clock(), idle())
        apply(few)

    def run(self, work: Callable[[], T]) -> T:
        """Compute one piece of work: one of many that take about equally long, a few milliseconds to a second each."""
        if self.few == self.many:
            return work()
        if self.count == self.few and self._spare():
            self._change(self.many)
        self._apply(self.count)
        begun = self._clock()
        try:
            return work()
        finally:
            self._learn(self._clock() - begun)

    def settle(self) -> None:
        """Forget how long pieces take: what comes next is made of others."""
        self._on_few.clear()
        self._change(self.few)

    def _spare(self) -> bool:
        """Whether cores were idle since the last look, and more threads are due a trial."""
        now, (then, before) = self._clock(), self._seen
        if now - then < POLL_SECONDS:
            return False
        idle = self._idle()
        self._seen = (now, idle)
        enough = (idle - before) / (now - then) >= IDLE_CORES_NEEDED * (self.many - self.few)
        return enough and now >= self._next and len(self._on_few) >= PIECES_BEFORE_TRIAL

    def _learn(self, seconds: float) -> None:
        if self.count == self.few:
            self._on_few.append(seconds)
            return
        self._on_many.append(seconds)
        usual = median(self._on_few)
        if seconds > SLOW * usual or (len(self._on_many) == PIECES_COMPARED and median(self._on_many) > GAIN * usual):
            self._give_up()

    def _give_up(self) -> None:
        now = self._clock()
        self._patience = FIRST if now - self._since > PROVEN_SECONDS else min(2 * self._patience, LAST)
        self._next = now + self._patience
        self._change(self.few)

    def _change(self, count: int) -> None:
        self.count, self._since = count, self._clock()
        self._on_many.clear()
        self._seen = (self._clock(), self._idle())
        self._apply(count)


def read_governor() -> Governor:
    """The governor that $TUTOR_THREADS and $TUTOR_MOST_THREADS ask for; one thread where they say nothing."""
    fixed, most = os.environ.get("TUTOR_THREADS"), os.environ.get("TUTOR_MOST_THREADS")
    few = int(fixed or 1)
    return Governor(few, few if fixed else int(most or 1))


_CURRENT: ContextVar[Governor | None] = ContextVar("governor", default=None)


@contextmanager
def govern_threads():
    """Context in which every `piece` runs on the number of threads that the environment asks for, or on the quicker one."""
    before = torch.get_num_threads()
    token = _CURRENT.set(read_governor())
    try:
        yield
    finally:
        _CURRENT.reset(token)
        torch.set_num_threads(before)


def compute_piece(work: Callable[[], T]) -> T:
    """Compute a piece of work on the threads that the governor around it chooses, or just so where there is none.

    Parameters
    ----------
    work
        Takes a few milliseconds to a second; called once, and its value is returned.
    """
    governor = _CURRENT.get()
    return governor.run(work) if governor else work()


def announce_other_pieces() -> None:
    """Tell the governor around this, if there is one, that the next pieces are of another kind."""
    governor = _CURRENT.get()
    if governor:
        governor.settle()


class _Outside:
    """The thread count outside of every block below. It is one for the whole process, so the last of overlapping blocks restores it."""

    def __init__(self) -> None:
        self.lock, self.count, self.within = threading.Lock(), 1, 0

    def enter(self) -> None:
        wanted = int(os.environ.get("TUTOR_THREADS", "1"))
        with self.lock:
            self.count = self.count if self.within else torch.get_num_threads()
            self.within += 1
            torch.set_num_threads(wanted)

    def leave(self) -> None:
        with self.lock:
            self.within -= 1
            if not self.within:
                torch.set_num_threads(self.count)


_outside = _Outside()


@contextmanager
def fix_threads():
    """The thread count of $TUTOR_THREADS (1 unless given) inside: it decides the order of sums, so also the bits."""
    _outside.enter()
    try:
        yield
    finally:
        _outside.leave()
