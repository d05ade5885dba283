"""What was measured of a trained run, and how: one file per evaluation, named by the evaluation's own key.

A network is trained once and measured any number of times, so nothing of an evaluation is part of the key of its run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from tutor.runs.io.formats import StoreError, pack_arrays, parse_arrays, parse_json

FOLDER = "evaluations"
SUMMARY = "summary"
"""The array that holds the numbers of the tables, as the bytes of a JSON object."""


@dataclass(frozen=True)
class EvaluationRecord:
    """The results of one evaluation of a run.

    Parameters
    ----------
    arrays
        Regret curves (nats) under "regret/<i>/<measure>" and scores under "<score>/<i>": [T] and [] for a pretraining, [N, T] and [N]
        for a tuning with N repetitions.
    summary
        How the run was measured, on which sources, and quartiles over repetitions.
    """

    arrays: dict[str, np.ndarray]
    summary: dict[str, Any]


def evaluation_file(key: str) -> str:
    """Name of the file of evaluation `key` inside a run."""
    return f"{FOLDER}/{key}.npz"


def pack_evaluation(record: EvaluationRecord) -> bytes:
    """Convert an evaluation to NPZ bytes; equal results give equal bytes."""
    summary = orjson.dumps(record.summary, option=orjson.OPT_SERIALIZE_NUMPY)
    return pack_arrays(record.arrays | {SUMMARY: np.frombuffer(summary, dtype=np.uint8)})


def parse_evaluation(path: Path, data: bytes) -> EvaluationRecord:
    """Read an evaluation from NPZ bytes; `path` only names their file in messages.

    Raises
    ------
    StoreError
        Where these are not the bytes of an evaluation.
    """
    arrays = parse_arrays(path, data)
    summary = arrays.pop(SUMMARY, None)
    found = None if summary is None or summary.dtype != np.uint8 else parse_json(path, summary.tobytes())
    if not isinstance(found, dict):
        raise StoreError(f"{path} is damaged: it is no evaluation")
    return EvaluationRecord(arrays, found)
