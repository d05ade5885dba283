"""A finished run sealed into one pack: every number comes out as it went in, in about two thirds of the space."""

import os
from pathlib import Path

from tutor.runs.folder import RunFolder
from tutor.runs.frames import frame_arrays
from tutor.runs.io.checksums import RESULTS
from tutor.runs.io.formats import StoreError, pack_arrays, read_bytes, write_bytes
from tutor.runs.pack import SUFFIX, is_member, pack_archive
from tutor.runs.pack_columns import event_columns, stack_frames

RESHAPED = ("events.jsonl", "frames", "finished")
"""What a pack holds in another form, or not at all."""


def pack_folder(folder: RunFolder) -> bytes:
    """Make the bytes of the pack of a finished run; the same run gives the same bytes.

    Raises
    ------
    StoreError
        Where the run is not finished or is damaged.
    """
    status = folder.status()
    if status.state != "done":
        raise StoreError(f"run {folder.key} is {status.state}; only finished runs are packed")
    contents = {name: folder.read(name) for name in RESULTS if name not in RESHAPED}
    contents |= {name: read_bytes(folder.file(name)) for name in ("status.json", *_further(folder))}
    contents["events.npz"] = pack_arrays(event_columns(folder.events()))
    if steps := folder.film.steps():
        contents["frames.npz"] = pack_arrays(stack_frames([frame_arrays(folder.frame(step)) for step in steps]))
    return pack_archive(contents)


def _further(folder: RunFolder) -> list[str]:
    """Files beyond the results of the computation itself, such as what was measured later, each in a folder of its kind."""
    places = [entry.name for entry in os.scandir(folder.path) if entry.is_dir() and entry.name not in RESHAPED]
    return [name for place in places for name in folder.names(place) if is_member(name)]


def write_pack(folder: RunFolder, target: Path) -> RunFolder:
    """Write the pack of a finished run to `target/<lab>/<key>.zip`, in place of an older one, and return it as a folder.

    Raises
    ------
    StoreError
        Where the run is not finished or is damaged, or the disk refuses.
    """
    path = target / folder.spec().lab / f"{folder.key}{SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, pack_folder(folder))
    return RunFolder(path, shipped=True)
