"""Evidence from a pipeline as an NPZ file: read with pickles off and within a size, refused in one sentence, written for an example."""

from pathlib import Path

import numpy as np

from tutor.core import parsing
from tutor.measure.evidence import Evidence, EvidenceError
from tutor.measure.synthetic_evidence import SyntheticPipeline
from tutor.runs.io.formats import MEBIBYTE, pack_arrays, write_bytes

MAX_FILE_BYTES = 200 * MEBIBYTE
REQUIRED = ("no_context", "pipeline", "contexts")
IDS = ("needed", "retrieved")
COUNTS = ("pipeline_parameters", "soft_prompt_parameters")
NAMES = (*REQUIRED, "soft_prompt", "queries", *IDS, *COUNTS)
STORE = "store_"
EXAMPLE = SyntheticPipeline(constant=2.5, content=1.2, jitter=0.2)
"""Half of its gain is retrieval, half is a constant."""


def read_evidence(path: Path) -> Evidence:
    """The evidence in the NPZ file `path`. Raises EvidenceError."""
    return parse_evidence(path.name, parsing.read_bytes(path, MAX_FILE_BYTES, EvidenceError))


def parse_evidence(name: str, data: bytes) -> Evidence:
    """The evidence in the bytes of an NPZ file called `name`. Raises EvidenceError."""
    if len(data) > MAX_FILE_BYTES:
        raise EvidenceError(f"{name} is larger than {MAX_FILE_BYTES // MEBIBYTE} MB, which is the most that is read")
    with parsing.as_one_sentence(name, EvidenceError):
        return from_arrays(parsing.parse_arrays(name, data, MAX_FILE_BYTES, EvidenceError))


def from_arrays(arrays: dict[str, np.ndarray]) -> Evidence:
    """The evidence in named arrays.

    Parameters
    ----------
    arrays
        By the names of docs/diagnose.md; every name must be known.

    Raises
    ------
    EvidenceError
        In one sentence that names the array.
    """
    lacking = [name for name in REQUIRED if name not in arrays]
    if lacking:
        raise EvidenceError(f"the array {' and '.join(lacking)} is missing; {', '.join(REQUIRED)} are always needed")
    unknown = sorted(name for name in arrays if name not in NAMES and not name.startswith(STORE))
    if unknown:
        raise EvidenceError(f"the array {unknown[0][:60]!r} is unknown; there are {', '.join(NAMES)} and {STORE}NAME")
    stores = {name.removeprefix(STORE): to_native_order(array) for name, array in arrays.items() if name.startswith(STORE)}
    given = {
        name: parse_count(name, array) if name in COUNTS else to_native_order(array) for name, array in arrays.items() if name in NAMES
    }
    given |= number_ids({name: given[name] for name in IDS if name in given})
    return Evidence(**given, stores=stores)


def number_ids(ids: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names of entries as numbers, the same name with the same number everywhere; an empty name is no entry, -1.

    Raises
    ------
    EvidenceError
        Where names are bytes, or stand beside numbers.
    """
    words = [name for name, array in ids.items() if array.dtype.kind in "US"]
    if not words:
        return ids
    if len(words) < len(ids):
        raise EvidenceError(f"{words[0]} holds names of entries and {(ids.keys() - words).pop()} numbers; both must be of one kind")
    try:
        texts = {name: array.astype(str) for name, array in ids.items()}
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{' and '.join(words)} hold bytes that are no names; save them as an array of str") from error
    known, places = np.unique(np.concatenate([array.ravel() for array in texts.values()]), return_inverse=True)
    places = np.where(known[places] == "", -1, places)
    ends = np.cumsum([array.size for array in texts.values()])[:-1]
    return {name: part.reshape(array.shape) for (name, array), part in zip(texts.items(), np.split(places, ends), strict=True)}


def to_native_order(array: np.ndarray) -> np.ndarray:
    """The array in this machine's byte order; numbers wider than 64 bits become float64."""
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    with np.errstate(over="ignore"):
        return array.astype(np.float64 if wide else array.dtype.newbyteorder("="))


def parse_count(name: str, array: np.ndarray) -> int:
    """A count of parameters that stands in an array.

    Raises
    ------
    EvidenceError
        Where it is not one whole number.
    """
    if array.size != 1 or array.dtype.kind not in "iu":
        raise EvidenceError(f"{name} must be one whole number, but has shape {array.shape} and type {array.dtype}")
    return int(array.reshape(()))


def pack_evidence(evidence: Evidence) -> bytes:
    """The NPZ bytes that `parse_evidence` reads."""
    arrays = {name: getattr(evidence, name) for name in NAMES if getattr(evidence, name) is not None}
    return pack_arrays(arrays | {f"{STORE}{name}": loss for name, loss in evidence.stores.items()})


def write_example(path: Path) -> None:
    """Write the evidence of the pipeline EXAMPLE, simulated by the rule in `tutor.measure.synthetic_evidence`. Raises StoreError."""
    write_bytes(path, pack_evidence(EXAMPLE.evidence()))
