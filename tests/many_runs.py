"""Many small runs in no time, for what must not grow with their number: python tests/many_runs.py FOLDER 50000."""

import hashlib
import os
import sys
import time
from pathlib import Path

import orjson
from smallest import COIN, COINS, QUICK

from tutor import methods, predictors
from tutor.runs.folder import RunFolder
from tutor.runs.io.checksums import RESULTS
from tutor.runs.spec import RunSpec, Seeds
from tutor.runs.status import queued_status
from tutor.training.recipe import Recipe

RESTING = {"state": "paused", "message": "stopped at step 3; continue to resume"}


def many_runs(root: Path, count: int, *, resting: int = 0) -> list[str]:
    """The keys of `count` new runs in `root`, every fourth a pretraining; all are done but the last `resting`, which are paused.

    Their files of numbers are one empty file with many names, so lists are right about them and nothing else is.
    """
    root.mkdir(parents=True, exist_ok=True)
    return [_one(root, _empty(root, i), i, resting=i >= count - resting) for i in range(count)]


def _empty(root: Path, number: int) -> Path:
    path = root / f".empty{number // 10_000}"      # a file may have some 65,000 names
    path.touch()
    return path


def _one(root: Path, empty: Path, number: int, *, resting: bool) -> str:
    recipe = Recipe(steps=4, batch=4, length=8)
    tuned = {} if number % 4 == 0 else {"method": methods.SoftPT(length=number % 4), "on": COIN, "tuning": recipe}
    spec = RunSpec(source=COINS, body=predictors.LSTM(width=4), recipe=recipe, evaluation=QUICK, seeds=Seeds(pretrain=number), **tuned)
    folder = RunFolder(root / spec.key())
    folder.path.mkdir()
    folder.file("spec.json").write_text(spec.to_json())
    for name in RESULTS[1:]:
        os.link(empty, folder.file(name))
    sums = dict.fromkeys(RESULTS, hashlib.sha256(b"").hexdigest())
    folder.file("checksums.json").write_bytes(orjson.dumps(sums))
    status = queued_status(spec).but(heartbeat=1.7e9 + number, seconds=float(number), **(RESTING if resting else {"state": "done"}))
    folder.file("status.json").write_text(status.model_dump_json())
    return folder.key


if __name__ == "__main__":
    began = time.perf_counter()
    made = many_runs(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{len(made):,} runs in {time.perf_counter() - began:.1f} s")
