"""The forms of file in a run folder: JSON, NPZ and safetensors, none of which can run code when it is read.

Everything read was possibly written by somebody else: its size is checked before, its form while it is parsed.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import safetensors.torch
from torch import Tensor

from tutor.core import parsing
from tutor.runs.io.disk import LIMITS, MEBIBYTE, StoreError, explain_os_error, read_bytes, write_bytes

__all__ = ["MEBIBYTE", "StoreError", "explain_os_error", "pack_arrays", "parse_arrays", "parse_json", "parse_tensors", "read_bytes",
           "read_json", "read_tensors", "write_arrays", "write_bytes", "write_json", "write_tensors"]


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON."""
    write_bytes(path, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write named arrays as an uncompressed NPZ file; equal arrays give equal bytes."""
    write_bytes(path, pack_arrays(arrays))


def pack_arrays(arrays: dict[str, np.ndarray]) -> bytes:
    """Convert named arrays to NPZ bytes; they carry no date, so equal arrays give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue())
    return packed.getvalue()


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write copies of named tensors as a safetensors file; tied or strided tensors are stored whole."""
    write_bytes(path, safetensors.torch.save({name: tensor.detach().cpu().clone().contiguous()
                                              for name, tensor in tensors.items()}))


def read_json(path: Path) -> Any:
    """Read the JSON value in `path`.

    Raises
    ------
    StoreError
        Where the file is missing, too large or damaged.
    """
    return parse_json(path, read_bytes(path))


def parse_json(path: Path, data: bytes) -> Any:
    """Parse JSON bytes; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where they are damaged.
    """
    with parsing.as_one_sentence(str(path), StoreError):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise StoreError(f"{path} is damaged: {error}") from error


def parse_arrays(path: Path, data: bytes) -> dict[str, np.ndarray]:
    """Parse NPZ bytes to named arrays; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where they are damaged or too large, or hold object arrays, which are never unpickled.
    """
    return parsing.parse_arrays(str(path), data, LIMITS[".npz"], StoreError)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read the named tensors in the safetensors file `path`.

    Raises
    ------
    StoreError
        Where the file is missing, too large or damaged.
    """
    return parse_tensors(path, read_bytes(path))


def parse_tensors(path: Path, data: bytes) -> dict[str, Tensor]:
    """Parse safetensors bytes to named tensors; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where they are damaged.
    """
    try:
        return safetensors.torch.load(data)
    except Exception as error:                     # safetensors raises its own class, ValueError or RuntimeError
        raise StoreError(f"{path} is damaged: it is not a readable safetensors file") from error
