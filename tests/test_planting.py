"""Pipelines whose nature is known, trained end to end: the verdict has to be right, with thresholds that other seeds gave."""

from dataclasses import replace

import orjson
import pytest

from tutor.core.paths import ASSETS
from tutor.measure import Report, verdict
from tutor.methods.retrieval import RetrieverPT
from tutor.runs.store import RunStore
from tutor.sources.language import WORDS
from tutor.studies import synthetic_pipelines
from tutor.studies.pipeline_diagnosis import judge_again
from tutor.studies.retriever_presets import MODEL, RECIPE, SOFT

CALIBRATED, TESTED = range(8), range(100, 120)
QUICK, SHORT = ("constant", "noise"), RECIPE.model_copy(update={"steps": 100})
"""Cases that are what they are after a fifth of the steps; `python -m tutor.studies.synthetic_pipelines FILE 200 201` trains all."""
each_case = pytest.mark.parametrize("name", synthetic_pipelines.CASES)


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[int, Report]]:
    """Diagnoses that `python -m tutor.studies.synthetic_pipelines` made, case by case and seed by seed."""
    values = orjson.loads((ASSETS / "planted.json").read_bytes())
    return {name: {int(seed): Report.from_json(value) for seed, value in made.items()} for name, made in values.items()}


@each_case
def test_a_planted_pipeline_gets_the_right_verdict_for_every_one_of_twenty_seeds(name, shipped):
    found = {seed: judge_again(shipped[name][seed]).verdict for seed in TESTED}
    wrong = {seed: word for seed, word in found.items() if word != synthetic_pipelines.CASES[name].verdict}
    assert wrong == {}


def test_the_thresholds_lie_between_the_cases_on_seeds_that_are_not_tested(shipped):
    kept = {name: [shipped[name][seed].find("store_shuffled") for seed in CALIBRATED]
            for name in synthetic_pipelines.CASES if name != "noise"}
    assert max(one.value for one in kept["retrieves"]) < verdict.KEPT_LITTLE < min(one.value for one in kept["half and half"])
    assert max(one.value for one in kept["half and half"]) < verdict.KEPT_MOST < min(one.value for one in kept["constant"])


def test_what_is_shipped_was_trained_from_as_many_different_seeds(shipped):
    for made in shipped.values():
        gains = [made[seed].find("gain").value for seed in (*CALIBRATED, *TESTED)]
        assert len(set(gains)) == len(gains) == 28


@pytest.fixture(scope="module")
def networks():
    """The language model, and the same behind a tuned prompt, as they are shipped."""
    store = RunStore()
    return tuple(store.load(spec.key()).predictor.frozen_copy() for spec in (MODEL, SOFT))


@pytest.mark.parametrize("name", QUICK)
def test_a_pipeline_that_is_trained_here_and_now_gets_the_right_verdict(name, networks):
    case = replace(synthetic_pipelines.CASES[name], recipe=SHORT)
    report = synthetic_pipelines.diagnose_case(case, *networks, seed=200)
    assert report.verdict == case.verdict
    assert (report.examples == RetrieverPT().questions and report.find("times_as_efficient") is not None) or name == "noise"


def test_a_prompted_network_still_reads_the_tiny_language(networks):
    assert networks[1].vocab == len(WORDS) and len(networks[1].prompt()) == SOFT.method.length
