"""prompt-tutor run: one run in the foreground, with its progress on stderr."""

import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tutor.cli.answers import FAILED, STOPPED, Refusal, number, print_json, print_table
from tutor.embedded import EngineError
from tutor.files import StoreError
from tutor.pulse import Listener
from tutor.results import QUARTILES, SCORES
from tutor.run import Run
from tutor.runner import advance
from tutor.sources import SOURCES
from tutor.spec import RunSpec, SpecError
from tutor.status import ACTIVE, Status
from tutor.store import RunStore

LOOK_EVERY = 0.5                                   # seconds between looks at a run that another process computes


@contextmanager
def one_sentence(*, stopped: str = ""):
    """What goes wrong inside ends the command with one sentence; Ctrl-C with `stopped`."""
    try:
        yield
    except (SpecError, StoreError, EngineError) as error:
        raise Refusal(str(error)) from error
    except KeyboardInterrupt as interrupt:
        raise Refusal(stopped or "stopped", STOPPED) from interrupt


def run(spec_file: Path, root: Path | None, *, as_json: bool) -> None:
    """Compute the run described in `spec_file` unless it is there, and print it."""
    with one_sentence(stopped=f"stopped; continue with `prompt-tutor run {spec_file}`"):
        store = RunStore(root)
        folder = store.create(RunSpec.from_file(spec_file))
        folder.withdraw_stop()
        with progress_bar() as show:
            state = computed(store, folder.key, show)
    if state != "done":
        raise Refusal(f"run {folder.key} is {state}: {folder.status().message}", FAILED)
    with one_sentence():
        report(store.load(folder.key), as_json=as_json)


def computed(store: RunStore, key: str, show) -> str:
    """Bring run `key` to its end and return its state, following along where another process computes it."""
    while True:
        state = advance(store.root, key, listener=Listener(on_status=show))
        if state not in ACTIVE:
            return state
        show(store.get(key).status())
        time.sleep(LOOK_EVERY)


@contextmanager
def progress_bar():
    """A bar on stderr, as a function of status."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(status: Status) -> None:
            bar.update(task, description=status.message or status.state, total=status.steps * status.repetitions,
                       completed=status.repetition * status.steps + status.step)

        yield show


def report(run: Run, *, as_json: bool) -> None:
    """Key and summary on stdout."""
    summary = run.summary
    if as_json:
        print_json({"key": run.key, "label": run.spec.label, "state": run.status.state, "summary": summary})
        return
    labels = [SOURCES[source["kind"]].model_validate(source).label for source in summary["evaluated_on"]]
    labels[0] += f" ({'target' if run.spec.is_tuning else 'pretrained on'})"
    rows = [[labels[i], *map(band, *(found[name] for name in QUARTILES))] for i, found in in_order(summary["regret"])]
    if rows:
        title = f"{run.key}  {run.spec.label}: cumulative regret in nats, median (quartiles)"
        print_table(title, ["on", *(f"after {n}" for n in summary["n"])], rows)
    scores = [[labels[i], score, *map(band, *(found[name] for name in QUARTILES))]
              for score in SCORES for i, found in in_order(summary.get(score, {}))]
    if scores:
        title = f"{run.key}  {run.spec.label}: right (accuracy), told (slots), BLEU; median (quartiles)"
        print_table(title, ["on", "score", "value"], scores)


def in_order(found: dict[str, dict]) -> list[tuple[int, dict]]:
    """What was measured, by the number of its source: the target first, in every run."""
    return sorted((int(i), each) for i, each in found.items())


def band(median: float, q25: float, q75: float) -> str:
    """A median, with its quartiles where there are several repetitions."""
    return spread(*map(number, (median, q25, q75)))


def spread(middle: str, low: str, high: str) -> str:
    """The same of numbers that are written already."""
    return middle if low == high else f"{middle} ({low} – {high})"
