"""Which files make up a run, and the list of their SHA-256 by which a finished run is believed."""

import hashlib
import os
import re
from pathlib import Path

from tutor.files import StoreError, read_json

RESULTS = ("spec.json", "events.jsonl", "arrays.npz", "weights.safetensors", "summary.json")
FRAME_NAME = re.compile(r"frames/\d{6,9}\.npz")
SCRATCH = ("checkpoint.safetensors", "claim.json", "stop", "error.txt", "finished", "parent.json", "status.json",
           "checksums.json", "frames")


def read_checksums(path: Path) -> dict[str, str]:
    """SHA-256 by file name; the names can only be files of a run. StoreError when the list is missing or damaged."""
    sums = read_json(path)
    if not isinstance(sums, dict) or not all(is_result(name) and isinstance(s, str) for name, s in sums.items()):
        raise StoreError(f"{path} is damaged: it is not a list of files and their checksums")
    return sums


def is_result(name: object) -> bool:
    return isinstance(name, str) and (name in RESULTS or FRAME_NAME.fullmatch(name) is not None)


def is_stray(name: str) -> bool:
    return name not in RESULTS and name not in SCRATCH and not name.startswith(".")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sync_directory(path: Path) -> None:
    """Make renames inside `path` survive a power cut, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:                                # Windows cannot open a directory
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
