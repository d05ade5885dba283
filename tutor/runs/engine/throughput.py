"""How fast work goes just now, by the last seconds alone: so it is right after a pause, and when others begin to compute."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

SLICE = 0.1                                        # seconds that are noted together
WINDOW = 3.0                                       # seconds that count
MIN_SLICES = 3                                         # slices that count in any case
GAP = 10.0                                         # times as slow as usual: the machine slept, or the process was stopped


@dataclass(frozen=True)
class WorkSlice:
    """A piece of work: its amount, its wall time and the processor time of all threads (seconds)."""

    work: float
    wall: float
    processor: float


class Throughput:
    """Estimates the speed of a computation from its last seconds.

    Parameters
    ----------
    done
        Work done before, in any unit that grows evenly with time.
    wall, processor
        Clocks of wall time and of processor time (seconds).
    """

    def __init__(self, done: float = 0.0, wall: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.process_time):
        self._wall, self._processor = wall, processor
        self._slices: deque[WorkSlice] = deque()
        self._last = (done, wall(), processor())

    def note(self, done: float) -> None:
        """Note how much work is done by now; to be called after every step."""
        now = (done, self._wall(), self._processor())
        grown = WorkSlice(*(b - a for a, b in zip(self._last, now, strict=True)))
        if grown.wall < SLICE or grown.work <= 0:
            return
        self._last = now
        self._slices.append(grown)
        while len(self._slices) > MIN_SLICES and sum(s.wall for s in self._slices) - self._slices[0].wall >= WINDOW:
            self._slices.popleft()

    def left(self, work: float) -> float | None:
        """Estimate how long so much more work takes (seconds); None before anything was noted."""
        slices = self._without_gaps()
        return work * sum(s.wall for s in slices) / sum(s.work for s in slices) if slices else None

    @property
    def waiting(self) -> float:
        """Share of the last seconds (0 to 1) in which not even one thread computed, because other programs did."""
        slices = self._without_gaps()
        wall = sum(s.wall for s in slices)
        return max(0.0, 1.0 - sum(s.processor for s in slices) / wall) if slices else 0.0

    def _without_gaps(self) -> list[WorkSlice]:
        """What counts, without slices in which nothing was computed because the machine slept."""
        usual = median(s.wall / s.work for s in self._slices) if self._slices else 0.0
        return [s for s in self._slices if s.wall / s.work <= GAP * usual]
