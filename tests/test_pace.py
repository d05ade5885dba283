"""What is left is told by the pace of the last seconds, what will be needed by the room there is; clocks are turned by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tutor.runs.engine.throughput import Throughput
from tutor.runs.status import Status
from tutor.studies.cost import Capacity
from tutor.training.recipe import Recipe
from tutor.ui.run_views import cost_estimate, status_line


class Clock:
    """Wall and processor seconds."""

    def __init__(self):
        self.wall = self.processor = self.done = 0.0
        self.pace = Throughput(wall=lambda: self.wall, processor=lambda: self.processor)

    def work(self, steps: int, each: float, share: float = 1.0) -> "Clock":
        """So many steps of `each` seconds, in a `share` of which the processor computed."""
        for _ in range(steps):
            self.wall, self.processor, self.done = self.wall + each, self.processor + share * each, self.done + 1
            self.pace.note(self.done)
        return self


def test_the_last_seconds_count_and_not_the_average_since_the_start():
    clock = Clock().work(1000, 0.01)
    assert clock.pace.left(100.0) == pytest.approx(1.0)
    clock.work(200, 0.05)
    assert clock.pace.left(100.0) == pytest.approx(5.0)


def test_a_machine_that_slept_changes_nothing():
    clock = Clock().work(500, 0.01).work(1, 3600.0, share=0.0).work(20, 0.01)
    assert clock.pace.left(100.0) == pytest.approx(1.0) and clock.pace.waiting == pytest.approx(0.0, abs=1e-6)


def test_slow_steps_count_one_by_one_and_nothing_is_said_before_the_first():
    clock = Clock()
    assert clock.pace.left(10.0) is None and clock.pace.waiting == 0.0
    assert clock.work(2, 20.0).pace.left(10.0) == pytest.approx(200.0)


def test_waiting_is_the_time_in_which_not_even_one_thread_computed():
    assert Clock().work(500, 0.02, share=0.5).pace.waiting == pytest.approx(0.5)
    assert Clock().work(500, 0.02, share=2.0).pace.waiting == 0.0


@given(some.integers(0, 300), some.integers(1, 300), some.lists(some.integers(1, 90), max_size=4, unique=True))
def test_tokens_before_a_step_are_the_sum_of_their_lengths(step, steps, curriculum):
    recipe = Recipe(steps=steps, batch=4, length=100, curriculum=tuple(sorted(curriculum)))
    step = min(step, steps)
    assert recipe.tokens_before(step) == sum(recipe.length_at(s) for s in range(step))


def test_a_run_that_waits_for_others_says_so():
    status = Status(state="running", step=10, steps=320, eta_s=32.0)
    assert status_line.describe_status(status) == "step 10 of 320 · 32 s left"
    assert status_line.describe_status(status.but(waiting=0.5)) == "step 10 of 320 · this machine is busy: 32 s left"


@pytest.mark.parametrize(("costs", "room", "seconds"), [
    ([4.0], Capacity(cores=2), 4.0),
    ([4.0], Capacity(cores=2, others=1.0), 4.0),
    ([4.0], Capacity(cores=2, others=3.0), 8.0),
    ([24.0] * 3, Capacity(cores=2), 72.0),
    ([24.0] * 3, Capacity(cores=2, at_once=2), 36.0),
    ([24.0, 2.0], Capacity(cores=2, at_once=2), 24.0),
    ([24.0], Capacity(cores=2, at_once=1, ahead=10.0), 34.0),
    ([24.0] * 3, Capacity(cores=2, others=2.0, at_once=2), 72.0),
    ([], Capacity(cores=2), 0.0),
])
def test_how_long_runs_take_counts_queue_workers_and_others(costs, room, seconds):
    assert room.seconds(costs) == pytest.approx(seconds)


def test_a_cost_is_one_sentence_and_says_why_it_takes_longer():
    assert cost_estimate.cost_sentence([4.0], Capacity(cores=2)) == "Costs about 4 s of one core."
    assert (cost_estimate.cost_sentence([4.0], Capacity(cores=2, others=3.0))
            == "Costs about 4 s of one core; this machine is busy, so it takes about 8 s.")
    assert (cost_estimate.cost_sentence([24.0] * 3, Capacity(cores=2, at_once=2))
            == "Costs about 72 s of one core; 2 runs at a time, so it takes about 36 s.")
    assert (cost_estimate.cost_sentence([4.0], Capacity(cores=2, ahead=10.0), before=1)
            == "Costs about 4 s of one core; 1 run comes first, so it takes about 14 s.")
