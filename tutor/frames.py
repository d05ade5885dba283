"""A film of training: what a network thinks of sixteen fixed sequences, at steps that are dense early and sparse late.

Which steps are filmed is a function of the length of the run and the size of one frame alone, so a resumed run films
the same steps as an uninterrupted one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tutor.files import MEBIBYTE, StoreError, pack_arrays, parse_arrays, read_bytes, write_bytes

MOST_FRAMES = 64
PROMPT = "prompt."                                 # and the layer: names of the arrays of prompt vectors
MOST_BYTES = 16 * MEBIBYTE
GROWTH = 1.1                                       # from one filmed step to the next, where steps are far apart


@dataclass(frozen=True)
class Frame:
    """One moment of training: states float16 [B, K+T, D], probabilities float16 [B, T, V], and their tokens [B, T].

    prompt: the vectors of a soft or deep prompt, float32 [K, D], by the layer that they enter; empty where there are none.
    """

    step: int
    prompt_end: int
    states: np.ndarray
    probs: np.ndarray
    tokens: np.ndarray
    tap: str
    prompt: dict[int, np.ndarray] = field(default_factory=dict)


def filmed_steps(steps: int, frame_bytes: int) -> list[int]:
    """The steps 0 ... `steps` that are filmed: log-spaced, halved until at most 64 frames and 16 MB remain."""
    chosen = [0]
    while chosen[-1] < steps:
        chosen.append(min(steps, max(chosen[-1] + 1, int(chosen[-1] * GROWTH))))
    while len(chosen) > 2 and (len(chosen) > MOST_FRAMES or len(chosen) * frame_bytes > MOST_BYTES):
        chosen = halved(chosen)
    return chosen


def halved(steps: list[int]) -> list[int]:
    """Every second step, keeping the first and the last."""
    return steps[:-1][::2] + steps[-1:]


class Film:
    """The frames/ of one run folder, each in a file named by its step."""

    def __init__(self, folder: Path):
        self.folder = folder

    def steps(self) -> list[int]:
        """The filmed steps that are on the disk, ascending."""
        return sorted(int(path.stem) for path in self.folder.glob("*.npz") if path.stem.isdigit())

    def path(self, step: int) -> Path:
        return self.folder / f"{step:06d}.npz"

    def write(self, frame: Frame) -> None:
        """Store one frame; states and probabilities are rounded to float16."""
        self.folder.mkdir(exist_ok=True)
        write_bytes(self.path(frame.step), pack_frame(frame))

    def read(self, step: int) -> Frame:
        """The frame of `step`; raises StoreError when it is missing or damaged."""
        path = self.path(step)
        return parse_frame(path, read_bytes(path))

    def keep_only(self, steps: Collection[int]) -> None:
        """Remove the frames of all other steps."""
        for step in set(self.steps()) - set(steps):
            self.path(step).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Frame]:
        return (self.read(step) for step in self.steps())


def pack_frame(frame: Frame) -> bytes:
    """The bytes of a frame's file."""
    tokens = frame.tokens.astype(np.uint8 if frame.tokens.max(initial=0) < 256 else np.int32)
    return pack_arrays({"step": np.array(frame.step), "prompt_end": np.array(frame.prompt_end), "tap": np.array(frame.tap),
                        "states": frame.states.astype(np.float16), "probs": frame.probs.astype(np.float16), "tokens": tokens}
                       | {f"{PROMPT}{level}": rows.astype(np.float32) for level, rows in frame.prompt.items()})


def parse_frame(path: Path, data: bytes) -> Frame:
    """The frame in bytes that came from `path`."""
    arrays = parse_arrays(path, data)
    try:
        prompt = {int(name.removeprefix(PROMPT)): rows for name, rows in arrays.items() if name.startswith(PROMPT)}
        return Frame(int(arrays["step"]), int(arrays["prompt_end"]), arrays["states"], arrays["probs"], arrays["tokens"],
                     str(arrays["tap"]), prompt)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path} is damaged: it is not a frame") from error
