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

from tutor.disk import LIMITS, MEBIBYTE, StoreError, blame, read_bytes, write_bytes

__all__ = ["MEBIBYTE", "StoreError", "blame", "pack_arrays", "parse_arrays", "parse_json", "parse_tensors", "read_bytes",
           "read_json", "read_tensors", "write_arrays", "write_bytes", "write_json", "write_tensors"]


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
