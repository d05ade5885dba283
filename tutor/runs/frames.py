"""A film of training: what a network thinks of sixteen fixed sequences, at steps that are dense early and sparse late.

Which steps are filmed is a function of the length of the run and the size of one frame alone, so a resumed run films
the same steps as an uninterrupted one.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tutor.runs.io.formats import MEBIBYTE, StoreError, pack_arrays, parse_arrays, write_bytes

PROBES, FEW = 16, 2
"""Filmed sequences; few of a source without ideal predictor, of which no page draws the states, so that there is room for more frames."""
PROBE_SEED = 1337
"""Of the filmed sequences: the same of every run, however it is measured at the end."""
LONGEST = 50                                       # tokens of a filmed sequence
MOST_FRAMES = 64
PROMPT = "prompt."                                 # and the layer: names of the arrays of prompt vectors
MOST_BYTES = 16 * MEBIBYTE
GROWTH = 1.1                                       # from one filmed step to the next, where steps are far apart


@dataclass(frozen=True)
class Frame:
    """One moment of training: what the network computes on the filmed sequences at one step.

    Parameters
    ----------
    step
        Optimiser steps (or units of work) done.
    prompt_end
        Row of `states` that holds the last prompt vector, 0 where there is no prompt.
    states
        Hidden states, float16 [B, K+T, D], layers side by side.
    probs
        Predicted probabilities, float16 [B, T, V].
    tokens
        The sequences, integers [B, T].
    tap
        Pattern of the names of the taps where the states were read.
    prompt
        Vectors of a soft or deep prompt, float32 [K, D], by the layer that they enter; empty where there are none.
    beliefs
        Beliefs about the hidden state read off every layer, float16 [L, B', T', S], on sequences of their own (`measure.read_layers`);
        None where the source has no hidden states.
    """

    step: int
    prompt_end: int
    states: np.ndarray
    probs: np.ndarray
    tokens: np.ndarray
    tap: str
    prompt: dict[int, np.ndarray] = field(default_factory=dict)
    beliefs: np.ndarray | None = None


def filmed_steps(steps: int, frame_bytes: int) -> list[int]:
    """Choose the steps to film, from 0 to `steps`: log-spaced, and thinned to at most 64 frames and 16 MiB.

    Parameters
    ----------
    steps
        Length of the run (optimiser steps).
    frame_bytes
        Size of one frame (bytes).

    Returns
    -------
    list
        Ascending; always with 0 and `steps`.
    """
    chosen = [0]
    while chosen[-1] < steps:
        chosen.append(min(steps, max(chosen[-1] + 1, int(chosen[-1] * GROWTH))))
    while len(chosen) > 2 and (len(chosen) > MOST_FRAMES or len(chosen) * frame_bytes > MOST_BYTES):
        chosen = halve_steps(chosen)
    return chosen


def halve_steps(steps: list[int]) -> list[int]:
    """Keep every second step, and always the first and the last."""
    return steps[:-1][::2] + steps[-1:]


class Film:
    """The frames in one folder, usually `frames/` of a run, each in a file named by its step."""

    def __init__(self, folder: Path):
        self.folder = folder

    def steps(self) -> list[int]:
        """List the filmed steps on disk, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("*.npz") if path.stem.isascii() and path.stem.isdecimal())

    def path(self, step: int) -> Path:
        """Path of the frame of `step`, whether or not it exists."""
        return self.folder / f"{step:06d}.npz"

    def write(self, frame: Frame) -> None:
        """Store one frame, with states and probabilities rounded to float16.

        Raises
        ------
        StoreError
            Where the disk refuses.
        """
        self.folder.mkdir(exist_ok=True)
        write_bytes(self.path(frame.step), pack_frame(frame))

    def keep_only(self, steps: Collection[int]) -> None:
        """Delete the frames of all other steps."""
        for step in set(self.steps()) - set(steps):
            self.path(step).unlink(missing_ok=True)


def frame_arrays(frame: Frame) -> dict[str, np.ndarray]:
    """Convert a frame to named arrays for storage.

    Returns
    -------
    dict
        states and probs as float16, prompt vectors as float32, tokens as uint8 where all are below 256, else int32.
    """
    tokens = frame.tokens.astype(np.uint8 if frame.tokens.max(initial=0) < 256 else np.int32)
    return ({"step": np.array(frame.step), "prompt_end": np.array(frame.prompt_end), "tap": np.array(frame.tap),
             "states": frame.states.astype(np.float16), "probs": frame.probs.astype(np.float16), "tokens": tokens}
            | {f"{PROMPT}{level}": rows.astype(np.float32) for level, rows in frame.prompt.items()}
            | ({} if frame.beliefs is None else {"beliefs": frame.beliefs.astype(np.float16)}))


def pack_frame(frame: Frame) -> bytes:
    """Convert a frame to the bytes of its NPZ file."""
    return pack_arrays(frame_arrays(frame))


def parse_frame(path: Path, data: bytes) -> Frame:
    """Read a frame from the bytes of an NPZ file; `path` only names it in messages.

    Raises
    ------
    StoreError
        Where these are not the bytes of a frame.
    """
    return frame_from(path, parse_arrays(path, data))


def frame_from(path: Path, arrays: dict[str, np.ndarray]) -> Frame:
    """Build a frame from named arrays; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where arrays are missing, or have other shapes or types than those of a frame.
    """
    try:
        prompt = {int(name.removeprefix(PROMPT)): rows for name, rows in arrays.items() if name.startswith(PROMPT)}
        frame = Frame(int(arrays["step"]), int(arrays["prompt_end"]), arrays["states"], arrays["probs"], arrays["tokens"],
                      str(arrays["tap"]), prompt, arrays.get("beliefs"))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"{path} is damaged: it is not a frame") from error
    shapes = frame.states.shape, frame.probs.shape, frame.tokens.shape
    kinds = frame.states.dtype.kind + frame.probs.dtype.kind + frame.tokens.dtype.kind
    if frame.beliefs is not None and (frame.beliefs.ndim, frame.beliefs.dtype.kind) != (4, "f"):
        raise StoreError(f"{path} is damaged: its beliefs are not those of a frame")
    if tuple(map(len, shapes)) != (3, 3, 2) or len({shape[0] for shape in shapes}) > 1 or kinds not in ("ffu", "ffi"):
        raise StoreError(f"{path} is damaged: its arrays are not those of a frame")
    return frame
