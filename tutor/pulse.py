"""What a computing run does by the clock: write its diary, look for the stop marker, beat, save itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tutor.claim import Claim
from tutor.events import EventLog
from tutor.folder import RunFolder
from tutor.parent import LEAVING
from tutor.status import Status

LOOK_EVERY = 0.1                                   # seconds between looks at the markers; also the diary's delay
BEAT_EVERY = 0.4
SAVE_EVERY = 2.0
SAVE_SHARE = 0.05                                  # of the time at most, where saving itself is slow


class Stopped(Exception):
    """The run was asked to stop by its marker, or has nothing to do for now; it can be continued."""

    def __init__(self, why: str, *, by_marker: bool = False):
        super().__init__(why)
        self.by_marker = by_marker


class Abandoned(Exception):
    """The program that owns this worker is gone."""


class Superseded(Exception):
    """Another process holds the claim now: nothing more may be written."""


@dataclass(frozen=True)
class Listener:
    """Who wants to hear of progress in this process; a call may raise Stopped."""

    on_step: Callable = lambda step: None
    on_status: Callable[[Status], None] = lambda status: None


class Pulse:
    """The clock of one run: `beat` after every small piece of work, `save` where a checkpoint must be on the disk."""

    def __init__(self, folder: RunFolder, claim: Claim, listener: Listener):
        self.folder, self.claim, self.listener = folder, claim, listener
        self.log = EventLog(folder.file("events.jsonl"))
        self.status = folder.status()
        self._began = time.process_time()
        self._spent = 0.0
        self._looked = self._beaten = self._saved = time.monotonic()
        self._saving = 0.0

    def resume_at(self, seconds: float) -> None:
        """Start the clock of computing at the seconds spent before."""
        self._spent, self._began = seconds, time.process_time()

    @property
    def seconds(self) -> float:
        """Processor seconds of all threads spent computing, over all sittings: waiting for other programs is not counted."""
        return self._spent + time.process_time() - self._began

    def beat(self, write_checkpoint: Callable[[], None], **progress) -> None:
        """Note progress and do what is due. Raises Stopped, Abandoned or Superseded."""
        self.status = self.status.but(**progress)
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            self.look()
            self.log.flush()
        if now - self._beaten >= BEAT_EVERY:
            self._beaten = now
            self.show()
        if now - self._saved >= max(SAVE_EVERY, self._saving / SAVE_SHARE):
            self.save(write_checkpoint)

    def save(self, write_checkpoint: Callable[[], None]) -> None:
        """Diary first, then the checkpoint: a checkpoint never knows more steps than the diary."""
        self.require_claim()
        started = time.monotonic()
        self.log.flush(durable=True)
        write_checkpoint()
        self._saved = time.monotonic()
        self._saving = self._saved - started

    def show(self, **changes) -> None:
        """Write the status with its heartbeat and tell the listener."""
        self.require_claim()
        self.status = self.status.but(seconds=round(self.seconds, 3), **changes)
        self.folder.write_status(self.status)
        self.listener.on_status(self.status)

    def require_claim(self) -> None:
        if not self.claim.held():
            raise Superseded

    def look(self) -> None:
        """Raise what the markers and the claim ask for, if anything."""
        self.require_claim()
        if LEAVING.is_set():
            raise Abandoned
        if self.folder.stop_requested():
            raise Stopped("stopped", by_marker=True)
