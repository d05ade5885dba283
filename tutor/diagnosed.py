"""Diagnoses of trained pipelines: evidence from the folders of runs, and the reports made from it, which are kept beside them."""

from pathlib import Path

import orjson
import torch

from tutor.files import write_bytes
from tutor.measure import Evidence, Report, diagnose
from tutor.retrieval import losses
from tutor.run import Run
from tutor.store import RunStore

EXAM, STORE = "found/exam/", "store_"


def evidence(run: Run, soft: Run, repetition: int = 0) -> Evidence:
    """What is known of one repetition of a pipeline, beside the soft prompt of another run. KeyError where its exam is not kept."""
    found = {name.removeprefix(EXAM): values[repetition] for name, values in run.arrays.items() if name.startswith(EXAM)}
    stores = {name.removeprefix(STORE): found.pop(name) for name in list(found) if name.startswith(STORE)}
    batch = run.spec.on.held_out().exam(len(found["needed"]))
    with torch.inference_mode():
        behind_prompt = losses(soft.predictor, batch).numpy()
    counts = {"pipeline_parameters": run.summary["trainable"], "soft_prompt_parameters": soft.summary["trainable"]}
    return Evidence(**found, stores=stores, soft_prompt=behind_prompt, **counts)


def reports(store: RunStore, run: Run, soft: Run) -> list[Report]:
    """A diagnosis of every repetition of a pipeline; made once and kept, because shipped runs do not keep all of their evidence."""
    name = f"{run.key}-{soft.key}.json"
    for root in (store.shipped.parent, store.root):
        if (kept := _read(root / "diagnoses" / name)) is not None:
            return kept
    made = [diagnose(evidence(run, soft, repetition)) for repetition in range(run.spec.seeds.repetitions)]
    (store.root / "diagnoses").mkdir(parents=True, exist_ok=True)
    write_bytes(store.root / "diagnoses" / name, orjson.dumps([report.as_json() for report in made]))
    return made


def _read(path: Path) -> list[Report] | None:
    try:
        return [Report.from_json(value) for value in orjson.loads(path.read_bytes())]
    except (OSError, ValueError):
        return None
