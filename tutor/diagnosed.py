"""Diagnoses of trained pipelines: evidence from the folders of runs, and the reports made from it, which are kept beside them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import torch

from tutor.files import write_bytes
from tutor.measure import Evidence, Report, diagnose, verdict
from tutor.predictors import Predictor
from tutor.retrieval import losses
from tutor.run import Run
from tutor.sources import FactQuestions

EXAM, STORE = "found/exam/", "store_"


def evidence(run: Run, soft: Run, repetition: int = 0) -> Evidence:
    """What is known of one repetition of a pipeline, beside the soft prompt of another run. KeyError where its exam is not kept."""
    found = {name.removeprefix(EXAM): values[repetition] for name, values in run.arrays.items() if name.startswith(EXAM)}
    if "contexts" not in found:
        raise KeyError("contexts")
    return beside(soft.predictor, run.spec.on, found, (run.summary["trainable"], soft.summary["trainable"]))


@torch.inference_mode()
def beside(soft: Predictor, questions: FactQuestions, exam: Mapping[str, np.ndarray], parameters: tuple[int, int]) -> Evidence:
    """The exam of a pipeline, by the names of `retrieval.examined`, beside what a soft prompt loses on it; parameters of both."""
    stores = {name.removeprefix(STORE): values for name, values in exam.items() if name.startswith(STORE)}
    own = {name: values for name, values in exam.items() if not name.startswith(STORE)}
    lost = losses(soft, questions.held_out().exam(len(exam["needed"]))).numpy()
    return Evidence(**own, stores=stores, soft_prompt=lost, pipeline_parameters=parameters[0], soft_prompt_parameters=parameters[1])


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
    """The report with the verdict that its measures get now; how many numbers were trained is known of every run."""
    stores = tuple(measure.key.removeprefix(STORE) for measure in report.measures if measure.key.startswith(STORE))
    word, because = verdict.judge(report.find, stores)
    return replace(report, verdict=word, because=because, missing=tuple(text for text in report.missing if text != verdict.COUNTS))


def _read(path: Path, repetitions: int) -> list[Report] | None:
    """What was kept; None where it is missing, damaged or of another number of repetitions."""
    try:
        kept = [Report.from_json(value) for value in orjson.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        return None
    return kept if len(kept) == repetitions else None
