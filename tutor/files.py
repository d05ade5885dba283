"""How anything is written to and read from a run folder: never half, never pickled, never without a size limit.

A file is written beside its place, flushed to the disk and renamed over it, so a reader sees the old bytes or the new.
Everything read was possibly written by somebody else: its size is checked before, its form while it is parsed.
"""

import errno
import io
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import safetensors.torch
from torch import Tensor

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


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON, readable by people."""
    write_bytes(path, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write named arrays as an uncompressed NPZ, with the same bytes for the same arrays."""
    write_bytes(path, pack_arrays(arrays))


def pack_arrays(arrays: dict[str, np.ndarray]) -> bytes:
    """The NPZ bytes of named arrays; they carry no date, so equal arrays give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue())
    return packed.getvalue()


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write named tensors as safetensors (copies, so that tied or strided tensors are stored whole)."""
    write_bytes(path, safetensors.torch.save({name: tensor.detach().cpu().clone().contiguous()
                                              for name, tensor in tensors.items()}))


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


def read_json(path: Path) -> Any:
    """The JSON value in `path`."""
    return parse_json(path, read_bytes(path))


def parse_json(path: Path, data: bytes) -> Any:
    """The JSON value in bytes that came from `path`."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{path} is damaged: {error}") from error


def parse_arrays(path: Path, data: bytes) -> dict[str, np.ndarray]:
    """The named arrays in NPZ bytes that came from `path`; object arrays are refused, never unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LIMITS[".npz"]:
                raise StoreError(f"{path} unpacks to more than {LIMITS['.npz']} bytes, which is the most that is read")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, OSError, zipfile.zlib.error) as error:
        raise StoreError(f"{path} is damaged: it is not a readable NPZ file") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The named tensors in the safetensors file `path`."""
    return parse_tensors(path, read_bytes(path))


def parse_tensors(path: Path, data: bytes) -> dict[str, Tensor]:
    """The named tensors in safetensors bytes that came from `path`."""
    try:
        return safetensors.torch.load(data)
    except Exception as error:                     # safetensors raises its own class, ValueError or RuntimeError
        raise StoreError(f"{path} is damaged: it is not a readable safetensors file") from error
