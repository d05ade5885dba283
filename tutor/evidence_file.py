"""Evidence from a pipeline as an NPZ file: read with pickles off and within a size, refused in one sentence, written for an example."""

from pathlib import Path

import numpy as np

from tutor.files import MEBIBYTE, StoreError, pack_arrays, parse_arrays, write_bytes
from tutor.measure.evidence import Evidence, EvidenceError
from tutor.measure.planted import Planted

LARGEST = 200 * MEBIBYTE
REQUIRED = ("no_context", "pipeline", "contexts")
IDS = ("needed", "retrieved")
COUNTS = ("pipeline_parameters", "soft_prompt_parameters")
NAMES = (*REQUIRED, "soft_prompt", "queries", *IDS, *COUNTS)
STORE = "store_"
EXAMPLE = Planted(constant=2.5, content=1.2, jitter=0.2)
"""Half of its gain is retrieval, half is a constant."""


def read_evidence(path: Path) -> Evidence:
    """The evidence in the NPZ file `path`. Raises EvidenceError."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse_evidence(path.name, data)


def parse_evidence(name: str, data: bytes) -> Evidence:
    """The evidence in the bytes of an NPZ file called `name`. Raises EvidenceError."""
    if len(data) > LARGEST:
        raise EvidenceError(f"{name} is larger than {LARGEST // MEBIBYTE} MB, which is the most that is read")
    try:
        arrays = parse_arrays(Path(name), data)
    except StoreError as error:
        raise EvidenceError(f"{error} (lists and objects must be saved as arrays of numbers, pickles are not read)") from error
    except Exception as error:                      # zipfile and NumPy raise many kinds for bytes that somebody made up
        raise EvidenceError(f"{name} is damaged: it is not a readable NPZ file") from error
    if sum(getattr(array, "nbytes", LARGEST) for array in arrays.values()) > LARGEST:
        raise EvidenceError(f"{name} unpacks to more than {LARGEST // MEBIBYTE} MB, or holds something that is no array")
    return from_arrays(arrays)


def from_arrays(arrays: dict[str, np.ndarray]) -> Evidence:
    """The evidence in named arrays; every name must be known. Raises EvidenceError."""
    lacking = [name for name in REQUIRED if name not in arrays]
    if lacking:
        raise EvidenceError(f"the array {' and '.join(lacking)} is missing; {', '.join(REQUIRED)} are always needed")
    unknown = sorted(name for name in arrays if name not in NAMES and not name.startswith(STORE))
    if unknown:
        raise EvidenceError(f"the array {unknown[0][:60]!r} is unknown; there are {', '.join(NAMES)} and {STORE}NAME")
    stores = {name.removeprefix(STORE): native(array) for name, array in arrays.items() if name.startswith(STORE)}
    given = {name: count(name, array) if name in COUNTS else native(array) for name, array in arrays.items() if name in NAMES}
    return Evidence(**given, stores=stores)


def native(array: np.ndarray) -> np.ndarray:
    """The array in this machine's byte order; numbers wider than 64 bits become float64."""
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    with np.errstate(over="ignore"):
        return array.astype(np.float64 if wide else array.dtype.newbyteorder("="))


def count(name: str, array: np.ndarray) -> int:
    if array.size != 1 or array.dtype.kind not in "iu":
        raise EvidenceError(f"{name} must be one whole number, but has shape {array.shape} and type {array.dtype}")
    return int(array.reshape(()))


def pack_evidence(evidence: Evidence) -> bytes:
    """The NPZ bytes that `parse_evidence` reads."""
    arrays = {name: getattr(evidence, name) for name in NAMES if getattr(evidence, name) is not None}
    return pack_arrays(arrays | {f"{STORE}{name}": loss for name, loss in evidence.stores.items()})


def write_example(path: Path) -> None:
    """Write the evidence of the pipeline EXAMPLE, simulated by the rule in `tutor.measure.planted`. Raises StoreError."""
    write_bytes(path, pack_evidence(EXAMPLE.evidence()))
