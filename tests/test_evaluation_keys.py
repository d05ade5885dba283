"""A network is trained once and measured any number of times: keys of training and evaluation, and where evaluations are kept."""

from pathlib import Path

import numpy as np
import pytest
from smallest import pretraining, tuning

from tutor import Evaluation, Recipe, measure
from tutor.predictors import LSTM
from tutor.runs.engine.evaluate import evaluate_run
from tutor.runs.engine.runner import pretrain
from tutor.runs.io.formats import StoreError
from tutor.runs.spec import PRESETS, RunSpec
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults
from tutor.sources import Categorical, DirichletCategorical

OTHERWISE = Evaluation(length=10, sequences=32, seed=7)


def otherwise(spec: RunSpec) -> RunSpec:
    return spec.model_copy(update={"evaluation": OTHERWISE})


@pytest.fixture
def store(tmp_path):
    """A store with a pretraining and a tuning of two repetitions."""
    store = RunStore(tmp_path / "own", shipped=tmp_path / "shipped")
    pretrain(tuning(), store)
    return store


@pytest.mark.parametrize("spec", [pretraining(), tuning()], ids=["pretraining", "tuning"])
def test_the_key_of_a_run_is_that_of_its_training(spec):
    assert otherwise(spec).key() == spec.key() and otherwise(spec).base().key() == spec.base().key()
    assert otherwise(spec).evaluation_key() != spec.evaluation_key()
    assert pretraining(seed=1).key() != pretraining(seed=2).key()
    assert pretraining(seed=1).evaluation_key() != pretraining(seed=2).evaluation_key()


def test_what_is_measured_is_part_of_the_key_of_the_evaluation(monkeypatch):
    key, before = tuning().key(), tuning().evaluation_key()
    monkeypatch.setitem(PRESETS, "another coin", Categorical(probs=(0.11, 0.89)))
    added = RunSpec.from_text(tuning().to_json(), toml=False)
    from tutor.runs import spec  # noqa: PLC0415

    spec._evaluation_key.cache_clear()             # a registry does not change while a program runs
    assert added.key() == key and added.evaluation_key() != before
    spec._evaluation_key.cache_clear()


def test_a_run_that_is_there_is_measured_again_and_not_trained_again(store, monkeypatch):
    first = store.run(tuning())
    weights, events = first.folder.read("weights.safetensors"), first.events()
    again = pretrain(otherwise(tuning()), store)
    assert again.folder.path == first.folder.path
    assert (again.folder.read("weights.safetensors"), again.events()) == (weights, events)
    assert first.arrays["regret/0/cumulative"].shape == (2, 20) and again.arrays["regret/0/cumulative"].shape == (2, 10)
    expected = measure.evaluate(again.predictor_of(1), on=tuning().on, length=10, n=32, seed=7)
    assert np.array_equal(again.arrays["regret/0/excess"][1], expected.excess)
    assert again.summary["measured_by"] == OTHERWISE.model_dump(mode="json")
    assert again.summary["trainable"] == first.summary["trainable"]
    assert sorted(store.get(tuning().key()).evaluations()) == sorted([tuning().evaluation_key(), otherwise(tuning()).evaluation_key()])
    assert find_faults(store.get(tuning().key())) == []


def test_loaded_by_its_key_a_run_shows_the_evaluation_that_was_made_with_it(store):
    pretrain(otherwise(tuning()), store)
    assert store.load(tuning().key()).summary["evaluation"] == tuning().evaluation_key()
    assert store.run(otherwise(tuning())).summary["evaluation"] == otherwise(tuning()).evaluation_key()


def test_measured_with_the_training_or_later_the_numbers_are_the_same_bit_for_bit(store, tmp_path):
    record = store.run(tuning()).evaluation
    other = RunStore(tmp_path / "other", shipped=tmp_path / "shipped")
    pretrain(otherwise(tuning()), other)
    assert not other.measured(tuning())
    again = evaluate_run(tuning(), other).evaluation
    assert again.summary == record.summary and again.arrays.keys() == record.arrays.keys()
    assert all(np.array_equal(again.arrays[name], record.arrays[name]) for name in record.arrays)


def test_a_later_evaluation_of_a_shipped_run_is_kept_in_the_own_store(store, tmp_path):
    reader = RunStore(tmp_path / "mine", shipped=store.root)
    before = sorted(path.relative_to(store.root) for path in store.root.rglob("*"))
    run = evaluate_run(otherwise(pretraining()), reader)
    assert run.folder.shipped and run.summary["n"] == [10]
    assert sorted(path.relative_to(store.root) for path in store.root.rglob("*")) == before
    assert reader.keys() == store.keys()
    assert reader.measured(otherwise(pretraining())) and not store.measured(otherwise(pretraining()))


def test_what_was_not_measured_so_is_said_in_one_sentence(store):
    with pytest.raises(StoreError, match="was not measured by evaluation"):
        store.run(otherwise(tuning())).summary  # noqa: B018
    with pytest.raises(StoreError, match="there is no run"):
        evaluate_run(pretraining(seed=77), store)


def test_a_damaged_evaluation_is_one_sentence_and_a_fault(store):
    pretrain(otherwise(tuning()), store)
    folder = store.get(tuning().key())
    for key in folder.evaluations():
        file: Path = folder.file(f"evaluations/{key}.npz")
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    assert [fault.file for fault in find_faults(folder)] == [f"evaluations/{key}.npz" for key in folder.evaluations()]
    with pytest.raises(StoreError, match="is damaged"):
        store.load(tuning().key()).arrays  # noqa: B018


def test_the_networks_of_the_documents_are_shipped():
    """However a reader measures, what README and docs/researchers.md train is there."""
    network = RunSpec(source=DirichletCategorical(), body=LSTM(width=128), recipe=Recipe.fast(), seed=0)
    assert RunStore().find(network.key()).shipped and RunStore().find(otherwise(network).key()).shipped


def test_a_shipped_network_is_loaded_and_measured_in_the_own_store(tmp_path):
    network = RunSpec(source=DirichletCategorical(), body=LSTM(width=128), recipe=Recipe.fast(), evaluation=OTHERWISE, seed=0)
    run = pretrain(network, RunStore(tmp_path))
    assert run.folder.shipped and run.summary["n"] == [10] and run.arrays["regret/0/excess"].shape == (10,)
