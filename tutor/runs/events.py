"""The diary of a run: one JSON line per optimiser step, only ever appended to, so that readers follow by byte offset.

A crash can tear the last line; readers ignore what follows the last newline and the next writer cuts it off. A resumed
run computes again the steps since its checkpoint, which are already written, and does not write them twice.
"""

import os
from pathlib import Path
from typing import Any

import orjson

from tutor.runs.io.formats import StoreError, explain_os_error, read_bytes

TAIL = 65536                                       # bytes at the end of the file in which the last line is looked for


class EventLog:
    """Appends events to a file in the order of (repetition, step) and skips those that it already holds.

    Parameters
    ----------
    path
        The file; an incomplete last line is cut off.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lines: list[bytes] = []
        self.last = _mend(path)

    def add(self, event: dict[str, Any]) -> None:
        """Keep one event for the next `flush`; numbers that are not finite become null."""
        place = (event["repetition"], event["step"])
        if place > self.last:
            self.last = place
            self._lines.append(orjson.dumps(event) + b"\n")

    def flush(self, *, durable: bool = False) -> None:
        """Append the kept events in one write.

        Parameters
        ----------
        durable
            Wait until they are on the disk.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        if not self._lines and not durable:
            return
        try:
            with open(self.path, "ab", buffering=0) as file:
                file.write(b"".join(self._lines))
                if durable:
                    os.fsync(file.fileno())
        except OSError as error:
            raise explain_os_error("write", self.path, error) from error
        self._lines.clear()


def read_events(path: Path, data: bytes | None = None) -> list[dict[str, Any]]:
    """Read all complete events, oldest first; an incomplete last line is ignored.

    Parameters
    ----------
    path
        The file; none gives no events.
    data
        Its bytes where they were read before; None reads them.

    Raises
    ------
    StoreError
        Where a line is damaged or lacks step or repetition.
    """
    if data is None:
        data = read_bytes(path) if path.exists() else b""
    lines = data[:data.rfind(b"\n") + 1].splitlines()
    try:
        events = [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{path} is damaged: a line is not JSON ({error})") from error
    if not all(isinstance(event, dict) and type(event.get("step")) is type(event.get("repetition")) is int for event in events):
        raise StoreError(f"{path} is damaged: an event lacks step or repetition")
    return events


def _mend(path: Path) -> tuple[int, int]:
    """Cut a torn last line off and return (repetition, step) of the last event, (0, 0) where there is none."""
    if not path.exists():
        return (0, 0)
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - TAIL))
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        file.truncate(start + whole)
    lines = tail[:whole].splitlines()
    if not lines:
        return (0, 0)
    last = read_events(path, lines[-1] + b"\n")[-1]
    return (last["repetition"], last["step"])
