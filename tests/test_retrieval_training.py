"""Training a retrieval pipeline, its specification, and the runs that keep its evidence."""

import json

import numpy as np
import pytest
import torch
from few_facts import ASKING, QUICK, SMALL, method, trained, untrained
from numpy.testing import assert_allclose
from safetensors.torch import load, save

from tutor import Recipe
from tutor.methods import SoftPT
from tutor.methods.retrieval import ABLATIONS, answer_losses, examine_pipeline
from tutor.methods.retrieval.pipeline_training import SNAPSHOTS, snapshot_steps
from tutor.methods.retrieval.retrieval_exam import put_behind
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import RunSpec, Seeds, SpecError
from tutor.runs.store import RunStore
from tutor.sources import FactQuestions, TinyLanguage
from tutor.studies import pipeline_diagnosis

base = untrained


def test_a_training_is_looked_at_when_planned_and_each_step_tells_every_gradient(base):
    job = trained(base, recipe=QUICK.model_copy(update={"steps": 40}), frozen=("curator",))
    course = {name.removeprefix("course/"): values for name, values in job.findings().items() if name.startswith("course/")}
    looked = (~course["own"].isnan()).nonzero()[:, 0] + 1
    assert set(looked.tolist()) == snapshot_steps(40) and {1, 40} <= snapshot_steps(40) and len(snapshot_steps(10**5)) <= SNAPSHOTS
    assert (course["encoder"] >= 0).all() and course["curator"].isnan().all() and (course["projection"] > 0).all()


def test_what_is_seen_at_the_end_is_what_the_pipeline_does(base):
    job = trained(base)
    last = {name: values[-1].item() for name, values in job.findings().items() if name.startswith("course/")}
    batch = ASKING.held_out().exam(64)
    context = job.predictor.context(batch.tokens)
    assert last["course/own"] == pytest.approx(answer_losses(job.predictor, batch).mean().item(), abs=1e-5)
    mean = context.mean(0, keepdim=True).expand_as(context)
    assert last["course/constant"] == pytest.approx(answer_losses(put_behind(base, mean), batch).mean().item(), abs=1e-4)
    assert last["course/variance"] == pytest.approx(((context - mean) ** 2).sum().item() / (context**2).sum().item(), abs=1e-5)


def test_a_resumed_training_sees_the_same_and_ends_the_same(base):
    whole, half = trained(base), trained(base, upto=3)
    resumed = method().start(base, ASKING, QUICK, 0)
    resumed.load_tensors(load(save(half.state_tensors())))
    while not resumed.done:
        resumed.advance()
    one, two = whole.findings(), resumed.findings()
    assert one.keys() == two.keys() and all(torch.equal(one[name].nan_to_num(), two[name].nan_to_num()) for name in one)


def test_the_network_in_front_of_which_it_stands_is_left_as_it_was(base):
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    trained(base)
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())


# Specifications and runs.

LANGUAGE = RunSpec(source=TinyLanguage(), body=SMALL, recipe=Recipe(steps=1, batch=2, length=60), seed=0,
                   evaluation={"sequences": 16, "length": 60})


def tuned(tuner, recipe: Recipe = QUICK, repetitions: int = 2) -> RunSpec:
    return LANGUAGE.model_copy(update={"method": tuner, "on": ASKING, "tuning": recipe, "seeds": Seeds(repetitions=repetitions)})


def test_a_specification_of_a_pipeline_survives_its_text():
    spec = tuned(method(density=0.5, frozen=("encoder",)))
    assert RunSpec.from_text(spec.to_toml()) == spec and RunSpec.from_text(spec.to_json(), toml=False).key() == spec.key()


@pytest.mark.parametrize(("wrong", "said"), [
    ({"on": TinyLanguage()}, "on is Tiny language; a retriever is tuned on questions about facts"),
    ({"on": FactQuestions()}, "on asks for other facts .400 people, seed 0. than method.facts has .30 people, seed 0."),
])
def test_a_pipeline_wants_questions_about_what_its_store_holds(wrong, said):
    parts = tuned(method()).model_dump(mode="json") | {name: value.model_dump(mode="json") for name, value in wrong.items()}
    with pytest.raises(SpecError, match=said):
        RunSpec.from_text(json.dumps(parts), toml=False)


def test_a_network_of_coins_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="the network has 2 symbols; a store of sentences needs one of the tiny language, with 242"):
        method().check(SMALL, 2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("store"), shipped=tmp_path_factory.mktemp("none") / "runs")
    return store, pretrain(tuned(method()), store), pretrain(tuned(SoftPT(length=4), repetitions=1), store)


def test_a_run_keeps_the_evidence_of_every_repetition(runs):
    _, run, soft = runs
    for repetition in (0, 1):
        found = pipeline_diagnosis.gather_evidence(run, soft, repetition)
        assert set(found.stores) == set(ABLATIONS) and found.contexts.shape == (37, 4, 32)
        assert found.soft_prompt_parameters == 128 and found.pipeline_parameters == run.predictor.trainable
    assert not np.array_equal(
        pipeline_diagnosis.gather_evidence(run, soft, 0).pipeline, pipeline_diagnosis.gather_evidence(run, soft, 1).pipeline
    )


def test_a_run_rebuilds_its_pipeline(runs):
    _, run, soft = runs
    again = examine_pipeline(run.predictor, ASKING, n=64)
    assert_allclose(again["pipeline"], pipeline_diagnosis.gather_evidence(run, soft).pipeline, atol=1e-6)


def test_reports_are_made_once_and_a_damaged_one_is_made_again(runs):
    store, run, soft = runs
    made = pipeline_diagnosis.diagnose_run(run, soft)
    path = store.root / "diagnoses" / f"{run.key}-{soft.key}.json"
    before = path.stat().st_mtime_ns
    assert pipeline_diagnosis.diagnose_run(run, soft) == made and path.stat().st_mtime_ns == before
    for damaged in ("[1, 2", "null", "5", "[]"):
        path.write_text(damaged)
        assert pipeline_diagnosis.diagnose_run(run, soft) == made
    assert len(made) == 2 and made[0].find("gain").value == pytest.approx(
        float(np.mean(pipeline_diagnosis.gather_evidence(run, soft).no_context - pipeline_diagnosis.gather_evidence(run, soft).pipeline)))
