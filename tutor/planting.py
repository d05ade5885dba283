"""Pipelines whose nature is known beforehand, trained end to end: what a verdict and its thresholds are tested on.

`python -m tutor.planting FILE FIRST LAST` trains every case for these seeds, and adds its diagnoses to FILE.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from tutor import diagnosed
from tutor.files import write_bytes
from tutor.measure import Report, accuracy, diagnose
from tutor.measure.report import INCONCLUSIVE, PARTLY, RETRIEVES, SOFT_PROMPT
from tutor.predictors import Predictor
from tutor.recipe import Recipe
from tutor.retrieval import RetrieverPT
from tutor.runner import one_thread_count, tune
from tutor.store import RunStore
from tutor.studies.retriever_presets import MODEL, ON, RECIPE, SOFT

THOROUGH = RECIPE.model_copy(update={"batch": 2 * RECIPE.batch, "steps": 700})
"""Enough for most trainings not to stay with a constant."""
AGAIN, MOST = 1_000, 5
"""What is added to the seed where a training did not become what was planted, and how often that may happen."""


@dataclass(frozen=True)
class Case:
    """A pipeline and the verdict that it must get.

    prompted: the network stands behind a tuned prompt, so that no constant is left to find. right: share of new questions that it must
    answer rightly to be what it is called; a training that stays with a constant is begun again, whatever its diagnosis would say.
    """

    method: RetrieverPT
    verdict: str
    prompted: bool = False
    recipe: Recipe = RECIPE
    right: float = 0.0


CASES = {
    "retrieves": Case(RetrieverPT(temperature=0.02), RETRIEVES, recipe=THOROUGH, right=0.8),
    "constant": Case(RetrieverPT(density=0.999, k=2000), SOFT_PROMPT),
    "half and half": Case(RetrieverPT(k=1, quality=0.9), PARTLY, right=0.4),
    "noise": Case(RetrieverPT(quality=0.0), INCONCLUSIVE, prompted=True),
}
"""A good store, and right answers that nobody could guess; soft retrieval among entries that are nearly the same, so all of them at once;
a single entry, which for two questions of five is the wrong one, and no training can change that; embeddings that mean nothing, in front
of a network that has nothing else to learn."""


def planted(case: Case, base: Predictor, prompted: Predictor, seed: int) -> Report:
    """Train a case from a seed until it is what it is called, and diagnose it. RuntimeError where it never becomes that."""
    for attempt in range(seed, seed + MOST * AGAIN, AGAIN):
        training = case.method.start(prompted if case.prompted else base, ON, case.recipe, attempt)
        while not training.done:
            training.advance()
        if accuracy(training.predictor, ON, n=200) >= case.right:
            exam = {name.removeprefix("exam/"): values.numpy() for name, values in training.findings().items() if name.startswith("exam/")}
            parameters = training.predictor.trainable, prompted.prompt().numel()
            return diagnose(diagnosed.beside(prompted, ON, exam, parameters), attempt)
    raise RuntimeError(f"no training from seed {seed} answered {case.right:.0%} of new questions rightly")


def main(path: Path, first: int, last: int) -> None:
    """Add the diagnoses of these seeds to the file, one after another; what is there already stays."""
    base = RunStore().load(MODEL.key()).predictor
    with one_thread_count():
        prompted = tune(base, SOFT.method, on=ON, recipe=SOFT.tuning).frozen_copy()
        for seed in range(first, last):
            for name, case in CASES.items():
                known = orjson.loads(path.read_bytes()) if path.exists() else {}
                if str(seed) in known.setdefault(name, {}):
                    continue
                report = planted(case, base, prompted, seed)
                known[name][str(seed)] = report.as_json()
                write_bytes(path, orjson.dumps(known))
                print(f"{name}, seed {seed}: {report.verdict}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
