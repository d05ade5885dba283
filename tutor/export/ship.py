"""Runs that travel with the project: copied into assets/runs, each small enough for a repository, each still verified."""

import os
import uuid
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import orjson

from tutor.camera import LONGEST
from tutor.files import StoreError, write_arrays, write_bytes, write_tensors
from tutor.folder import RunFolder
from tutor.frames import Frame, halved, pack_frame
from tutor.store import RunStore

BUDGET = 2_000_000                                 # bytes of one shipped run
SEQUENCES = (16, 8, 4, 2)                          # of a shipped frame; none where its prompt vectors are all that a page draws
ENOUGH = 12                                        # frames that are worth fewer sequences
FRAME_LINE = 120                                   # bytes of a frame's name and checksum
EVENTS_SHARE = 0.5                                 # of what the results leave, for events; the film gets the rest


def ship(store: RunStore, keys: list[str], target: Path, budget_bytes: int = BUDGET, *, without: tuple[str, ...] = ()) -> list[RunFolder]:
    """Copy finished runs into `target` (assets/runs), each within `budget_bytes` and `without` these arrays, and return their folders.

    Of a tuning only the weights of repetition 0 are kept, of a network that is larger than the budget none; film and events are
    thinned as far as needed. Raises StoreError where a run is not finished, damaged, or too large even so.
    """
    return [_ship_one(store, key, target, budget_bytes, without) for key in keys]


def _ship_one(store: RunStore, key: str, target: Path, budget: int, without: tuple[str, ...]) -> RunFolder:
    origin = store.get(key)
    if origin.status().state != "done" or origin.verify():
        raise StoreError(f"run {key} is {origin.status().state} or damaged; only whole finished runs are shipped")
    draft = target / f".{uuid.uuid4().hex}.new" / key
    draft.mkdir(parents=True)
    try:
        copy = RunFolder(draft)
        _results(origin, copy, budget, without)
        _thinned_events(origin, copy, int((budget - size_of(copy)) * EVENTS_SHARE))
        _thinned_film(origin, copy, budget - size_of(copy))
        copy.seal(origin.status().but(pid=0, host="", message=""))
        if size_of(copy) > budget:
            raise StoreError(f"run {key} has {size_of(copy):,} bytes without its film; at most {budget:,} are shipped")
        rmtree(target / key, ignore_errors=True)
        os.rename(draft, target / key)
    finally:
        rmtree(draft.parent, ignore_errors=True)
    return RunFolder(target / key, shipped=True)


def size_of(folder: RunFolder) -> int:
    """Bytes of all files in a run folder."""
    return sum(path.stat().st_size for path in folder.path.rglob("*") if path.is_file())


def _results(origin: RunFolder, copy: RunFolder, budget: int, without: tuple[str, ...]) -> None:
    for name in ("spec.json", "arrays.npz", "summary.json"):
        write_bytes(copy.file(name), origin.read(name))
    if without:
        write_arrays(copy.file("arrays.npz"), {name: values for name, values in origin.arrays().items() if name not in without})
    weights = origin.weights()
    if origin.spec().is_tuning:
        weights = {name: tensor for name, tensor in weights.items() if name.startswith("0/")}
    room = budget - size_of(copy) - 10_000         # a little for events, status and checksums
    fitting = weights if sum(t.numel() * t.element_size() for t in weights.values()) <= room else {}
    write_tensors(copy.file("weights.safetensors"), fitting)


def _thinned_events(origin: RunFolder, copy: RunFolder, room: int) -> None:
    """Every event, or every second, fourth, ... of each repetition, always with its last."""
    events, every = origin.events(), 1
    last = {event["repetition"]: event["step"] for event in events}
    while True:
        kept = [e for e in events if e["step"] % every == 0 or e["step"] == last[e["repetition"]]]
        data = b"".join(orjson.dumps(event) + b"\n" for event in kept)
        if len(data) <= room or len(kept) <= len(last):
            break
        every *= 2
    write_bytes(copy.file("events.jsonl"), data)


def _thinned_film(origin: RunFolder, copy: RunFolder, room: int) -> None:
    """As many of the filmed sequences as leave room for a film of twelve frames, at least two sequences; then every second
    frame dropped until the rest has room; no film where not even two frames have.
    """
    steps, room = origin.film.steps(), room - 1200                # status and the checksums of the results
    if len(steps) < 2:
        return                                     # of a method that trains nothing: one moment is no film
    last = origin.frame(steps[-1])
    some = (*SEQUENCES, 0) if last.prompt else SEQUENCES
    sizes = {n: len(pack_frame(trimmed(last, n))) + FRAME_LINE for n in some}
    sequences = next((n for n in some if sizes[n] * min(len(steps), ENOUGH) <= room), some[-1])
    while len(steps) > 2 and len(steps) * sizes[sequences] > room:
        steps = halved(steps)
    if len(steps) * sizes[sequences] <= room:
        for step in steps:
            copy.film.write(trimmed(origin.frame(step), sequences))


def trimmed(frame: Frame, sequences: int) -> Frame:
    """The first `sequences` of a frame, and of those at most 50 tokens where the prompt stands in front."""
    rows, tokens = frame.states.shape[1], frame.tokens.shape[1]
    in_front = rows == frame.prompt_end + tokens
    length = min(tokens, LONGEST) if in_front else tokens
    return replace(frame, states=frame.states[:sequences, :rows - tokens + length], probs=frame.probs[:sequences, :length],
                   tokens=frame.tokens[:sequences, :length])
