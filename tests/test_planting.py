"""Pipelines whose nature is known, trained end to end: the verdict has to be right, with thresholds that other seeds gave."""

import orjson
import pytest

from tutor import planting
from tutor.diagnosed import judged
from tutor.measure import Report, verdict
from tutor.places import ASSETS
from tutor.retrieval import RetrieverPT
from tutor.runner import tune
from tutor.sources.language import WORDS
from tutor.store import RunStore
from tutor.studies.retriever_presets import MODEL, ON, SOFT

CALIBRATED, TESTED = range(8), range(100, 120)
QUICK = ("constant", "noise")
"""Cases that train in seconds; `python -m tutor.planting FILE 200 201` trains the others as well, in minutes."""
each_case = pytest.mark.parametrize("name", planting.CASES)


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[int, Report]]:
    """Diagnoses that `python -m tutor.planting` made, case by case and seed by seed."""
    values = orjson.loads((ASSETS / "planted.json").read_bytes())
    return {name: {int(seed): Report.from_json(value) for seed, value in made.items()} for name, made in values.items()}


@each_case
def test_a_planted_pipeline_gets_the_right_verdict_for_every_one_of_twenty_seeds(name, shipped):
    found = {seed: judged(shipped[name][seed]).verdict for seed in TESTED}
    wrong = {seed: word for seed, word in found.items() if word != planting.CASES[name].verdict}
    assert wrong == {}


def test_the_thresholds_lie_between_the_cases_on_seeds_that_are_not_tested(shipped):
    kept = {name: [shipped[name][seed].find("store_shuffled") for seed in CALIBRATED] for name in planting.CASES if name != "noise"}
    assert max(one.value for one in kept["retrieves"]) < verdict.KEPT_LITTLE < min(one.value for one in kept["half and half"])
    assert max(one.value for one in kept["half and half"]) < verdict.KEPT_MOST < min(one.value for one in kept["constant"])


def test_what_is_shipped_was_trained_from_as_many_different_seeds(shipped):
    for made in shipped.values():
        gains = [made[seed].find("gain").value for seed in (*CALIBRATED, *TESTED)]
        assert len(set(gains)) == len(gains) == 28


@pytest.fixture(scope="module")
def networks():
    """The language model, and the same behind a tuned prompt."""
    base = RunStore().load(MODEL.key()).predictor
    return base, tune(base, SOFT.method, on=ON, recipe=SOFT.tuning).frozen_copy()


@pytest.mark.parametrize("name", QUICK)
def test_a_pipeline_that_is_trained_here_and_now_gets_the_right_verdict(name, networks):
    case = planting.CASES[name]
    report = planting.planted(case, *networks, seed=200)
    assert report.verdict == case.verdict
    assert (report.examples == RetrieverPT().questions and report.find("times_as_efficient") is not None) or name == "noise"


def test_a_prompted_network_still_reads_the_tiny_language(networks):
    assert networks[1].vocab == len(WORDS) and len(networks[1].prompt()) == SOFT.method.length
