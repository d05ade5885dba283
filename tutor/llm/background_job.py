"""Work in the background of the app that somebody watches and may stop: one thread, what it has done, how long it will take."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

import torch

from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError

ABANDONED = 30.0                                  # seconds without a sign of who began it, after which anybody may stop it


class Job:
    """`work` gets the job and gives back what each step of it cost, in units of which `total` are expected; 0 where nobody knows."""

    def __init__(self, name: str, session: str, work: Callable):
        self.name, self.session, self.total, self.done = name, session, 0, 0
        self.state, self.message = "running", ""
        self._work, self._stop = work, threading.Event()
        self._began = self._seen = self._last = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Job":
        """Begin."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop after the step that is being taken."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, waiting so long."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop_asked(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._stop.is_set()

    @property
    def active(self) -> bool:
        return self.state == "running"

    @property
    def stopping(self) -> bool:
        return self.active and self._stop.is_set()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return (self._last if not self.active else time.monotonic()) - self._began

    @property
    def left(self) -> float | None:
        """Seconds that it will still take at the pace so far; None where that is not known yet."""
        return (self._last - self._began) / self.done * (self.total - self.done) if self.done and self.total else None

    def seen(self, session: str) -> None:
        """Somebody looks at it."""
        if session == self.session:
            self._seen = time.monotonic()

    def may_stop(self, session: str) -> bool:
        """Only who began it, or anybody when that one is gone."""
        return session == self.session or time.monotonic() - self._seen > ABANDONED

    def _run(self) -> None:
        state = "done"
        try:
            with use_spare_threads(), refuse_errors(f"{self.name} failed"):
                for cost in self._work(self):
                    self.done, self._last = self.done + cost, time.monotonic()
                    if self._stop.is_set() and self.done < (self.total or self.done + 1):
                        state = "cancelled"
                        break
        except ModelError as error:
            state, self.message = "cancelled" if self._stop.is_set() else "failed", str(error)
        finally:
            self._last, self.state = time.monotonic(), state


@contextmanager
def use_spare_threads():
    """The thread count of $TUTOR_THREADS inside, else one less than there are cores: the models are large, and visitors want answers."""
    before = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get("TUTOR_THREADS") or max(1, (os.cpu_count() or 2) - 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
