"""Pipelines whose nature is known beforehand, trained end to end: what a verdict and its thresholds are tested on.

`python -m tutor.studies.synthetic_pipelines FILE FIRST LAST` trains every case for these seeds, and adds its diagnoses to FILE.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from tutor.core.threads import fix_threads
from tutor.measure import Report, accuracy, diagnose
from tutor.measure.diagnosis_report import INCONCLUSIVE, PARTLY, RETRIEVES, SOFT_PROMPT
from tutor.methods.retrieval import RetrieverPT
from tutor.predictors import Predictor
from tutor.runs.engine.runner import tune
from tutor.runs.io.formats import write_bytes
from tutor.runs.store import RunStore
from tutor.studies import pipeline_diagnosis
from tutor.studies.retriever_presets import MODEL, ON, RECIPE, SOFT
from tutor.training.recipe import Recipe

THOROUGH = RECIPE.model_copy(update={"batch": 2 * RECIPE.batch, "steps": 700})
"""Enough for most trainings not to stay with a constant."""
AGAIN, MAX_ATTEMPTS = 1_000, 5
"""What is added to the seed where a training did not become what was planted, and how often that may happen."""


@dataclass(frozen=True)
class PipelineCase:
    """A pipeline with the verdict that its diagnosis must reach.

    prompted: whether the network already has a tuned prompt, so that the training cannot gain from a constant context.
    right: share of new questions that the trained pipeline must answer correctly; a training below it is repeated from another seed.
    """

    method: RetrieverPT
    verdict: str
    prompted: bool = False
    recipe: Recipe = RECIPE
    right: float = 0.0


CASES = {
    "retrieves": PipelineCase(RetrieverPT(temperature=0.02), RETRIEVES, recipe=THOROUGH, right=0.8),
    "constant": PipelineCase(RetrieverPT(density=0.999, k=2000), SOFT_PROMPT),
    "half and half": PipelineCase(RetrieverPT(k=1, quality=0.9), PARTLY, right=0.4),
    "noise": PipelineCase(RetrieverPT(quality=0.0), INCONCLUSIVE, prompted=True),
}
"""A good store, and right answers that nobody could guess; soft retrieval among entries that are nearly the same, so all of them at once;
a single entry, which for two questions of five is the wrong one, and no training can change that; embeddings that mean nothing, in front
of a network that has nothing else to learn."""


def diagnose_case(case: PipelineCase, base: Predictor, prompted: Predictor, seed: int) -> Report:
    """Train a case from `seed`, again from other seeds until it answers the share `right` correctly, and diagnose it.

    Raises
    ------
    RuntimeError
        Where no attempt answers that share.
    """
    for attempt in range(seed, seed + MAX_ATTEMPTS * AGAIN, AGAIN):
        training = case.method.start(prompted if case.prompted else base, ON, case.recipe, attempt)
        while not training.done:
            training.advance()
        if accuracy(training.predictor, ON, n=200) >= case.right:
            exam = {name.removeprefix("exam/"): values.numpy() for name, values in training.findings().items() if name.startswith("exam/")}
            parameters = training.predictor.trainable, prompted.prompt().numel()
            return diagnose(pipeline_diagnosis.compare_with_soft(prompted, ON, exam, parameters), attempt)
    raise RuntimeError(f"no training from seed {seed} answered {case.right:.0%} of new questions rightly")


def main(path: Path, first: int, last: int) -> None:
    """Add the diagnoses of all cases for seeds `first` to `last` - 1 to a JSON file; those already in it are kept."""
    base = RunStore().load(MODEL.key()).predictor
    with fix_threads():
        prompted = tune(base, SOFT.method, on=ON, recipe=SOFT.tuning).frozen_copy()
        for seed in range(first, last):
            for name, case in CASES.items():
                known = orjson.loads(path.read_bytes()) if path.exists() else {}
                if str(seed) in known.setdefault(name, {}):
                    continue
                report = diagnose_case(case, base, prompted, seed)
                known[name][str(seed)] = report.as_json()
                write_bytes(path, orjson.dumps(known))
                print(f"{name}, seed {seed}: {report.verdict}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
