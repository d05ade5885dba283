"""Many small records as few long arrays: the steps of a training as columns, and the frames of a film stacked.

Both give back exactly what they were given; only the order of the fields of an event is lost.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from tutor.runs.frames import Frame, frame_from
from tutor.runs.io.formats import StoreError

ABSENT = "absent/"                                 # and a column: which events lack it

Event = dict[str, Any]
Arrays = dict[str, np.ndarray]


def event_columns(events: Sequence[Event]) -> Arrays:
    """Convert events to one array per field.

    Returns
    -------
    dict
        int64, float64 with NaN for null, or the uint8 bytes of a JSON list for values of other kinds; and for each field that some events
        lack a boolean array under "absent/<field>".
    """
    columns: Arrays = {}
    for name in dict.fromkeys(name for event in events for name in event):
        absent = np.array([name not in event for event in events])
        columns |= {name: _column([event.get(name) for event in events], absent)} | ({ABSENT + name: absent} if absent.any() else {})
    return columns


def _column(values: list[Any], absent: np.ndarray) -> np.ndarray:
    kinds = {type(value) for value, none in zip(values, absent, strict=True) if not none}
    if kinds == {int} and max(map(abs, filter(None, values)), default=0) < 2**63:
        return np.array([value or 0 for value in values], dtype=np.int64)
    if kinds <= {float, type(None)}:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.frombuffer(orjson.dumps(values), dtype=np.uint8)


def events_of(columns: Arrays, where: Path) -> list[Event]:
    """Convert columns back to events; `where` only names their file in messages.

    Raises
    ------
    StoreError
        Where these are not columns of events.
    """
    try:
        lists = {name: _values(column) for name, column in columns.items() if not name.startswith(ABSENT)}
        events = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
        for name in lists:
            for i in np.flatnonzero(columns.get(ABSENT + name, False)):
                del events[i][name]
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise StoreError(f"{where} is damaged: these are no columns of events") from error
    if not all(type(event.get("step")) is type(event.get("repetition")) is int for event in events):
        raise StoreError(f"{where} is damaged: an event lacks step or repetition")
    return events


def _values(column: np.ndarray) -> list[Any]:
    if column.dtype == np.uint8:
        return orjson.loads(column.tobytes())
    values = column.tolist()
    return [None if value != value else value for value in values] if column.dtype.kind == "f" else values  # noqa: PLR0124 - NaN


def stack_frames(frames: Sequence[Arrays]) -> Arrays:
    """Stack the arrays of all frames of a film along a new first axis.

    Raises
    ------
    StoreError
        Where their shapes differ.
    """
    try:
        return {name: np.stack([frame[name] for frame in frames]) for name in frames[0]}
    except (ValueError, KeyError) as error:
        raise StoreError("these frames are not of one film: their shapes differ") from error


def frame_of(stack: Arrays, step: int, where: Path) -> Frame:
    """Take the frame of `step` out of a stack; `where` only names its file in messages.

    Raises
    ------
    StoreError
        Where the stack has no such frame, or is damaged.
    """
    try:
        at = stack["step"].tolist().index(step)
        return frame_from(where, {name: values[at] for name, values in stack.items()})
    except (KeyError, ValueError, IndexError) as error:
        raise StoreError(f"{where} has no frame of step {step}, or is damaged") from error
