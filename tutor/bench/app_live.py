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

from tutor.core.paths import PACKAGE
from tutor.predictors import LSTM
from tutor.runs.engine.client import Engine
from tutor.runs.folder import RunFolder
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.runs.status import ACTIVE, FINAL
from tutor.sources import DirichletCategorical
from tutor.training.recipe import Recipe

SEED = 1000                                        # of the first training; none of these is shipped
POLL_SECONDS = 0.02                                        # seconds between looks at a run's diary
LIVE = PACKAGE / "ui" / "plot" / "live.js"
ENDED = (*FINAL, "paused", "failed", "interrupted")


@dataclass
class WatchLog:
    """What a watcher received: the times at which a picture had something new (seconds), and every step in order of arrival."""

    pictures: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Pictures per second between the first and the last one; 0 for fewer than two."""
        return (len(self.pictures) - 1) / (self.pictures[-1] - self.pictures[0]) if len(self.pictures) > 1 else 0.0


def read_pauses() -> tuple[float, float]:
    """Read the pauses of a live picture from its code.

    Returns
    -------
    pace, slowest
        Seconds between two requests while points arrive, and at most while none do.
    """
    code = LIVE.read_text(encoding="utf-8")
    return tuple(int(re.search(rf"const {name} = (\d+);", code)[1]) / 1000 for name in ("PACE", "SLOWEST"))


def watch_run(address: str, key: str) -> WatchLog:
    """Follow a run to its end over HTTP, with the same requests and pauses as `live.js`.

    Raises
    ------
    OSError
        Where the server does not answer.
    """
    pace, slowest = read_pauses()
    seen, offset, wait = WatchLog(), 0, pace
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
def watch_beside(address: str, key: str) -> Iterator[WatchLog]:
    """Follow a run in a thread beside the block; the yielded log is filled once the run has ended, for which the block waits at its end."""
    seen = WatchLog()

    def follow() -> None:
        found = watch_run(address, key)
        seen.pictures, seen.steps = found.pictures, found.steps

    thread = threading.Thread(target=follow, name="watcher", daemon=True)
    thread.start()
    yield seen
    thread.join()


def training_spec(seed: int) -> RunSpec:
    """Make the run that the Pretrain page offers first, with a short evaluation; each seed is a run of its own."""
    return RunSpec(source=DirichletCategorical(), body=LSTM(), recipe=Recipe.fast(), seeds=Seeds(pretrain=seed),
                   evaluation=Evaluation(length=50, sequences=16))


def submit_training(engine: Engine, seed: int) -> RunFolder:
    """Submit the training with this seed to the engine and return its folder."""
    return engine.store.get(engine.submit(training_spec(seed)))


def measure_pace(folder: RunFolder) -> float:
    """Wait for a training to end and measure its speed, from the first line of its events to the last.

    Returns
    -------
    float
        Steps per second.

    Raises
    ------
    RuntimeError
        Where the run ended too soon to be measured.
    """
    first = last = None
    while folder.status().state in ("queued", *ACTIVE):
        now, steps = time.perf_counter(), count_steps(folder.file("events.jsonl"))
        if steps and first is None:
            first = (now, steps)
        if first and (last is None or steps > last[1]):
            last = (now, steps)
        time.sleep(POLL_SECONDS)
    if not first or last == first:
        raise RuntimeError(f"run {folder.key} was over before it could be timed: {folder.status().message or folder.status().state}")
    return (last[1] - first[1]) / (last[0] - first[0])


def count_steps(diary: Path) -> int:
    """Count the lines of a file of events; 0 where there is no file."""
    return diary.read_bytes().count(b"\n") if diary.exists() else 0


def alternate_ways(ways: dict[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """Train once per round in every way of watching, each time with another seed.

    Parameters
    ----------
    ways
        Functions by name that train with a seed and return steps per second.
    rounds
        Trainings per way.

    Returns
    -------
    dict
        Steps per second of each round, by way.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for place, (name, way) in enumerate(ways.items()):
            found[name].append(way(SEED + turn * len(ways) + place))
    return found
