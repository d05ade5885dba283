"""What the runner promises: a run that was killed, stopped or stepped ends with the same bits as one that nobody disturbed."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from smallest import COIN, pretraining, tuning

from tutor import methods, pulse, sitting, sources
from tutor.claim import Busy
from tutor.files import StoreError
from tutor.fork import fork, forked_spec
from tutor.frames import MOST_BYTES, MOST_FRAMES, filmed_steps
from tutor.processes import Holder
from tutor.pulse import Listener, Stopped
from tutor.recipe import Recipe
from tutor.runner import RunFailed, advance, pretrain, tune
from tutor.spec import RunSpec, SpecError
from tutor.store import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs", shipped=Path("/nowhere"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Specification -> its finished run, computed in one go, in a store of its own."""
    store = RunStore(tmp_path_factory.mktemp("undisturbed"), shipped=Path("/nowhere"))
    return lambda spec: pretrain(spec, store)


@pytest.fixture
def restless(monkeypatch):
    """Runs that look, beat and save all the time, so that short ones go through every moment of a long one."""
    for name, value in {"LOOK_EVERY": 0.0, "BEAT_EVERY": 0.0, "SAVE_EVERY": 0.0, "SAVE_SHARE": 1.0}.items():
        monkeypatch.setattr(pulse, name, value)


def same(one, other) -> bool:
    """Whether two runs hold the same arrays, weights and measurements of every step, bit for bit."""
    def strip(events):
        return [{name: value for name, value in event.items() if name != "seconds"} for event in events]

    arrays = one.arrays.keys() == other.arrays.keys() and all(np.array_equal(one.arrays[k], other.arrays[k]) for k in one.arrays)
    mine, theirs = one.folder.weights(), other.folder.weights()
    weights = mine.keys() == theirs.keys() and all(torch.equal(mine[k], theirs[k]) for k in mine)
    return arrays and weights and strip(one.events()) == strip(other.events())


def diverging() -> RunSpec:
    """A pretraining with a learning rate that no network survives."""
    two_coins = sources.Mixture(probs=((0.01, 0.99), (0.99, 0.01)), weights=(0.5, 0.5))
    return pretraining(steps=60, batch=1, length=12, learning_rate=1.0, clip=1000.0).model_copy(update={"source": two_coins})


def killed(store: RunStore, key: str, after: float) -> None:
    """Compute run `key` in a child process that is killed `after` seconds later."""
    child = os.fork()
    if child == 0:
        try:
            advance(store.root, key)
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
        assert folder.status().state != "done" or not folder.verify()
    assert advance(store.root, folder.key) == "done"
    assert folder.verify() == []
    assert same(store.load(folder.key), expected)


def test_a_killed_run_is_never_shown_as_done(store, restless):
    folder = store.create(pretraining(steps=2000))
    killed(store, folder.key, 0.5)
    assert folder.status().state in ("interrupted", "queued")


def test_a_run_taken_step_by_step_ends_with_the_same_bits(store, undisturbed):
    key = store.create(tuning()).key
    assert [advance(store.root, key, until) for until in (1, 2, 8, 11)] == ["paused"] * 4
    assert store.get(key).status().repetition == 1 and store.get(key).status().step == 3
    assert advance(store.root, key) == "done"
    assert same(store.load(key), undisturbed(tuning()))


def test_a_pause_leaves_one_extra_frame_until_the_next(store):
    spec = pretraining(steps=100)
    planned = [s for s in filmed_steps(100, 1) if s > 40]
    extra = next(s for s in range(41, 100) if s not in planned)
    key = store.create(spec).key
    advance(store.root, key, extra)
    assert extra in store.get(key).film.steps()
    advance(store.root, key)
    assert extra not in store.get(key).film.steps()


def test_a_stop_marker_leaves_a_run_that_continues(store, undisturbed, restless):
    spec = pretraining(steps=30)
    folder = store.create(spec)
    stop_at_five = Listener(on_step=lambda step: folder.request_stop() if step.step == 5 else None)
    assert advance(store.root, folder.key, listener=stop_at_five) == "paused"
    assert folder.status().step == 5
    folder.withdraw_stop()
    assert advance(store.root, folder.key) == "done"
    assert same(store.load(folder.key), undisturbed(spec))


def test_a_stop_withdrawn_while_it_is_obeyed_loses_nothing(store, restless, monkeypatch):
    folder = store.create(pretraining(steps=30))
    leave = sitting.Sitting.leave

    def leave_and_withdraw(self, state, message):
        ended = leave(self, state, message)
        folder.withdraw_stop()
        return ended

    monkeypatch.setattr(sitting.Sitting, "leave", leave_and_withdraw)
    folder.request_stop()
    assert advance(store.root, folder.key) == "done"


def test_an_interrupt_from_the_keyboard_leaves_a_run_that_continues(store, undisturbed):
    spec = pretraining(steps=30)

    def interrupt(step):
        if step.step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(spec, store, on_step=interrupt)
    assert store.get(spec.key()).status().state == "paused"
    assert same(pretrain(spec, store), undisturbed(spec))


def test_only_one_process_computes_a_run(store):
    folder = store.create(pretraining())
    claim = folder.claim()
    claim.acquire(0.0)
    with pytest.raises(Busy, match="is being computed by process"):
        folder.claim().acquire(0.0)
    folder.write_status(folder.status().but(state="running"))
    assert advance(store.root, folder.key) == "running"
    assert not folder.file("events.jsonl").exists()
    claim.release()


def test_many_processes_that_break_a_dead_claim_agree_on_one(store):
    folder = store.create(pretraining())
    folder.file("claim.json").write_text('{"pid": 4194999, "host": "%s", "born": "1"}' % Holder.here().host)  # noqa: UP031
    children = []
    for _ in range(6):
        children.append(os.fork())
        if children[-1] == 0:
            try:
                folder.claim().acquire(0.0)
                time.sleep(0.6)                    # hold it while the others try
                os._exit(0)
            except Busy:
                os._exit(1)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0, 1, 1, 1, 1, 1]


def test_who_lost_the_claim_writes_nothing_more(store, restless):
    folder = store.create(pretraining(steps=30))
    lose = Listener(on_step=lambda step: folder.file("claim.json").unlink() if step.step == 5 else None)
    advance(store.root, folder.key, listener=lose)
    assert folder.status().state == "interrupted"
    assert max(event["step"] for event in folder.events()) <= 5


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
    assert advance(store.root, key) == "paused"
    assert f"waiting for its base run {spec.base().key()}" in store.get(key).status().message


def test_a_tuning_shows_how_its_base_is_coming_along(store, restless):
    spec, said = tuning(), []
    advance(store.root, store.create(spec).key, listener=Listener(on_status=lambda status: said.append(status.message)))
    assert "pretraining the base network: step 5 of 12" in said


def test_a_tuning_that_is_stopped_stops_the_base_it_computes(store, restless):
    spec = tuning(pretraining(steps=2000))
    folder = store.create(spec)
    when_base_runs = Listener(on_status=lambda status: folder.request_stop() if "step 5 " in status.message else None)
    assert advance(store.root, folder.key, listener=when_base_runs) == "paused"
    assert store.get(spec.base().key()).status().state == "paused"


def test_any_other_error_is_a_failed_run_with_a_traceback_that_can_be_tried_again(store, monkeypatch):
    folder = store.create(pretraining())
    with monkeypatch.context() as broken:
        broken.setattr(sitting, "measured", lambda *_: 1 / 0)
        assert advance(store.root, folder.key) == "failed"
    assert folder.status().message == "ZeroDivisionError: division by zero"
    assert "Traceback" in folder.file("error.txt").read_text()
    assert advance(store.root, folder.key) == "done"
    assert not folder.file("error.txt").exists()


@pytest.mark.parametrize(("name", "data"), [("events.jsonl", b"{broken}\n"), ("spec.json", b"{}"), ("checkpoint.safetensors", b"short")])
def test_a_damaged_folder_is_a_failed_run_that_names_the_file(store, name, data):
    folder = store.create(pretraining())
    advance(store.root, folder.key, 3)
    folder.file(name).write_bytes(data)
    with suppress(StoreError):
        advance(store.root, folder.key)
    assert folder.status().state == "failed" and name in folder.status().message


def test_a_run_that_does_not_exist_is_one_sentence(store):
    with pytest.raises(StoreError, match="there is no run"):
        advance(store.root, "0123456789abcdef")


def test_a_finished_run_is_loaded_and_not_computed_again(store):
    first = pretrain(pretraining(), store)
    before = first.folder.file("status.json").stat().st_mtime_ns
    assert pretrain(pretraining(), store).folder.file("status.json").stat().st_mtime_ns == before


def test_a_listener_may_stop_a_run(store):
    def enough(step):
        if step.step == 3:
            raise Stopped("seen enough")

    assert advance(store.root, store.create(pretraining()).key, listener=Listener(on_step=enough)) == "paused"


def test_a_forked_run_equals_its_specification_computed_from_the_start(store, undisturbed):
    parent = store.create(pretraining(steps=30))
    advance(store.root, parent.key, 10)
    child = fork(store, parent.key, step=15, learning_rate=0.01)
    assert child.status().step == 10 and [e["step"] for e in child.events()] == list(range(1, 11))
    advance(store.root, child.key)
    assert same(store.load(child.key), undisturbed(child.spec()))
    assert not same(store.load(child.key), undisturbed(pretraining(steps=30)))


def test_a_fork_before_the_checkpoint_starts_from_the_beginning(store, undisturbed):
    parent = store.create(pretraining(steps=30))
    advance(store.root, parent.key, 10)
    child = fork(store, parent.key, step=5, learning_rate=0.01)
    assert child.status().state == "queued"
    advance(store.root, child.key)
    assert same(store.load(child.key), undisturbed(child.spec()))


def test_a_fork_with_a_rate_that_cannot_be_is_refused():
    with pytest.raises(SpecError, match=r"recipe\.changes"):
        forked_spec(pretraining(), 3, 7.0)


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
