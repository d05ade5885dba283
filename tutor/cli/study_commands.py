"""prompt-tutor study: compute what is missing on worker processes, then print table and verdict."""

import difflib
import functools
import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tutor.cli.exit_codes import FAILED, CommandError, count_runs, format_duration, format_number, print_error, print_json, print_table
from tutor.cli.run_commands import end_with_sentence, format_band, format_spread
from tutor.runs.engine import batch
from tutor.runs.io.disk import require_writable
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.runs.target_words import describe_targets
from tutor.studies import PRESETS, STUDIES, AbstractStudy, Preset, cost, estimate_seconds, list_missing, make_result, read_kept_result
from tutor.studies.checks.finding_text import finding_text, region_text
from tutor.studies.measured_rows import format_bound

WORKERS = min(2, os.cpu_count() or 1)


def list_studies(root: Path | None, *, as_json: bool) -> None:
    """Print name, claim, verdict, source and cost of every study.

    Parameters
    ----------
    root
        Folder of the user's own runs; None is the default store.
    as_json
        Print JSON instead of a table.
    """
    with end_with_sentence():
        pace = functools.cache(functools.partial(seconds_of_run, RunStore(root)))
        described = [describe_study(study, RunStore(root), pace) for study in STUDIES.values()]
    if as_json:
        return print_json(described)
    rows = [[d["study"], verdict_text(d["verdict"]), f"{d['claim']} ({d['source']})", cost_text(d)] for d in described]
    title = "studies; cost in processor time of one core, with every run that a study needs"
    print_table(title, ["study", "verdict", "claim", "cost"], rows)
    for preset in PRESETS.values():
        every = {spec for study in STUDIES.values() if preset in study.presets
                 for spec in list_specs(study, preset, preset.plan_for(study.plan).seeds(0))}
        print(
            f"All with --{preset.name}, what they share counted once: {count_runs(len(every))}, "
            f"{format_duration(math.fsum(map(pace, every)))}"
        )


def describe_study(study: AbstractStudy, store: RunStore, pace: Callable[[RunSpec], float]) -> dict:
    """Make the entry of one study in `study --list --json`, with its presets only.

    Parameters
    ----------
    study
        The study.
    store
        Where its runs and results are kept.
    pace
        Gives the seconds that one run takes.

    Returns
    -------
    dict
        "verdict" by preset, None where there is no result; "cost" by preset, in runs and in seconds of processor time over all runs:
        measured where there is a result, else estimated up to the first look.
    """
    found = {preset.name: read_kept_result(study, preset, store) for preset in study.presets}
    costs = {preset.name: cost_of(study, preset, found[preset.name], pace) for preset in study.presets}
    return {"study": study.name, "title": study.title, "claim": study.claim, "source": study.source, "metric": study.metric,
            "verdict": {name: result and result["verdict"] for name, result in found.items()}, "cost": costs}


def cost_of(study: AbstractStudy, preset: Preset, result: dict | None, pace: Callable[[RunSpec], float]) -> dict:
    """Count the runs of a study and their seconds of processor time: those of its result, else estimated for its first look."""
    plan = preset.plan_for(study.plan)
    networks = len(result["bases"]) if result else plan.looks[0]
    wanted = list_specs(study, preset, range(plan.first_seed, plan.first_seed + networks))
    return {"runs": len(wanted), "seconds": round(result["seconds"] if result else sum(map(pace, wanted)))}


def list_specs(study: AbstractStudy, preset: Preset, seeds: Iterable[int]) -> set[RunSpec]:
    """Collect the runs that a study shows, those of its replications from `seeds`, and the pretrainings on which they are based."""
    wanted = [*study.specs(preset), *(spec for seed in seeds for spec in study.specs(preset.on_base(seed)))]
    return {one for spec in wanted for one in (spec.base(), spec)}


def seconds_of_run(store: RunStore, spec: RunSpec) -> float:
    """Processor seconds of a run: measured where it is finished, else estimated from its operations."""
    status = store.info(spec.key()).status if store.find(spec.key()) else None
    return status.seconds if status and status.state == "done" else estimate_seconds([spec], 1)


def verdict_text(verdicts: dict[str, str | None]) -> str:
    """Write the verdict with fast settings, and that with the paper's settings where there is one that differs."""
    fast, paper = verdicts["fast"] or "not computed", verdicts.get("paper")
    return fast if paper in (None, fast) else f"{fast}; paper: {paper}"


def cost_text(described: dict) -> str:
    """Write the cost of a study, a line for each preset."""
    lines = []
    for preset, cost_of in described["cost"].items():
        said = f"{count_runs(cost_of['runs'])}, {format_duration(float(cost_of['seconds']))}"
        lines.append(f"{preset}: {f'at once ({said})' if described['verdict'][preset] else said}")
    return "\n".join(lines)


def run_study(name: str | None, root: Path | None, *, preset: str, onward: bool, as_json: bool) -> None:
    """Print the result of a study, after computing its missing runs where there is none.

    Parameters
    ----------
    name
        Of the study; None is refused like an unknown name.
    root
        Folder of the user's own runs; None is the default store.
    preset
        "fast" or "paper".
    onward
        Also compute the networks that a stored result, undecided so far, still lacks.
    as_json
        Print JSON instead of a table.

    Raises
    ------
    CommandError
        Where the name is unknown, the study has no such preset, a run failed, the disk refuses, or at Ctrl-C.
    """
    chosen, effort = find_study(name), PRESETS[preset]
    if effort not in chosen.presets:
        raise CommandError(f"{chosen.name} has no settings of its source to run with; leave --{preset} out")
    with end_with_sentence(stopped=f"stopped; continue with `prompt-tutor study {chosen.name} --{preset} --continue`"):
        store = RunStore(root)
        found = make_result(chosen, effort, store)
        while found is None or (onward and list_missing(chosen, effort, store)):     # again where a look left the claim undecided
            compute_missing(chosen, effort, store)
            found = make_result(chosen, effort, store)
    if as_json:
        return print_json(found)
    return print_result(found, describe_targets(chosen.specs(effort)))


def find_study(name: str | None) -> AbstractStudy:
    """Find the study called `name`.

    Raises
    ------
    CommandError
        Where there is none; the sentence lists the names.
    """
    if name in STUDIES:
        return STUDIES[name]
    near = difflib.get_close_matches(name or "", STUDIES, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    said = f"{name} is not a study" if name else "no study is named"
    raise CommandError(f"{said}; {hint}there are {', '.join(STUDIES)}")


def compute_missing(study: AbstractStudy, preset: Preset, store: RunStore) -> None:
    """Announce the cost of the runs that a study misses now on stderr, and compute them.

    Raises
    ------
    CommandError
        Where a run does not finish.
    StoreError
        Where the store cannot be written.
    EngineError
        Where no worker process starts.
    """
    require_writable(store.root)
    todo = list_missing(study, preset, store)
    finished = [(info.spec, info.status.seconds) for info in store.list() if info.spec and info.status.state == "done"]
    seconds = {spec: cost.seconds_of(spec, finished) for spec in todo}
    estimate = sum(seconds.values()) / WORKERS
    print_error(
        f"{count_runs(len(todo))} to compute, estimated {estimate / 3600:.2f} h ({format_duration(estimate)}) on {WORKERS} processes; "
        "Ctrl-C stops, the same command continues"
    )
    with BatchBar() as show:
        # The longest first, so that no process is left alone with a long one at the end.
        ended = batch.compute_runs(sorted(todo, key=seconds.get, reverse=True), store, workers=WORKERS, on_progress=show)
    wrong = {key: status for key, status in ended.items() if status.state != "done"}
    if wrong:
        key, status = next(iter(wrong.items()))
        others = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise CommandError(f"run {key} is {status.state}: {status.message}{others}", FAILED)


class BatchBar:
    """Shows on stderr how many runs are finished and which are being computed; as a context manager it gives a function of Progress."""

    def __enter__(self):
        self.bar = Progress(TextColumn("{task.completed}/{task.total} runs"), BarColumn(), TextColumn("{task.description}"),
                            console=Console(stderr=True), transient=True)
        self.bar.start()
        self.task = self.bar.add_task("starting", total=None)
        return self.show

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def show(self, progress: batch.Progress) -> None:
        """Update the bar."""
        running = ", ".join(f"{key[:6]} {status.message or f'step {status.step}/{status.steps}'}"
                            for key, status in progress.running.items())
        self.bar.update(self.task, completed=progress.finished, total=progress.total, description=running)


def print_result(found: dict, targets: str) -> None:
    """Print claim, table, checks, verdict and training targets (a sentence) of a study."""
    print(f"{found['title']}\nClaim: {found['claim']} ({found['source']})\n")
    regret = found["metric"] == "regret"
    several = len({row.get("metric") for row in found["rows"]}) > 1
    measured = [f"after {n}" for n in found["rows"][0].get("n", ())] if regret else ["metric", "value"] if several else [found["metric"]]
    rows = [[row["method"], row["body"], row["on"], *([row["metric"]] if several else []), *measured_cells(row), row["repetitions"],
             row["trainable"], format_duration(row["seconds"])] for row in found["rows"]]
    unit = "cumulative regret in nats, median (quartiles)" if regret else "median (quartiles)"
    print_table(f"{found['preset']} preset; {unit}", ["method", "body", "on", *measured, "N", "trainable", "time"], rows)
    checks = [[outcome_text(check), check["text"], finding_text(check), region_text(check), check["source"]] for check in found["checks"]]
    if checks:
        networks = f"{len(found['bases'])} pretrained networks" if len(found["bases"]) > 1 else "one pretrained network"
        print_table(f"what was checked over {networks}; middle (interval)", ["outcome", "statement", "measured", "must be", "source"],
                    checks)
    print(f"\n{targets}\n\n{found['sentence']}\nVerdict: {found['verdict']}")


def outcome_text(check: dict) -> str:
    """Write the outcome of a check, with its role, and whether it does not survive the correction for their number."""
    role = "" if check["role"] == "secondary" else f"{check['role']}: "
    return f"{role}{check['outcome']}{'' if check['survives'] else ' (not after correction)'}"


def measured_cells(row: dict) -> list[str]:
    """Write the measured values of one row of a result, a text per cell."""
    if "regret" in row:
        return [format_band(*values) for values in zip(row["regret"], row["q25"], row["q75"], strict=True)]
    middle, low, high = (format_bound(format_number(row[name]), name, row.get("at_least", ())) for name in ("value", "q25", "q75"))
    return [format_spread(middle, low, high)]
