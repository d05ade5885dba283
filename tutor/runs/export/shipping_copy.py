"""Runs that travel with the project: packed into assets/runs, each small enough for a repository, each still verified."""

import uuid
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import orjson

from tutor.runs.export.packing import write_pack
from tutor.runs.folder import RunFolder
from tutor.runs.frames import LONGEST, Frame, halve_steps, pack_frame
from tutor.runs.io.formats import StoreError, write_arrays, write_bytes, write_json, write_tensors
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults

BUDGET = 2_000_000                                 # bytes of one shipped run
SEQUENCES = (16, 8, 4, 2)                          # of a shipped frame; none where its prompt vectors are all that a page draws
ENOUGH_FRAMES = 12                                        # frames that are worth fewer sequences
FRAME_LINE = 120                                   # bytes of a frame's name and checksum
EVENTS_SHARE = 0.5                                 # of what the results leave, for events; the film gets the rest


def ship_runs(
    store: RunStore, keys: list[str], target: Path, budget_bytes: int = BUDGET, *, without: tuple[str, ...] = ()
) -> list[RunFolder]:
    """Pack finished runs small enough for a repository.

    Only the weights of repetition 0 of a tuning are kept, and none of a network larger than the budget; events and frames are thinned as
    far as needed.

    Parameters
    ----------
    store
        Where the runs are kept.
    keys
        Keys of finished runs.
    target
        Folder for the packs, usually assets/runs.
    budget_bytes
        Most bytes of one run before it is packed.
    without
        Names of arrays to leave out.

    Returns
    -------
    list
        The packs, in order of `keys`.

    Raises
    ------
    StoreError
        Where a run is not finished, is damaged, or is still too large.
    """
    return [_ship_one(store, key, target, budget_bytes, without) for key in keys]


def _ship_one(store: RunStore, key: str, target: Path, budget: int, without: tuple[str, ...]) -> RunFolder:
    origin = store.get(key)
    if origin.status().state != "done" or find_faults(origin):
        raise StoreError(f"run {key} is {origin.status().state} or damaged; only whole finished runs are shipped")
    draft = target / f".{uuid.uuid4().hex}.new" / key
    draft.mkdir(parents=True)
    try:
        copy = RunFolder(draft)
        _results(origin, copy, budget, without)
        _thinned_events(origin, copy, int((budget - copy.size()) * EVENTS_SHARE))
        _thinned_film(origin, copy, budget - copy.size())
        _seal(copy, origin)
        if copy.size() > budget:
            raise StoreError(f"run {key} has {copy.size():,} bytes without its film; at most {budget:,} are shipped")
        return write_pack(copy, target)
    finally:
        rmtree(draft.parent, ignore_errors=True)


def _seal(copy: RunFolder, origin: RunFolder) -> None:
    """Finish the copy with the status of the original, its heartbeat included, so that the same run gives the same bytes."""
    status = origin.status()
    copy.seal(status.but(pid=0, host="", message=""))
    write_json(copy.file("status.json"), copy.status().but(heartbeat=status.heartbeat).model_dump())


def _results(origin: RunFolder, copy: RunFolder, budget: int, without: tuple[str, ...]) -> None:
    for name in ("spec.json", "arrays.npz", "summary.json"):
        write_bytes(copy.file(name), origin.read(name))
    for key in origin.evaluations():
        copy.write_evaluation(key, origin.evaluation(key))
    if without:
        write_arrays(copy.file("arrays.npz"), {name: values for name, values in origin.arrays().items() if name not in without})
    weights = origin.weights()
    if origin.spec().is_tuning:
        weights = {name: tensor for name, tensor in weights.items() if name.startswith("0/")}
    room = budget - copy.size() - 10_000         # a little for events, status and checksums
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
    sizes = {n: len(pack_frame(trim_frame(last, n))) + FRAME_LINE for n in some}
    sequences = next((n for n in some if sizes[n] * min(len(steps), ENOUGH_FRAMES) <= room), some[-1])
    while len(steps) > 2 and len(steps) * sizes[sequences] > room:
        steps = halve_steps(steps)
    if len(steps) * sizes[sequences] <= room:
        for step in steps:
            copy.film.write(trim_frame(origin.frame(step), sequences))


def trim_frame(frame: Frame, sequences: int) -> Frame:
    """Keep the first `sequences` of a frame, cut to at most 50 tokens where the prompt stands in front."""
    rows, tokens = frame.states.shape[1], frame.tokens.shape[1]
    in_front = rows == frame.prompt_end + tokens
    length = min(tokens, LONGEST) if in_front else tokens
    return replace(frame, states=frame.states[:sequences, :rows - tokens + length], probs=frame.probs[:sequences, :length],
                   tokens=frame.tokens[:sequences, :length])
