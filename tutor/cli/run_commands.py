"""prompt-tutor run: one run in the foreground, with its progress on stderr."""

import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tutor.cli.exit_codes import FAILED, STOPPED, CommandError, format_number, print_json, print_table
from tutor.measure import SCORES
from tutor.runs.engine.evaluate import evaluate_run
from tutor.runs.engine.heartbeat import ProgressListener
from tutor.runs.engine.local_cluster import EngineError
from tutor.runs.engine.runner import advance_run
from tutor.runs.io.formats import StoreError
from tutor.runs.results import QUARTILES
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec, SpecError
from tutor.runs.status import ACTIVE, Status
from tutor.runs.store import RunStore
from tutor.sources import read_source

POLL_SECONDS = 0.5                                   # seconds between looks at a run that another process computes


@contextmanager
def end_with_sentence(*, stopped: str = ""):
    """Turn errors of the project inside the block, and Ctrl-C, into a CommandError.

    Parameters
    ----------
    stopped
        The sentence for Ctrl-C; "" is "stopped".

    Raises
    ------
    CommandError
        For a SpecError, StoreError, EngineError or KeyboardInterrupt.
    """
    try:
        yield
    except (SpecError, StoreError, EngineError) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt as interrupt:
        raise CommandError(stopped or "stopped", STOPPED) from interrupt


def run_file(spec_file: Path, root: Path | None, *, as_json: bool) -> None:
    """Compute and evaluate the run in a specification file, as far as that is not done yet, and print it.

    Parameters
    ----------
    spec_file
        Ends in .toml or .json.
    root
        Folder of the user's own runs; None is the default store.
    as_json
        Print JSON instead of a table.

    Raises
    ------
    CommandError
        Where the file is not valid, the run does not finish, the disk refuses, or at Ctrl-C.
    """
    with end_with_sentence(stopped=f"stopped; continue with `prompt-tutor run {spec_file}`"):
        store = RunStore(root)
        spec = RunSpec.from_file(spec_file)
        folder = store.create(spec)
        folder.withdraw_stop()
        with progress_bar() as show:
            state = bring_to_end(store, folder.key, show)
    if state != "done":
        raise CommandError(f"run {folder.key} is {state}: {folder.status().message}", FAILED)
    with end_with_sentence(), progress_bar() as show:
        measured = evaluate_run(spec, store, lambda label: show(folder.status().but(state="measuring", message=f"measuring on {label}")))
    with end_with_sentence():
        print_run(measured, as_json=as_json)


def bring_to_end(store: RunStore, key: str, show) -> str:
    """Compute run `key` to its end, or follow the process that does, and return its state.

    Parameters
    ----------
    show
        Called with each new status.

    Raises
    ------
    StoreError
        Where there is no such run, its specification is damaged, or the disk refuses.
    """
    while True:
        state = advance_run(store.root, key, listener=ProgressListener(on_status=show))
        if state not in ACTIVE:
            return state
        show(store.get(key).status())
        time.sleep(POLL_SECONDS)


@contextmanager
def progress_bar():
    """Show a progress bar on stderr; yields a function to call with each new status."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(status: Status) -> None:
            bar.update(task, description=status.message or status.state, total=status.steps * status.repetitions,
                       completed=status.repetition * status.steps + status.step)

        yield show


def print_run(run: Run, *, as_json: bool) -> None:
    """Print key, regret (nats) and scores of a finished run, medians with quartiles over repetitions.

    Raises
    ------
    StoreError
        Where the run was not evaluated, or is damaged.
    """
    summary = run.summary
    if as_json:
        print_json({"key": run.key, "label": run.spec.label, "state": run.status.state, "summary": summary})
        return
    labels = [read_source(source).label for source in summary["evaluated_on"]]
    labels[0] += f" ({'target' if run.spec.is_tuning else 'pretrained on'})"
    rows = [[labels[i], *map(format_band, *(found[name] for name in QUARTILES))] for i, found in order_by_source(summary["regret"])]
    if rows:
        title = f"{run.key}  {run.spec.label}: cumulative regret in nats, median (quartiles)"
        print_table(title, ["on", *(f"after {n}" for n in summary["n"])], rows)
    scores = [[labels[i], name, *map(format_band, *(found[part] for part in QUARTILES)), f"{score.label} ({score.unit})"]
              for name, score in SCORES.items() for i, found in order_by_source(summary.get(name, {}))]
    if scores:
        print_table(f"{run.key}  {run.spec.label}: scores, median (quartiles)", ["on", "score", "value", "what it is"], scores)


def order_by_source(found: dict[str, dict]) -> list[tuple[int, dict]]:
    """Sort measurements by the number of their source; 0 is the target in every run."""
    return sorted((int(i), each) for i, each in found.items())


def format_band(median: float, q25: float, q75: float) -> str:
    """Write a median, with its quartiles where they differ."""
    return format_spread(*map(format_number, (median, q25, q75)))


def format_spread(middle: str, low: str, high: str) -> str:
    """Write a middle value, with its bounds where they differ, all of them formatted already."""
    return middle if low == high else f"{middle} ({low} – {high})"
