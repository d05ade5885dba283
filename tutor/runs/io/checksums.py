"""Which files make up a run, and the list of their SHA-256 by which a finished run is believed."""

import hashlib
import os
import re
from pathlib import Path

from tutor.runs.io.formats import StoreError, read_json

RESULTS = ("spec.json", "events.jsonl", "arrays.npz", "weights.safetensors", "summary.json")
FRAME_NAME = re.compile(r"frames/\d{6,9}\.npz")
EVALUATION_NAME = re.compile(r"evaluations/[0-9a-f]{16}\.npz")
SCRATCH = ("checkpoint.safetensors", "claim.json", "stop", "error.txt", "finished", "parent.json", "status.json",
           "checksums.json", "frames", "evaluations")


def read_checksums(path: Path) -> dict[str, str]:
    """Read the SHA-256 of every file of a run, by name; only names that a run may have are accepted.

    Raises
    ------
    StoreError
        Where the list is missing or damaged.
    """
    sums = read_json(path)
    if not isinstance(sums, dict) or not all(is_result(name) and isinstance(s, str) for name, s in sums.items()):
        raise StoreError(f"{path} is damaged: it is not a list of files and their checksums")
    return sums


def is_result(name: object) -> bool:
    """Whether this is the name of a file that belongs to a finished run."""
    return isinstance(name, str) and (name in RESULTS or any(form.fullmatch(name) for form in (FRAME_NAME, EVALUATION_NAME)))


def is_stray(name: str) -> bool:
    """Whether a file or folder of this name belongs to no run, finished or under way."""
    return name not in RESULTS and name not in SCRATCH and not name.startswith(".")


def sha256(data: bytes) -> str:
    """Compute the SHA-256 of bytes, as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sync_directory(path: Path) -> None:
    """Make renames inside the folder `path` survive a power cut, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:                                # Windows cannot open a directory
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
