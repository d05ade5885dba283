"""What the files of a model say of themselves before anything large is loaded: which there are, and whether they are whole."""

import fnmatch
import json
import struct
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tutor.core.parsing import decode, read_bytes
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.model_location import ModelError

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
POINTER, POINTER_BYTES = b"version https://git-lfs.github.com/spec/", 1024
"""How a Git LFS pointer begins, and its largest size in bytes."""
MOST_HEADER = 100_000_000                         # bytes; what the library itself reads at most
MOST_JSON = 2**25                                 # bytes of an index
MOST_DESCRIPTION = 2**20                          # bytes of config.json


def require_files(names: Collection[str], name: str) -> None:
    """Raise ModelError unless among these files are weights as safetensors."""
    if {WEIGHTS, INDEX} & set(names):
        return
    if pickled := next((file for pattern in PICKLED for file in sorted(fnmatch.filter(names, pattern))), None):
        raise ModelError(f"the model {name} has its weights as {pickled}, which could run code when it is opened; "
                      "save them as safetensors first")
    require_no_gguf(names, name)
    raise ModelError(f"the model {name} has no weights: there is no {WEIGHTS}")


def require_no_gguf(names: Collection[str], name: str) -> None:
    """Raise ModelError where the weights are in the form of llama.cpp."""
    if found := sorted(fnmatch.filter(names, "*.gguf")):
        raise ModelError(f"the model {name} has its weights as {found[0]}, which is quantised; "
                      "choose the model with its full weights as safetensors")


def list_shards(folder: Path, names: Collection[str], name: str) -> list[str]:
    """The files that hold the weights. ModelError where the index of them is none, leads elsewhere, or names one that is not there."""
    if WEIGHTS in names:
        return [WEIGHTS]
    told = read_json(folder / INDEX, name, MOST_JSON)
    found = told.get("weight_map")
    if not isinstance(found, dict) or not found or not all(isinstance(file, str) for file in found.values()):
        raise ModelError(f"the file {INDEX} of {name} does not say where the weights are")
    files = sorted(set(found.values()))
    for file in files:
        if Path(file).name != file or "\\" in file or file in {".", ".."}:
            raise ModelError(f"the file {INDEX} of {name} leads out of its folder, to {file[:60]!r}; all weights must be beside it")
        if file not in names:
            raise ModelError(f"the weights of {name} are not complete: the file {file[:60]} is missing")
    return files


def require_no_pointer(path: Path, name: str) -> None:
    """Raise ModelError where a file is only a note of Git LFS about the one that should be there."""
    with refuse_errors(f"the file {path.name} of {name} cannot be read"):
        if not path.is_file() or path.stat().st_size > POINTER_BYTES:
            return
        with path.open("rb") as file:
            if file.read(len(POINTER)) == POINTER:
                raise ModelError(f"the file {path.name} of {name} is a Git LFS pointer, not the file itself; "
                              "fetch it with `git lfs pull` in that folder")


def require_whole(path: Path, name: str) -> None:
    """Raise ModelError unless a file of weights is as long as its own head says. Reads the head alone."""
    require_no_pointer(path, name)
    with refuse_errors(f"the weights of {name} cannot be loaded, the file {path.name} is damaged"), path.open("rb") as file:
        there = path.stat().st_size
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else there
        if length > min(MOST_HEADER, there - 8):
            raise ModelError(f"the weights of {name} cannot be loaded: the file {path.name} is cut off or no safetensors, "
                          f"it has {there:,} bytes")
        needed = 8 + length + _end(json.loads(file.read(length)))
        if there != needed:
            raise ModelError(f"the weights of {name} cannot be loaded: the file {path.name} is cut off or damaged, it has {there:,} bytes "
                          f"instead of {needed:,}")


def _end(header: Mapping[str, Any]) -> int:
    """Bytes of all tensors that a head names."""
    return max((one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"), default=0)


def read_json(path: Path, name: str, most: int) -> dict[str, Any]:
    """A JSON file that must hold an object. ModelError where it is too large, cannot be read, or holds something else."""
    said = f"the file {path.name} of {name}"
    require_no_pointer(path, name)
    text = decode(said, read_bytes(path, most, ModelError, name=said), ModelError)
    with refuse_errors(f"{said} cannot be read"):
        found = json.loads(text)                   # infinities are no mistake here: some state-space models have them
    if not isinstance(found, dict):
        raise ModelError(f"{said} does not describe a model" if path.name == "config.json" else f"{said} holds no object")
    return found
