"""Diagnoses of trained pipelines: evidence from the folders of runs, and the reports made from it, which are kept beside them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import torch

from tutor.measure import Evidence, Report, diagnose, verdict
from tutor.methods.retrieval import answer_losses
from tutor.predictors import Predictor
from tutor.runs.io.formats import StoreError, read_json, write_bytes
from tutor.runs.run import Run
from tutor.sources import FactQuestions

EXAM, STORE = "found/exam/", "store_"


def gather_evidence(run: Run, soft: Run, repetition: int = 0) -> Evidence:
    """Collect the evidence about one repetition of a pipeline, with the losses of the tuned soft prompt of run `soft` for comparison.

    Raises
    ------
    KeyError
        Where the run does not store the exam of its pipeline.
    """
    found = {name.removeprefix(EXAM): values[repetition] for name, values in run.arrays.items() if name.startswith(EXAM)}
    if "contexts" not in found:
        raise KeyError("contexts")
    return compare_with_soft(soft.predictor, run.spec.on, found, (run.summary["trainable"], soft.summary["trainable"]))


@torch.inference_mode()
def compare_with_soft(soft: Predictor, questions: FactQuestions, exam: Mapping[str, np.ndarray], parameters: tuple[int, int]) -> Evidence:
    """Turn a pipeline's exam into evidence by adding the losses of a soft prompt on the same questions.

    Parameters
    ----------
    exam
        Arrays as `retrieval.examine_pipeline` names them.
    parameters
        Number of trained parameters of the pipeline and of the soft prompt.
    """
    stores = {name.removeprefix(STORE): values for name, values in exam.items() if name.startswith(STORE)}
    own = {name: values for name, values in exam.items() if not name.startswith(STORE)}
    lost = answer_losses(soft, questions.held_out().exam(len(exam["needed"]))).numpy()
    return Evidence(**own, stores=stores, soft_prompt=lost, pipeline_parameters=parameters[0], soft_prompt_parameters=parameters[1])


def diagnose_run(run: Run, soft: Run) -> list[Report]:
    """Diagnose every repetition of a pipeline.

    Measures are computed once and stored beside the runs, because shipped runs lack part of their evidence; the verdict always follows
    from the current thresholds.

    Raises
    ------
    KeyError
        Where neither a diagnosis nor the evidence for one is stored.
    """
    path = run.folder.beside / "diagnoses" / f"{run.key}-{soft.key}.json"
    if (kept := _read(path, run.spec.seeds.repetitions)) is not None:
        return [judge_again(report) for report in kept]
    made = [diagnose(gather_evidence(run, soft, repetition)) for repetition in range(run.spec.seeds.repetitions)]
    if not run.folder.shipped:
        path.parent.mkdir(exist_ok=True)
        write_bytes(path, orjson.dumps([report.as_json() for report in made]))
    return made


def judge_again(report: Report) -> Report:
    """Return the report with the verdict that the current thresholds give to its measures."""
    stores = tuple(measure.store for measure in report.measures if measure.store is not None)
    word, because = verdict.decide_verdict(report.find, stores)
    return replace(report, verdict=word, because=because, missing=tuple(text for text in report.missing if text != verdict.COUNTS))


def _read(path: Path, repetitions: int) -> list[Report] | None:
    """What was kept; None where it is missing, damaged or of another number of repetitions."""
    try:
        kept = [Report.from_json(value) for value in read_json(path)]
    except (StoreError, ValueError, TypeError):
        return None
    return kept if len(kept) == repetitions else None
