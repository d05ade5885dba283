"""What a computing run does by the clock: write its diary, look for the stop marker, beat, save itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tutor.runs.engine.parent_watch import LEAVING
from tutor.runs.events import EventLog
from tutor.runs.folder import RunFolder
from tutor.runs.lock import Claim
from tutor.runs.status import Status

POLL_SECONDS = 0.1                                   # seconds between looks at the markers; also the diary's delay
BEAT_EVERY = 0.4
SAVE_EVERY = 2.0
SAVE_SHARE = 0.05                                  # of the time at most, where saving itself is slow


class StopRequested(Exception):
    """The run was asked to stop, or has reached the step at which it pauses; it can be continued.

    Parameters
    ----------
    why
        For the message of the run.
    by_marker
        Whether the stop marker in its folder asked for it.
    """

    def __init__(self, why: str, *, by_marker: bool = False):
        super().__init__(why)
        self.by_marker = by_marker


class OwnerGone(Exception):
    """The program that started this worker has ended."""


class ClaimLost(Exception):
    """Another process holds the claim now, so this one must not write any more."""


@dataclass(frozen=True)
class ProgressListener:
    """Functions called with every step and with every new status in this process; both may raise what `Heartbeat.beat` raises."""

    on_step: Callable = lambda step: None
    on_status: Callable[[Status], None] = lambda status: None


class Heartbeat:
    """Does at intervals what a computing run must: writes events, status and checkpoints, and looks whether to stop.

    Parameters
    ----------
    folder
        The run.
    claim
        The claim on it, which this process holds.
    listener
        Called with every new status.
    """

    def __init__(self, folder: RunFolder, claim: Claim, listener: ProgressListener):
        self.folder, self.claim, self.listener = folder, claim, listener
        self.log = EventLog(folder.file("events.jsonl"))
        self.status = folder.status()
        self._began = time.process_time()
        self._spent = 0.0
        self._looked = self._beaten = self._saved = time.monotonic()
        self._saving = 0.0

    def resume_at(self, seconds: float) -> None:
        """Start the clock at the processor seconds that earlier sessions spent."""
        self._spent, self._began = seconds, time.process_time()

    @property
    def seconds(self) -> float:
        """Processor seconds of all threads spent on the run over all sessions; waiting for other programs does not count."""
        return self._spent + time.process_time() - self._began

    def beat(self, write_checkpoint: Callable[[], None], **progress) -> None:
        """Note progress and do what is due; to be called after every small piece of work.

        Parameters
        ----------
        write_checkpoint
            Writes the checkpoint, when one is due.
        progress
            New values of fields of the status.

        Raises
        ------
        StopRequested
            Where the run was asked to stop.
        OwnerGone
            Where the program that started this worker has ended.
        ClaimLost
            Where another process has taken the claim.
        """
        self.status = self.status.but(**progress)
        now = time.monotonic()
        if now - self._looked >= POLL_SECONDS:
            self._looked = now
            self.look()
            self.log.flush()
        if now - self._beaten >= BEAT_EVERY:
            self._beaten = now
            self.show()
        if now - self._saved >= max(SAVE_EVERY, self._saving / SAVE_SHARE):
            self.save(write_checkpoint)

    def save(self, write_checkpoint: Callable[[], None]) -> None:
        """Write the events to disk and then the checkpoint, so that a checkpoint never knows of more steps than the events.

        Raises
        ------
        ClaimLost
            Where another process has taken the claim.
        """
        self.require_claim()
        started = time.monotonic()
        self.log.flush(durable=True)
        write_checkpoint()
        self._saved = time.monotonic()
        self._saving = self._saved - started

    def show(self, **changes) -> None:
        """Write the status with changed fields and the current time, and call the listener.

        Raises
        ------
        ClaimLost
            Where another process has taken the claim.
        """
        self.require_claim()
        self.status = self.status.but(seconds=round(self.seconds, 3), **changes)
        self.folder.write_status(self.status)
        self.listener.on_status(self.status)

    def require_claim(self) -> None:
        """Raise ClaimLost unless this process still holds the claim."""
        if not self.claim.held():
            raise ClaimLost

    def look(self) -> None:
        """Check the claim, the owner and the stop marker.

        Raises
        ------
        StopRequested
            Where the run was asked to stop.
        OwnerGone
            Where the program that started this worker has ended.
        ClaimLost
            Where another process has taken the claim.
        """
        self.require_claim()
        if LEAVING.is_set():
            raise OwnerGone
        if self.folder.stop_requested():
            raise StopRequested("stopped", by_marker=True)
