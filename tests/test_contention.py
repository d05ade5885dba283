"""The bench of contention: every way to choose threads beside one thread, two trainings at once, and busy processes that end."""

from contextlib import contextmanager
from types import SimpleNamespace

import psutil
import pytest

from tutor.bench import contention
from tutor.runs.store import RunStore

SECONDS = {None: (3.0, 5.0, 9.0), "1": (5.0, 5.0, 10.0), "2": (4.0, 15.0, 40.0)}


@pytest.fixture
def rows(monkeypatch):
    """The table on a machine whose runs take these seconds, beside no, one and two busy processes; two at once take four and a half."""
    beside = SimpleNamespace(busy=0)

    @contextmanager
    def engine(threads):
        yield threads

    @contextmanager
    def busy(processes):
        beside.busy = processes
        yield
        beside.busy = 0

    monkeypatch.setattr(contention, "start_engine", engine)
    monkeypatch.setattr(contention, "keep_busy", busy)

    def computed(here, specs):
        return SECONDS[here][beside.busy] if len(specs) == 1 else 4.5, [{"1": 20, "2": 300}] * len(specs)

    monkeypatch.setattr(contention, "time_runs", computed)
    return {(row["threads"], row["beside"]): row for row in contention.measure_contention()}


def test_every_way_is_set_beside_one_thread(rows):
    assert [rows["the app's choice", beside]["ratio"] for beside in contention.BUSY] == [0.6, 1.0, 0.9]
    assert [rows["two, fixed", beside]["ratio"] for beside in contention.BUSY] == [0.8, 3.0, 4.0]
    assert {rows["one, fixed", beside]["ratio"] for beside in contention.BUSY} == {1.0}


def test_two_at_once_are_set_beside_one_after_the_other(rows):
    assert rows["the app's choice", "two at once"]["ratio"] == 0.75
    assert rows["the app's choice", "two at once"]["steps_on"] == "1: 40, 2: 600"


def test_none_of_its_trainings_is_shipped():
    assert not any(RunStore("/nowhere").find(contention.training_spec(seed).key()) for seed in range(10))


def test_busy_processes_end_with_the_block():
    before = set(psutil.Process().children())
    with contention.keep_busy(2):
        assert len(set(psutil.Process().children()) - before) == 2
    assert set(psutil.Process().children()) == before
