"""prompt-tutor study: compute what is missing on worker processes, then print table and verdict."""

import difflib
import functools
import math
import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tutor import batch, cost
from tutor.cli.answers import FAILED, Refusal, counted, duration, number, print_json, print_table, say
from tutor.cli.computing import band, one_sentence, spread
from tutor.disk import require_writable
from tutor.spec import RunSpec
from tutor.store import RunStore
from tutor.studies import PRESETS, STUDIES, AbstractStudy, Preset, estimated_seconds, kept, missing, result
from tutor.studies.evidence import bounded

WORKERS = min(2, os.cpu_count() or 1)


def list_studies(root: Path | None, *, as_json: bool) -> None:
    """Names, claims, verdicts, sources and cost of every study."""
    with one_sentence():
        pace = functools.cache(functools.partial(seconds_of, RunStore(root)))
        described = [describe(study, RunStore(root), pace) for study in STUDIES.values()]
    if as_json:
        return print_json(described)
    rows = [[d["study"], verdict_text(d["verdict"]), f"{d['claim']} ({d['source']})", cost_text(d)] for d in described]
    title = "studies; cost in processor time of one core, with every run that a study needs"
    print_table(title, ["study", "verdict", "claim", "cost"], rows)
    for preset in PRESETS.values():
        every = {spec for study in STUDIES.values() for spec in runs_of(study, preset)}
        print(f"All with --{preset.name}, what they share counted once: {counted(len(every))}, {duration(math.fsum(map(pace, every)))}")


def describe(study: AbstractStudy, store: RunStore, pace: Callable[[RunSpec], float]) -> dict:
    """One entry of `study --list --json`; the cost counts every run, computed or not; the verdict is None where there is no result."""
    found = {preset.name: kept(study, preset, store) for preset in PRESETS.values()}
    costs = {preset.name: {"runs": len(runs_of(study, preset)), "seconds": round(sum(map(pace, runs_of(study, preset))))}
             for preset in PRESETS.values()}
    return {"study": study.name, "title": study.title, "claim": study.claim, "source": study.source, "metric": study.metric,
            "verdict": {name: result and result["verdict"] for name, result in found.items()}, "cost": costs}


def runs_of(study: AbstractStudy, preset: Preset) -> set[RunSpec]:
    """What a study reads, and the pretrainings behind it."""
    return {spec for wanted in study.specs(preset) for spec in (wanted.base(), wanted)}


def seconds_of(store: RunStore, spec: RunSpec) -> float:
    """What a run took where it is finished, else an estimate by its operations."""
    status = store.info(spec.key()).status if store.find(spec.key()) else None
    return status.seconds if status and status.state == "done" else estimated_seconds([spec], 1)


def verdict_text(verdicts: dict[str, str | None]) -> str:
    """The verdict with fast settings, and that with the paper's where it is another."""
    fast, paper = (verdicts[name] or "not computed" for name in ("fast", "paper"))
    return fast if verdicts["paper"] in (None, fast) else f"{fast}; paper: {paper}"


def cost_text(described: dict) -> str:
    """A line for each preset."""
    lines = []
    for preset, cost_of in described["cost"].items():
        said = f"{counted(cost_of['runs'])}, {duration(float(cost_of['seconds']))}"
        lines.append(f"{preset}: {f'at once ({said})' if described['verdict'][preset] else said}")
    return "\n".join(lines)


def study(name: str | None, root: Path | None, *, preset: str, as_json: bool) -> None:
    """Compute what the study lacks and print its result. Raises Refusal where a run failed or the name is unknown."""
    chosen, effort = known(name), PRESETS[preset]
    with one_sentence(stopped=f"stopped; continue with `prompt-tutor study {chosen.name} --{preset}`"):
        store = RunStore(root)
        compute_missing(chosen, effort, store)
        found = result(chosen, effort, store)
    if as_json:
        return print_json(found)
    return print_result(found)


def known(name: str | None) -> AbstractStudy:
    """The study called `name`. Raises Refusal that lists the names."""
    if name in STUDIES:
        return STUDIES[name]
    near = difflib.get_close_matches(name or "", STUDIES, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    said = f"{name} is not a study" if name else "no study is named"
    raise Refusal(f"{said}; {hint}there are {', '.join(STUDIES)}")


def compute_missing(study: AbstractStudy, preset: Preset, store: RunStore) -> None:
    """Compute the study's missing runs; says beforehand what that costs."""
    if result(study, preset, store) is not None:
        return
    require_writable(store.root)
    todo = missing(study, preset, store)
    finished = [(info.spec, info.status.seconds) for info in store.list() if info.spec and info.status.state == "done"]
    seconds = {spec: cost.seconds_of(spec, finished) for spec in todo}
    estimate = sum(seconds.values()) / WORKERS
    say(f"{counted(len(todo))} to compute, estimated {estimate / 3600:.2f} h ({duration(estimate)}) on {WORKERS} processes; "
        "Ctrl-C stops, the same command continues")
    with batch_bar() as show:
        # The longest first, so that no process is left alone with a long one at the end.
        ended = batch.compute(sorted(todo, key=seconds.get, reverse=True), store, workers=WORKERS, on_progress=show)
    wrong = {key: status for key, status in ended.items() if status.state != "done"}
    if wrong:
        key, status = next(iter(wrong.items()))
        others = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise Refusal(f"run {key} is {status.state}: {status.message}{others}", FAILED)


class batch_bar:
    """Finished runs of all on stderr, and what is being computed."""

    def __enter__(self):
        self.bar = Progress(TextColumn("{task.completed}/{task.total} runs"), BarColumn(), TextColumn("{task.description}"),
                            console=Console(stderr=True), transient=True)
        self.bar.start()
        self.task = self.bar.add_task("starting", total=None)
        return self.show

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def show(self, progress: batch.Progress) -> None:
        running = ", ".join(f"{key[:6]} {status.message or f'step {status.step}/{status.steps}'}"
                            for key, status in progress.running.items())
        self.bar.update(self.task, completed=progress.finished, total=progress.total, description=running)


def print_result(found: dict) -> None:
    """Claim, table, checks and verdict for people."""
    print(f"{found['title']}\nClaim: {found['claim']} ({found['source']})\n")
    regret = found["metric"] == "regret"
    several = len({row.get("metric") for row in found["rows"]}) > 1
    measured = [f"after {n}" for n in found["rows"][0].get("n", ())] if regret else ["metric", "value"] if several else [found["metric"]]
    rows = [[row["method"], row["body"], row["on"], *([row["metric"]] if several else []), *cells(row), row["repetitions"],
             row["trainable"], duration(row["seconds"])] for row in found["rows"]]
    unit = "cumulative regret in nats, median (quartiles)" if regret else "median (quartiles)"
    print_table(f"{found['preset']} preset; {unit}", ["method", "body", "on", *measured, "N", "trainable", "time"], rows)
    for check in found["checks"]:
        print(f"- {check['outcome']}: {check['text']} ({check['source']})")
    print(f"\nVerdict: {found['verdict']}")


def cells(row: dict) -> list[str]:
    """The measured cells of one row."""
    if "regret" in row:
        return [band(*values) for values in zip(row["regret"], row["q25"], row["q75"], strict=True)]
    middle, low, high = (bounded(number(row[name]), name, row.get("at_least", ())) for name in ("value", "q25", "q75"))
    return [spread(middle, low, high)]
