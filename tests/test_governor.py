"""The governor takes the number of threads that is quicker just now, by a clock that these tests turn."""

from types import SimpleNamespace

import pytest
import torch
from repeating import same
from smallest import pretraining

from tutor.core import threads as governor
from tutor.core.threads import LAST, POLL_SECONDS, Governor, announce_other_pieces, compute_piece, govern_threads
from tutor.runs.engine.heartbeat import ProgressListener
from tutor.runs.engine.runner import advance_run, pretrain


class Machine:
    """Two cores, of which `busy` processes take one each; pieces of work take `costs[threads]` seconds where nothing else runs.

    Beside a busy process two threads wait for each other: a piece then takes `waits` times as long as on one.
    """

    def __init__(self, one: float = 0.017, two: float = 0.011, waits: float = 60.0):
        self.costs, self.waits, self.busy = {1: one, 2: two}, waits, 0
        self.now, self.idle, self.threads, self.used, self.times = 0.0, 0.0, 0, [], []
        self.governor = Governor(1, 2, clock=lambda: self.now, apply=self.apply, idle=lambda: self.idle)

    def apply(self, threads: int) -> None:
        self.threads = threads

    def compute(self, seconds: float) -> list[int]:
        """The threads of every piece that fits into so many seconds."""
        until, begun = self.now + seconds, len(self.used)
        while self.now < until:
            self.governor.run(self.work)
        return self.used[begun:]

    def work(self) -> None:
        waiting = self.busy and self.threads == 2
        took = self.costs[1] * self.waits if waiting else self.costs[self.threads] * max(1.0, (self.threads + self.busy) / 2)
        self.used.append(self.threads)
        self.times.append(took)
        self.now += took
        self.idle += took * max(0, 2 - self.threads - self.busy)


def test_alone_two_threads_are_taken_at_the_first_look_and_kept():
    machine = Machine()
    machine.compute(POLL_SECONDS + 0.1)
    assert set(machine.compute(20)) == {2}


@pytest.mark.parametrize("busy", [1, 2])
def test_beside_others_two_threads_are_never_even_tried(busy):
    machine = Machine()
    machine.busy = busy
    assert set(machine.compute(60)) == {1}


def test_when_others_begin_one_slow_piece_is_enough():
    machine = Machine()
    machine.compute(10)
    machine.busy = 1
    used = machine.compute(10)
    assert used.count(2) == 1 and set(used[1:]) == {1}


def test_when_others_end_it_changes_back_at_the_next_look():
    machine = Machine()
    machine.busy = 1
    machine.compute(30)
    machine.busy = 0
    machine.compute(2 * POLL_SECONDS)
    assert set(machine.compute(5)) == {2}


def test_others_that_come_and_go_cost_a_share_that_is_bounded():
    """Idle for half a second in every second: each trial that fails doubles the wait until the next one."""
    machine = Machine()
    for second in range(240):
        machine.busy = second % 2
        machine.compute(0.5)
    lost = sum(took for took, threads in zip(machine.times, machine.used, strict=True) if threads == 2 and took > 0.1)
    assert lost < 0.2 * machine.now


def test_a_gain_too_small_to_matter_is_given_up_and_tried_less_and_less_often():
    machine = Machine(one=0.0100, two=0.0098)
    machine.compute(10)
    assert machine.compute(4 * LAST).count(2) < 0.02 * len(machine.used)


def test_pieces_of_another_length_are_not_compared_with_those_before():
    machine = Machine()
    machine.compute(2)
    machine.governor.settle()
    machine.costs = {1: 0.170, 2: 0.110}
    used = machine.compute(10)
    assert used.count(2) > 0.85 * len(used)


def test_an_error_of_the_work_is_the_callers():
    for asked in (Governor(1, 1), Governor(1, 2)):
        with pytest.raises(ZeroDivisionError):
            asked.run(lambda: 1 / 0)
        assert asked.run(lambda: 7) == 7
    torch.set_num_threads(1)


GIVEN = [(None, None, (1, 1)), ("2", None, (2, 2)), ("1", "2", (1, 1)), (None, "2", (1, 2))]


@pytest.mark.parametrize(("fixed", "most", "expected"), GIVEN)
def test_a_fixed_number_of_threads_comes_before_a_free_one(fixed, most, expected, monkeypatch):
    for name, value in {"TUTOR_THREADS": fixed, "TUTOR_MOST_THREADS": most}.items():
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    asked = governor.read_governor()
    assert (asked.few, asked.many) == expected
    torch.set_num_threads(1)


def test_pieces_without_a_governor_are_computed_just_so():
    announce_other_pieces()
    assert compute_piece(lambda: 3) == 3


@pytest.fixture
def alternating(monkeypatch):
    """Threads are free, and every piece takes the other number: the worst that load can do."""
    monkeypatch.delenv("TUTOR_THREADS")
    monkeypatch.setenv("TUTOR_MOST_THREADS", "2")
    turns = SimpleNamespace(count=0)

    def run(self, work):
        turns.count += 1
        torch.set_num_threads(1 + turns.count % 2)
        return work()

    monkeypatch.setattr(Governor, "run", run)


def test_what_steps_were_computed_on_is_kept_in_the_diary_and_the_summary_over_a_resume(store, alternating, restless):
    spec = pretraining(steps=20)
    folder = store.create(spec)
    advance_run(store.root, folder.key, 7)
    stop_at_twelve = ProgressListener(on_step=lambda step: folder.request_stop() if step.step == 12 else None)
    assert advance_run(store.root, folder.key, listener=stop_at_twelve) == "paused"
    folder.withdraw_stop()
    assert advance_run(store.root, folder.key) == "done"
    diary = [event["threads"] for event in folder.events()]
    assert len(diary) == 20 and set(diary) == {1, 2}
    assert folder.summary()["threads"] == {"1": diary.count(1), "2": diary.count(2)}


def test_where_threads_are_fixed_bits_are_the_same_and_the_summary_says_on_how_many(store, tmp_path):
    elsewhere = type(store)(tmp_path / "elsewhere", shipped=tmp_path / "none")
    one, other = (pretrain(pretraining(steps=20), where) for where in (store, elsewhere))
    assert same(one, other) and one.summary["threads"] == {"1": 20}


def test_the_threads_of_the_caller_are_given_back():
    torch.set_num_threads(2)
    with govern_threads():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)

