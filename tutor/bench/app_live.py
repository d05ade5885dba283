"""What watching costs: one training after another, alone or watched, timed by its own diary.

The client without a browser asks for events exactly as a live picture does: the same route, offsets and pauses.
"""

import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tutor.engine import Engine
from tutor.folder import RunFolder
from tutor.places import PACKAGE
from tutor.predictors import LSTM
from tutor.recipe import Recipe
from tutor.sources import DirichletCategorical
from tutor.spec import Evaluation, RunSpec, Seeds
from tutor.status import ACTIVE, FINAL

SEED = 1000                                        # of the first training; none of these is shipped
LOOK = 0.02                                        # seconds between looks at a run's diary
LIVE = PACKAGE / "ui" / "picture" / "live.js"
ENDED = (*FINAL, "paused", "failed", "interrupted")


@dataclass
class Watched:
    """What a watcher got: seconds at which a picture had something new, and every step in the order of its arrival."""

    pictures: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Pictures per second between the first and the last one."""
        return (len(self.pictures) - 1) / (self.pictures[-1] - self.pictures[0]) if len(self.pictures) > 1 else 0.0


def pauses() -> tuple[float, float]:
    """Seconds between two questions of a live picture: while points arrive, and at most while none do (both stand in its code)."""
    code = LIVE.read_text(encoding="utf-8")
    return tuple(int(re.search(rf"const {name} = (\d+);", code)[1]) / 1000 for name in ("PACE", "SLOWEST"))


def watch(address: str, key: str) -> Watched:
    """Follow a run to its end over HTTP as `live.js` does. OSError where the server does not answer."""
    pace, slowest = pauses()
    seen, offset, wait = Watched(), 0, pace
    while True:
        question = f"{address}/api/runs/{key}/events?from={offset}&viewer=bench&session=bench"
        with urllib.request.urlopen(question, timeout=60) as answer:
            state, offset, lines = answer.headers["X-State"], int(answer.headers["X-Next"]), answer.read()
            if answer.headers["X-Restart"]:
                seen.steps.clear()
        if lines:
            seen.steps += [orjson.loads(line)["step"] for line in lines.splitlines()]
            seen.pictures.append(time.perf_counter())
        elif state in ENDED:
            return seen
        wait = pace if lines else min(1.5 * wait, slowest)
        time.sleep(wait)


@contextmanager
def watching(address: str, key: str) -> Iterator[Watched]:
    """The same beside the block, which gets what was seen once the run has ended."""
    seen = Watched()

    def follow() -> None:
        found = watch(address, key)
        seen.pictures, seen.steps = found.pictures, found.steps

    thread = threading.Thread(target=follow, name="watcher", daemon=True)
    thread.start()
    yield seen
    thread.join()


def training(seed: int) -> RunSpec:
    """The network and recipe that the Pretrain page offers first; another seed is another run."""
    return RunSpec(source=DirichletCategorical(), body=LSTM(), recipe=Recipe.fast(), seeds=Seeds(pretrain=seed),
                   evaluation=Evaluation(length=50, sequences=16))


def submitted(engine: Engine, seed: int) -> RunFolder:
    """A training that the engine was asked for."""
    return engine.store.get(engine.submit(training(seed)))


def pace_of(folder: RunFolder) -> float:
    """Steps per second of a training that is beginning, from the first line of its diary to the last; waits for its end."""
    first = last = None
    while folder.status().state in ("queued", *ACTIVE):
        now, steps = time.perf_counter(), steps_of(folder.file("events.jsonl"))
        if steps and first is None:
            first = (now, steps)
        if first and (last is None or steps > last[1]):
            last = (now, steps)
        time.sleep(LOOK)
    if not first or last == first:
        raise RuntimeError(f"run {folder.key} was over before it could be timed: {folder.status().message or folder.status().state}")
    return (last[1] - first[1]) / (last[0] - first[0])


def steps_of(diary: Path) -> int:
    """Lines written so far."""
    return diary.read_bytes().count(b"\n") if diary.exists() else 0


def alternating(ways: dict[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """Steps per second by way of watching, one training of each per round, every one with a seed of its own."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for place, (name, way) in enumerate(ways.items()):
            found[name].append(way(SEED + turn * len(ways) + place))
    return found
