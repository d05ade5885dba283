"""Diagnoses of trained pipelines: evidence from the folders of runs, and the reports made from it, which are kept beside them."""

from dataclasses import replace
from pathlib import Path

import orjson
import torch

from tutor.files import write_bytes
from tutor.measure import Evidence, Report, diagnose, verdict
from tutor.retrieval import losses
from tutor.run import Run

EXAM, STORE = "found/exam/", "store_"


def evidence(run: Run, soft: Run, repetition: int = 0) -> Evidence:
    """What is known of one repetition of a pipeline, beside the soft prompt of another run. KeyError where its exam is not kept."""
    found = {name.removeprefix(EXAM): values[repetition] for name, values in run.arrays.items() if name.startswith(EXAM)}
    stores = {name.removeprefix(STORE): found.pop(name) for name in list(found) if name.startswith(STORE)}
    if "contexts" not in found:
        raise KeyError("contexts")
    batch = run.spec.on.held_out().exam(len(found["needed"]))
    with torch.inference_mode():
        behind_prompt = losses(soft.predictor, batch).numpy()
    counts = {"pipeline_parameters": run.summary["trainable"], "soft_prompt_parameters": soft.summary["trainable"]}
    return Evidence(**found, stores=stores, soft_prompt=behind_prompt, **counts)


def reports(run: Run, soft: Run) -> list[Report]:
    """A diagnosis of every repetition of a pipeline, judged by the thresholds of today.

    Made once and kept beside the runs, because those that are shipped do not keep all of their evidence. KeyError where there is none.
    """
    path = run.folder.path.parent / "diagnoses" / f"{run.key}-{soft.key}.json"
    if run.folder.shipped:
        path = run.folder.path.parent.parent / "diagnoses" / path.name
    if (kept := _read(path, run.spec.seeds.repetitions)) is not None:
        return [judged(report) for report in kept]
    made = [diagnose(evidence(run, soft, repetition)) for repetition in range(run.spec.seeds.repetitions)]
    if not run.folder.shipped:
        path.parent.mkdir(exist_ok=True)
        write_bytes(path, orjson.dumps([report.as_json() for report in made]))
    return made


def judged(report: Report) -> Report:
    """The report with the verdict that its measures get now."""
    stores = tuple(measure.key.removeprefix(STORE) for measure in report.measures if measure.key.startswith(STORE))
    word, because = verdict.judge(report.find, stores)
    return replace(report, verdict=word, because=because)


def _read(path: Path, repetitions: int) -> list[Report] | None:
    """What was kept; None where it is missing, damaged or of another number of repetitions."""
    try:
        kept = [Report.from_json(value) for value in orjson.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        return None
    return kept if len(kept) == repetitions else None
