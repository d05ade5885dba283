"""Live training beside other programs: seconds of the page's own pretraining through the app's engine, alone and beside busy processes.

Busy processes are loops in Python, as visitors' pages are. Two trainings at once are compared with one after the other.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutor.predictors import LSTM
from tutor.runs.engine.batch import background_engine
from tutor.runs.engine.client import Engine
from tutor.runs.spec import RunSpec, Seeds
from tutor.runs.status import ACTIVE
from tutor.runs.store import RunStore
from tutor.sources import DirichletCategorical
from tutor.studies import FAST
from tutor.training.recipe import Recipe

THREADS = {"the app's choice": None, "one, fixed": "1", "two, fixed": "2"}
"""Name -> $TUTOR_THREADS."""
BUSY = {"alone": 0, "beside one busy process": 1, "beside two": 2}
SPIN_SCRIPT = "import os\nowner = os.getppid()\nwhile os.getppid() == owner: pass"          # ends with whoever started it
SEED = 1000                                        # none of these trainings is shipped
POLL_SECONDS = 0.02                                        # seconds between looks at a run
START = 120                                        # seconds that a worker may take to come

Rows = list[dict[str, str | float | None]]
Steps = list[dict[str, int]]


def measure_contention() -> Rows:
    """Time trainings for every way to choose threads, alone and beside busy processes, and two trainings at once.

    Returns
    -------
    list
        Rows with seconds and `ratio`: to one fixed thread in the same company, or of two trainings at once to one after the other.
    """
    rows = [row for threads in THREADS for row in measure_choice(threads)]
    one = {row["beside"]: row["seconds"] for row in rows if row["threads"] == "one, fixed"}
    return [row | {"ratio": row["ratio"] or round(row["seconds"] / one[row["beside"]], 2)} for row in rows]


def measure_choice(threads: str) -> Rows:
    """Time trainings with one way to choose threads, a key of THREADS, on an engine of its own."""
    rows = []
    with start_engine(THREADS[threads]) as here:
        time_runs(here, [training_spec(0, steps=40), training_spec(1, steps=40)])            # warms every worker up
        for beside, processes in BUSY.items():
            with keep_busy(processes):
                took, steps = time_runs(here, [training_spec(2 + processes)])
            rows.append(_row(threads, beside, took, steps))
        if THREADS[threads] is None:
            together, steps = time_runs(here, [training_spec(5), training_spec(6)])
            apart = sum(time_runs(here, [training_spec(seed)])[0] for seed in (7, 8))
            rows += [_row(threads, "two, one after the other", apart, []) | {"ratio": 1.0},
                     _row(threads, "two at once", together, steps) | {"ratio": round(together / apart, 2)}]
    return rows


def _row(threads: str, beside: str, took: float, steps: Steps) -> dict:
    counted = {count: sum(each.get(count, 0) for each in steps) for count in sorted({count for each in steps for count in each})}
    return {"threads": threads, "beside": beside, "seconds": round(took, 2), "ratio": None,
            "steps_on": ", ".join(f"{count}: {number}" for count, number in counted.items())}


def training_spec(seed: int, **changes: int) -> RunSpec:
    """Make the run that the Pretrain page offers first, with its evaluation; each seed is a run of its own.

    Parameters
    ----------
    seed
        Added to SEED.
    changes
        Fields of the recipe to change.
    """
    recipe = Recipe.fast().model_copy(update=changes)
    return RunSpec(source=DirichletCategorical(), body=LSTM(), recipe=recipe, seeds=Seeds(pretrain=SEED + seed), evaluation=FAST.evaluation)


def time_runs(here: Engine, specs: list[RunSpec]) -> tuple[float, Steps]:
    """Submit runs and wait until all have ended.

    Returns
    -------
    seconds
        From the first submission to the end of the last run.
    steps
        For each run, the number of steps by number of threads they were computed on.

    Raises
    ------
    RuntimeError
        Where a run does not finish.
    """
    begun = time.perf_counter()
    folders = [here.store.get(here.submit(spec)) for spec in specs]
    for folder in folders:
        while folder.status().state in ("queued", *ACTIVE):
            time.sleep(POLL_SECONDS)
        if folder.status().state != "done":
            raise RuntimeError(f"run {folder.key} is {folder.status().state}: {folder.status().message}")
    took = time.perf_counter() - begun
    return took, [folder.summary().get("threads", {}) for folder in folders]


@contextmanager
def start_engine(threads: str | None) -> Iterator[Engine]:
    """Start the engine as the app does, with an empty store and one worker that is ready.

    Parameters
    ----------
    threads
        Value of $TUTOR_THREADS inside the block; None leaves it unset.
    """
    before = os.environ.pop("TUTOR_THREADS", None)
    os.environ.update({} if threads is None else {"TUTOR_THREADS": threads})
    try:
        with tempfile.TemporaryDirectory(prefix="prompt-tutor-bench-") as folder, background_engine() as address:
            here = Engine(address, RunStore(Path(folder)))
            try:
                here.client.wait_for_workers(1, timeout=START)
                yield here
            finally:
                here.close()
    finally:
        os.environ.pop("TUTOR_THREADS", None)
        os.environ.update({} if before is None else {"TUTOR_THREADS": before})


@contextmanager
def keep_busy(processes: int) -> Iterator[None]:
    """Run so many processes that do nothing but compute, until the block ends."""
    started = [subprocess.Popen([sys.executable, "-c", SPIN_SCRIPT]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()
