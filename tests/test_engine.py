"""What the engine promises: one computation however many ask, no run lost with its worker, and nobody left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from repeating import same
from smallest import pretraining, tuning

from tutor.runs.engine import batch, local_cluster
from tutor.runs.engine import client as engines
from tutor.runs.engine.batch import background_engine, compute_runs
from tutor.runs.engine.client import Engine, EngineError
from tutor.runs.engine.runner import pretrain
from tutor.runs.lock import read_holder
from tutor.runs.store import RunStore

PATIENCE = 300.0                                   # seconds; a loaded machine needs many to start a worker
LONG = 100_000                                     # steps of a run that is still running when it is stopped


@pytest.fixture(scope="module")
def address():
    with background_engine(workers=1) as where:
        yield where


@pytest.fixture
def engine(address, store):
    engine = Engine(address, store)
    yield engine
    for entry in engine.queue():
        engine.stop(entry.key)
    until(lambda: not engine.queue())
    engine.close()


@pytest.fixture
def undisturbed(address, tmp_path):
    """Specification -> its run, computed by the same workers (which do not check shapes, so faster than here)."""
    other = RunStore(tmp_path / "undisturbed", shipped=Path("/nowhere"))
    engine = Engine(address, other)

    def computed(spec):
        until(stands(other, engine.submit(spec), "done"))
        return other.load(spec.key())

    yield computed
    engine.close()


def until(condition) -> None:
    """Wait for a condition, and fail when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def stands(store: RunStore, key: str, *states: str):
    return lambda: store.get(key).status().state in states


def worker_of(store: RunStore, key: str) -> int:
    """The process that computes a run."""
    return read_holder(store.get(key).file("claim.json")).pid


def test_a_run_submitted_twice_is_queued_once_and_equals_one_in_the_foreground(engine, store, tmp_path):
    spec = pretraining()
    assert engine.submit(spec) == engine.submit(spec) == spec.key()
    assert [entry.key for entry in engine.queue()] in ([], [spec.key()])
    until(stands(store, spec.key(), "done"))
    here = RunStore(tmp_path / "here", shipped=Path("/nowhere"))
    assert same(store.load(spec.key()), pretrain(spec, here))


def test_a_tuning_brings_its_base_along(engine, store):
    key = engine.submit(tuning())
    until(stands(store, key, "done"))
    assert store.done(pretraining().key())


def test_a_run_goes_to_the_step_that_was_asked_for(engine, store):
    key = engine.submit(pretraining(), until=5)
    until(stands(store, key, "paused"))
    assert store.get(key).status().step == 5
    engine.submit(pretraining())
    until(stands(store, key, "done"))


def test_a_stopped_run_continues_when_it_is_submitted_again(engine, store):
    spec = pretraining(steps=LONG)
    key = engine.submit(spec)
    until(lambda: store.get(key).status().step > 0)
    engine.stop(key)
    until(stands(store, key, "paused"))
    stopped_at = store.get(key).status().step
    engine.submit(spec)
    until(lambda: store.get(key).status().step > stopped_at)


def test_the_front_of_the_queue_overtakes_and_a_waiting_run_can_be_taken_out(engine, store):
    busy, patient, urgent = (pretraining(steps=LONG, seed=seed) for seed in (1, 2, 3))
    engine.submit(busy)
    until(stands(store, busy.key(), "running"))
    engine.submit(patient)
    until(lambda: len(engine.queue()) == 2)
    engine.submit(urgent, front=True)
    until(lambda: len(engine.queue()) == 3)
    assert [(entry.key, entry.position) for entry in engine.queue()] == [(busy.key(), 0), (urgent.key(), 1), (patient.key(), 2)]
    engine.stop(patient.key())
    until(lambda: patient.key() not in [entry.key for entry in engine.queue()])
    assert store.get(patient.key()).status().state == "paused"


def test_a_killed_worker_is_replaced_twice_is_a_failure_and_continuing_ends_with_the_same_bits(engine, store, undisturbed):
    spec, innocent = pretraining(steps=3000), pretraining(seed=1)
    key = engine.submit(spec)
    until(lambda: store.get(key).status().step > 0)
    engine.submit(innocent)                        # waits behind, on the same worker
    first = worker_of(store, key)
    os.kill(first, signal.SIGKILL)
    until(lambda: store.get(key).status().state == "running" and worker_of(store, key) != first)
    os.kill(worker_of(store, key), signal.SIGKILL)
    until(stands(store, key, "failed"))
    assert "its worker died twice" in store.get(key).status().message
    until(stands(store, innocent.key(), "done"))
    engine.submit(spec)
    until(stands(store, key, "done"))
    assert same(store.load(key), undisturbed(spec))


def test_a_run_that_does_not_listen_is_ended_by_force(engine, store):
    key = engine.submit(pretraining(steps=LONG))
    until(stands(store, key, "running"))
    os.kill(worker_of(store, key), signal.SIGSTOP)
    engine.stop(key, force=True)
    until(stands(store, key, "interrupted", "paused"))
    assert key not in [entry.key for entry in engine.queue()]


def test_visitors_who_want_two_runs_get_a_second_worker(store, monkeypatch):
    monkeypatch.setattr(local_cluster, "max_workers", lambda: 2)
    with background_engine() as where:
        engine = Engine(where, store)
        keys = [engine.submit(pretraining(steps=LONG, seed=seed)) for seed in (1, 2)]
        until(lambda: all(store.get(key).status().step > 0 for key in keys))
        assert worker_of(store, keys[0]) != worker_of(store, keys[1])
        for key in keys:
            engine.stop(key)
        until(lambda: not engine.queue())
        engine.close()


@pytest.mark.parametrize("address", ["", "localhost", "http://localhost:1", "tcp://127.0.0.1:9"])
def test_a_scheduler_that_is_not_there_is_one_sentence(address, store, monkeypatch):
    monkeypatch.delenv("TUTOR_SCHEDULER", raising=False)
    monkeypatch.setattr(engines, "ANSWER_WITHIN", "0.5s")
    with pytest.raises(EngineError, match=r"must look like tcp://host:8786|no scheduler answers at tcp://127\.0\.0\.1:9"):
        Engine(address, store)


PROGRAM = """
import asyncio, sys
from smallest import pretraining
from tutor.runs.engine.local_cluster import embedded_engine
from tutor.runs.engine.client import Engine
from tutor.runs.store import RunStore

async def main():
    async with embedded_engine() as address:
        await asyncio.to_thread(lambda: Engine(address, RunStore(sys.argv[1])).submit(pretraining(steps=100_000)))
        await asyncio.sleep(3600)

asyncio.run(main())
"""


def test_nobody_survives_a_killed_program_and_its_run_reads_as_interrupted_and_resumes(store):
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(store.root)], cwd=Path(__file__).parent, stderr=subprocess.DEVNULL)
    key = pretraining(steps=LONG).key()
    until(lambda: store.find(key) is not None and store.get(key).file("checkpoint.safetensors").exists())
    children = psutil.Process(program.pid).children(recursive=True)
    program.kill()
    program.wait(PATIENCE)
    until(lambda: not alive(children))
    assert len(children) >= 2
    assert store.get(key).status().state == "interrupted"
    with pytest.raises(KeyboardInterrupt):
        pretrain(pretraining(steps=LONG), store, on_step=resumed_past_the_start)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def resumed_past_the_start(step) -> None:
    assert step.step > 10
    raise KeyboardInterrupt


def test_a_batch_computes_bases_once_says_how_far_it_is_and_leaves_nobody_behind(store):
    specs, seen, before = [tuning(repetitions=n) for n in (1, 2)], [], set(psutil.Process().children(recursive=True))
    ended = compute_runs(specs, store, workers=1, on_progress=lambda progress: seen.append((progress.finished, progress.total)))
    assert [status.state for status in ended.values()] == ["done", "done"]
    assert seen == sorted(seen) and seen[-1] == (2, 2)
    assert store.keys() == sorted([pretraining().key(), *ended])
    assert alive(list(set(psutil.Process().children(recursive=True)) - before)) == []


def test_a_batch_to_which_no_worker_comes_says_so_instead_of_waiting(store, monkeypatch):
    monkeypatch.setattr(batch, "JOIN", 0.5)
    with pytest.raises(EngineError, match=r"no worker process came within 0\.5 s"):
        compute_runs([pretraining()], store, workers=0)


def test_a_batch_that_is_interrupted_stops_its_runs_with_a_checkpoint(store):
    def interrupt(progress):
        if progress.running:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_runs([pretraining(steps=LONG)], store, workers=1, on_progress=interrupt)
    assert store.get(pretraining(steps=LONG).key()).status().state == "paused"
    assert store.get(pretraining(steps=LONG).key()).file("checkpoint.safetensors").exists()
