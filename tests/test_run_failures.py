"""Runs that do not end: they diverge, wait for their base, meet an error or a damaged folder, and say so."""

from contextlib import suppress

import pytest
import torch
from smallest import pretraining, tuning

from tutor import sources
from tutor.runs.engine import session
from tutor.runs.engine.heartbeat import ProgressListener
from tutor.runs.engine.runner import RunFailed, advance_run, pretrain
from tutor.runs.io.formats import StoreError
from tutor.runs.spec import RunSpec


def diverging() -> RunSpec:
    """A pretraining with a learning rate that no network survives."""
    two_coins = sources.Mixture(probs=((0.01, 0.99), (0.99, 0.01)), weights=(0.5, 0.5))
    return pretraining(steps=60, batch=1, length=12, learning_rate=1.0, clip=1000.0).model_copy(update={"source": two_coins})


def test_divergence_is_a_state_with_the_last_good_weights(store):
    spec = diverging()
    with pytest.raises(RunFailed, match="diverged at step"):
        pretrain(spec, store)
    run = store.load(spec.key())
    assert run.status.state == "diverged"
    assert all(torch.isfinite(p).all() for p in run.predictor.parameters())


def test_a_diverged_base_stops_its_tuning_with_its_reason(store):
    spec = tuning(diverging())
    with pytest.raises(RunFailed, match=f"its base run {spec.base().key()} is diverged: diverged at step"):
        pretrain(spec, store)


def test_a_stopped_base_lets_its_tuning_wait(store):
    spec = tuning()
    store.create(spec.base()).request_stop()
    key = store.create(spec).key
    assert advance_run(store.root, key) == "paused"
    assert f"waiting for its base run {spec.base().key()}" in store.get(key).status().message


def test_a_tuning_shows_how_its_base_is_coming_along(store, restless):
    spec, said = tuning(), []
    advance_run(store.root, store.create(spec).key, listener=ProgressListener(on_status=lambda status: said.append(status.message)))
    assert "pretraining the base network: step 5 of 12" in said


def test_a_tuning_that_is_stopped_stops_the_base_it_computes(store, restless):
    spec = tuning(pretraining(steps=2000))
    folder = store.create(spec)
    when_base_runs = ProgressListener(on_status=lambda status: folder.request_stop() if "step 5 " in status.message else None)
    assert advance_run(store.root, folder.key, listener=when_base_runs) == "paused"
    assert store.get(spec.base().key()).status().state == "paused"


def test_any_other_error_is_a_failed_run_with_a_traceback_that_can_be_tried_again(store, monkeypatch):
    folder = store.create(pretraining())
    with monkeypatch.context() as broken:
        broken.setattr(session, "measure_network", lambda *_: 1 / 0)
        assert advance_run(store.root, folder.key) == "failed"
    assert folder.status().message == "ZeroDivisionError: division by zero"
    assert "Traceback" in folder.file("error.txt").read_text()
    assert advance_run(store.root, folder.key) == "done"
    assert not folder.file("error.txt").exists()


@pytest.mark.parametrize(("name", "data"), [("events.jsonl", b"{broken}\n"), ("spec.json", b"{}"), ("checkpoint.safetensors", b"short")])
def test_a_damaged_folder_is_a_failed_run_that_names_the_file(store, name, data):
    folder = store.create(pretraining())
    advance_run(store.root, folder.key, 3)
    folder.file(name).write_bytes(data)
    with suppress(StoreError):
        advance_run(store.root, folder.key)
    assert folder.status().state == "failed" and name in folder.status().message


def test_a_run_that_does_not_exist_is_one_sentence(store):
    with pytest.raises(StoreError, match="there is no run"):
        advance_run(store.root, "0123456789abcdef")
