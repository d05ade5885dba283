"""Bytes on a disk: never half written, never read without a size limit, and one sentence when the disk refuses.

A file is written beside its place, flushed to the disk and renamed over it, so a reader sees the old bytes or the new.
"""

import errno
import os
import tempfile
import threading
from pathlib import Path

import platformdirs

from tutor.core import parsing

MEBIBYTE = 2**20
LIMITS = {".json": MEBIBYTE, ".jsonl": 256 * MEBIBYTE, ".npz": 256 * MEBIBYTE, ".safetensors": 1024 * MEBIBYTE,
          ".txt": MEBIBYTE}

_REASONS = {errno.ENOSPC: "no space is left on the disk", errno.EDQUOT: "the disk quota is used up",
            errno.EACCES: "permission is denied", errno.EPERM: "permission is denied",
            errno.EROFS: "the file system is read-only"}


class StoreError(RuntimeError):
    """Something is wrong with a store; the message is one sentence that names the file and the remedy."""


def explain_os_error(action: str, path: Path, error: OSError) -> StoreError:
    """Make the sentence for an error of the operating system.

    Parameters
    ----------
    action
        What was tried, such as "write".
    path
        With which file or folder.
    error
        What the system raised.
    """
    reason = _REASONS.get(error.errno) or (error.strerror or str(error)).lower()
    return StoreError(f"cannot {action} {path}: {reason}")


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file `path` in one step, so that a crash leaves the old bytes or the new.

    Raises
    ------
    StoreError
        Where the disk refuses, or something other than a file stands there.
    """
    if path.exists() and not path.is_file():
        raise StoreError(f"cannot write {path}: it is no ordinary file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explain_os_error("write", path, error) from error


def read_bytes(path: Path) -> bytes:
    """Read the bytes of a file.

    Raises
    ------
    StoreError
        Where it is missing, unreadable, or larger than a file of its type may be.
    """
    return parsing.read_bytes(path, LIMITS[path.suffix], StoreError)


def default_root() -> Path:
    """Folder of the user's own runs: $TUTOR_STORE, or `runs` in the platform's folder for user data."""
    given = os.environ.get("TUTOR_STORE")
    return Path(given) if given else platformdirs.user_data_path("prompt-tutor", appauthor=False) / "runs"


def require_writable(root: Path) -> None:
    """Create the folder `root` where it is missing, and raise StoreError unless files can be written in it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"?")
    except OSError as error:
        raise explain_os_error("write to the store", root, error) from error
