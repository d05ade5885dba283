"""What the runner promises: a run that was killed, stopped, stepped or forked ends with the same bits as one that nobody disturbed."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from repeating import same
from smallest import COIN, pretraining, tuning

from tutor import methods
from tutor.runs.engine import session
from tutor.runs.engine.heartbeat import ProgressListener, StopRequested
from tutor.runs.engine.runner import advance_run, pretrain, tune
from tutor.runs.fork import fork_run, fork_spec
from tutor.runs.frames import MOST_BYTES, MOST_FRAMES, filmed_steps
from tutor.runs.spec import SpecError
from tutor.runs.store import RunStore
from tutor.runs.verification import find_faults
from tutor.training.recipe import Recipe


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Specification -> its finished run, computed in one go, in a store of its own."""
    store = RunStore(tmp_path_factory.mktemp("undisturbed"), shipped=Path("/nowhere"))
    return lambda spec: pretrain(spec, store)


def killed(store: RunStore, key: str, after: float) -> None:
    """Compute run `key` in a child process that is killed `after` seconds later."""
    child = os.fork()
    if child == 0:
        try:
            advance_run(store.root, key)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


KINDS = [pretraining(steps=30), tuning(), tuning(method=methods.HardPT(length=3, sequences=16))]


@pytest.mark.parametrize("spec", KINDS, ids=lambda spec: spec.label)
def test_a_run_killed_at_random_moments_ends_with_the_same_bits(store, undisturbed, restless, spec):
    expected, rng = undisturbed(spec), np.random.default_rng(0)
    folder = store.create(spec)
    for _ in range(8):
        killed(store, folder.key, rng.uniform(0.0, 0.35))
        assert folder.status().state != "corrupt"
        assert folder.status().state != "done" or not find_faults(folder)
    assert advance_run(store.root, folder.key) == "done"
    assert find_faults(folder) == []
    assert same(store.load(folder.key), expected)


def test_a_killed_run_is_never_shown_as_done(store, restless):
    folder = store.create(pretraining(steps=2000))
    killed(store, folder.key, 0.5)
    assert folder.status().state in ("interrupted", "queued")


def test_a_run_taken_step_by_step_ends_with_the_same_bits(store, undisturbed):
    key = store.create(tuning()).key
    assert [advance_run(store.root, key, until) for until in (1, 2, 8, 11)] == ["paused"] * 4
    assert store.get(key).status().repetition == 1 and store.get(key).status().step == 3
    assert advance_run(store.root, key) == "done"
    assert same(store.load(key), undisturbed(tuning()))


def test_a_pause_leaves_one_extra_frame_until_the_next(store):
    spec = pretraining(steps=100)
    planned = [s for s in filmed_steps(100, 1) if s > 40]
    extra = next(s for s in range(41, 100) if s not in planned)
    key = store.create(spec).key
    advance_run(store.root, key, extra)
    assert extra in store.get(key).film.steps()
    advance_run(store.root, key)
    assert extra not in store.get(key).film.steps()


def test_a_stop_marker_leaves_a_run_that_continues(store, undisturbed, restless):
    spec = pretraining(steps=30)
    folder = store.create(spec)
    stop_at_five = ProgressListener(on_step=lambda step: folder.request_stop() if step.step == 5 else None)
    assert advance_run(store.root, folder.key, listener=stop_at_five) == "paused"
    assert folder.status().step == 5
    folder.withdraw_stop()
    assert advance_run(store.root, folder.key) == "done"
    assert same(store.load(folder.key), undisturbed(spec))


def test_a_stop_withdrawn_while_it_is_obeyed_loses_nothing(store, restless, monkeypatch):
    folder = store.create(pretraining(steps=30))
    leave = session.RunSession.leave

    def leave_and_withdraw(self, state, message):
        ended = leave(self, state, message)
        folder.withdraw_stop()
        return ended

    monkeypatch.setattr(session.RunSession, "leave", leave_and_withdraw)
    folder.request_stop()
    assert advance_run(store.root, folder.key) == "done"


def test_an_interrupt_from_the_keyboard_leaves_a_run_that_continues(store, undisturbed):
    spec = pretraining(steps=30)

    def interrupt(step):
        if step.step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(spec, store, on_step=interrupt)
    assert store.get(spec.key()).status().state == "paused"
    assert same(pretrain(spec, store), undisturbed(spec))


def test_a_listener_may_stop_a_run(store):
    def enough(step):
        if step.step == 3:
            raise StopRequested("seen enough")

    assert advance_run(store.root, store.create(pretraining()).key, listener=ProgressListener(on_step=enough)) == "paused"


def test_a_finished_run_is_loaded_and_not_computed_again(store):
    first = pretrain(pretraining(), store)
    before = first.folder.file("status.json").stat().st_mtime_ns
    assert pretrain(pretraining(), store).folder.file("status.json").stat().st_mtime_ns == before


def test_a_forked_run_equals_its_specification_computed_from_the_start(store, undisturbed):
    parent = store.create(pretraining(steps=30))
    advance_run(store.root, parent.key, 10)
    child = fork_run(store, parent.key, step=15, learning_rate=0.01)
    assert child.status().step == 10 and [e["step"] for e in child.events()] == list(range(1, 11))
    advance_run(store.root, child.key)
    assert same(store.load(child.key), undisturbed(child.spec()))
    assert not same(store.load(child.key), undisturbed(pretraining(steps=30)))


def test_a_fork_before_the_checkpoint_starts_from_the_beginning(store, undisturbed):
    parent = store.create(pretraining(steps=30))
    advance_run(store.root, parent.key, 10)
    child = fork_run(store, parent.key, step=5, learning_rate=0.01)
    assert child.status().state == "queued"
    advance_run(store.root, child.key)
    assert same(store.load(child.key), undisturbed(child.spec()))


def test_a_fork_with_a_rate_that_cannot_be_is_refused():
    with pytest.raises(SpecError, match=r"recipe\.changes"):
        fork_spec(pretraining(), 3, 7.0)


def test_tuning_in_memory_leaves_the_base_bit_identical():
    base = pretraining().body.build(2, 0)
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    tuned = tune(base, methods.SoftPT(length=2), on=COIN, recipe=Recipe(steps=3, batch=4, length=8), seed=0)
    assert all(torch.equal(before[name], tensor) for name, tensor in base.state_dict().items())
    assert tuned.prompt().shape[0] == 2


@pytest.mark.parametrize(("steps", "frame_bytes"), [(0, 1), (1, 10**6), (500, 208_000), (1000, 1), (1000, 700_000), (100_000, 2_000_000)])
def test_a_film_is_short_dense_early_and_has_both_ends(steps, frame_bytes):
    filmed = filmed_steps(steps, frame_bytes)
    assert filmed[0] == 0 and filmed[-1] == steps and filmed == sorted(set(filmed))
    assert len(filmed) <= MOST_FRAMES and (len(filmed) <= 2 or len(filmed) * frame_bytes <= MOST_BYTES)
    gaps = np.diff(filmed)
    assert len(gaps) < 4 or gaps[0] <= gaps[len(gaps) // 2] <= gaps[-2]


def test_the_thread_count_of_the_caller_is_given_back(store):
    torch.set_num_threads(2)
    pretrain(pretraining(), store)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
