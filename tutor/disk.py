"""Bytes on a disk: never half written, never read without a size limit, and one sentence when the disk refuses.

A file is written beside its place, flushed to the disk and renamed over it, so a reader sees the old bytes or the new.
"""

import errno
import os
import tempfile
import threading
from pathlib import Path

import platformdirs

MEBIBYTE = 2**20
LIMITS = {".json": MEBIBYTE, ".jsonl": 256 * MEBIBYTE, ".npz": 256 * MEBIBYTE, ".safetensors": 1024 * MEBIBYTE,
          ".txt": MEBIBYTE}

_REASONS = {errno.ENOSPC: "no space is left on the disk", errno.EDQUOT: "the disk quota is used up",
            errno.EACCES: "permission is denied", errno.EPERM: "permission is denied",
            errno.EROFS: "the file system is read-only"}


class StoreError(RuntimeError):
    """Something about a store is wrong; the message is one sentence that names the file and what to do."""


def blame(action: str, path: Path, error: OSError) -> StoreError:
    """The sentence for an operating-system error while doing `action` to `path`."""
    reason = _REASONS.get(error.errno) or (error.strerror or str(error)).lower()
    return StoreError(f"cannot {action} {path}: {reason}")


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step that survives a crash; raises StoreError when the disk refuses."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise blame("write", path, error) from error


def read_bytes(path: Path) -> bytes:
    """The bytes of `path`, or StoreError when it is missing, unreadable or larger than its kind may be."""
    limit = LIMITS[path.suffix]
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limit:
                raise StoreError(f"{path} has {size} bytes; at most {limit} are read from a {path.suffix} file")
            return file.read(limit + 1)
    except OSError as error:
        raise blame("read", path, error) from error


def default_root() -> Path:
    """The visitor's own store: $TUTOR_STORE, or `runs` in the platform's folder for user data."""
    given = os.environ.get("TUTOR_STORE")
    return Path(given) if given else platformdirs.user_data_path("prompt-tutor", appauthor=False) / "runs"


def require_writable(root: Path) -> None:
    """Raise StoreError unless files can be written below `root`, which is made if need be."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"?")
    except OSError as error:
        raise blame("write to the store", root, error) from error
