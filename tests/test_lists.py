"""List tasks: every answer against plain Python, the ideal predictor against enumerated Bayes, the hold-out, and exact match."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch import nn

from tutor import measure
from tutor.core.spec_errors import SpecError
from tutor.predictors import Predictor
from tutor.sources import Lists
from tutor.sources.lists import SOLVE, TASKS
from tutor.sources.source import is_held_out

PLAIN = {
    "ascending": sorted,
    "descending": lambda x: sorted(x, reverse=True),
    "add 1": lambda x: [d + 1 for d in x],
    "add 2": lambda x: [d + 2 for d in x],
    "ascending + add 1": lambda x: [d + 1 for d in sorted(x)],
    "double histogram": lambda x: [x.count(d) for d in x],
}
each_task = pytest.mark.parametrize("task", TASKS)


@given(st.lists(st.lists(st.integers(0, 7), min_size=6, max_size=6), min_size=1, max_size=5))
def test_every_task_answers_what_plain_python_answers(lists):
    assert PLAIN.keys() == SOLVE.keys() == set(TASKS)
    for task, solve in SOLVE.items():
        assert solve(np.array(lists)).tolist() == [PLAIN[task](one) for one in lists]


@each_task
def test_a_sequence_is_a_list_and_its_answer_and_only_the_answer_is_asked(task):
    source = Lists(tasks=(task,), items=5, digits=4)
    batch = source.sample(40, 10, rng=0)
    for row in batch.tokens.tolist():
        assert row[5:] == PLAIN[task](row[:5]) and max(row[:5]) < 4
    assert batch.mask.tolist() == [[False] * 5 + [True] * 5] * 40


def test_a_longer_sequence_demonstrates_the_same_task_again_and_again():
    source = Lists(tasks=("ascending", "descending"), items=4)
    batch = source.sample(30, 20, rng=0)
    for row, task in zip(batch.tokens.tolist(), batch.latent.tolist(), strict=True):
        for at in (0, 8):
            assert row[at + 4:at + 8] == PLAIN[source.tasks[task]](row[at:at + 4])
    assert set(batch.latent.tolist()) == {0, 1}


def test_no_list_is_in_both_splits_and_a_quarter_is_held_out():
    every = np.array(np.meshgrid(*[range(4)] * 5)).reshape(5, -1).T
    assert is_held_out(every).mean() == pytest.approx(0.25, abs=0.03)
    for split in ("train", "test"):
        drawn = Lists(items=5, digits=4, split=split).sample(500, 5, rng=1).tokens.numpy()
        assert set(is_held_out(drawn)) == {split == "test"}


def test_half_of_all_lists_hold_few_different_digits():
    few = [len(set(row)) <= 5 for row in Lists().sample(2000, 10, rng=0).tokens.tolist()]
    assert 0.5 < np.mean(few) < 0.75          # the forced half, and those of the other half that do by chance


def bayes(source: Lists, row: list[int], t: int) -> list[float]:
    """Enumerated: the tasks that agree with every answer before t, weighted by the prior, vote for the token at t."""
    at, period = t, source.natural_length
    votes, total = Counter(), 0.0
    for task, weight in zip(source.tasks, source.prior, strict=True):
        agrees = True
        for s in range(at + 1):
            place = s % period
            if place < source.items:
                continue
            start = s - place
            answer = PLAIN[task](row[start:start + source.items])[place - source.items]
            if s < at:
                agrees &= row[s] == answer
            elif agrees:
                votes[answer] += weight
                total += weight
    return [votes[v] / total for v in range(source.vocab)]


@pytest.mark.parametrize("weights", [(), (0.1, 0.2, 0.3, 0.4)], ids=["even", "uneven"])
def test_the_ideal_predictor_is_bayes_rule_over_the_tasks(weights):
    source = Lists(items=4, digits=3, weights=weights)
    tokens = source.sample(12, 16, rng=2).tokens
    said = source.log_bayes(tokens).exp()
    for row, mine in zip(tokens.tolist(), said, strict=True):
        for t in (*range(4, 8), *range(12, 16)):
            assert_allclose(mine[t], bayes(source, row, t), atol=1e-12)


def test_a_sequence_that_no_task_could_have_written_leaves_the_ideal_predictor_without_opinion():
    source = Lists(tasks=("ascending",), items=4, digits=4)
    said = source.log_bayes(torch.tensor([[3, 1, 2, 0, 3, 1, 2, 0]])).exp()
    assert_allclose(said[0, 5:], 1 / source.vocab)


def test_the_ideal_predictor_of_one_task_has_no_doubt():
    source = Lists(tasks=("add 2",))
    batch = source.sample(20, 20, rng=0)
    assert_allclose(source.log_bayes(batch.tokens)[batch.mask], source.log_truth(batch)[batch.mask])
    assert float(source.log_bayes(batch.tokens).gather(-1, batch.tokens[..., None])[..., 0][batch.mask].abs().max()) == 0


@pytest.fixture
def knowing():
    """source -> a real Predictor that answers with that source's ideal prediction: its body does not listen, its unembedding knows."""
    class Asking(nn.Module):
        def __init__(self, source):
            super().__init__()
            self.source = source

        def forward(self, inputs):
            tokens = torch.nn.functional.pad(inputs.at[:, 1:], (0, 1), value=0)
            return self.source.log_bayes(tokens).clamp(min=-99).float()

    def build(source):
        network = Predictor(Asking(source), vocab=source.vocab, embedding=4, width=source.vocab)
        network.unembed = nn.Identity()
        return network

    return build


@each_task
def test_whoever_knows_the_task_is_always_right_and_another_almost_never(task, knowing):
    source = Lists(tasks=(task,))
    assert measure.accuracy(knowing(source), source, n=200) == 1
    other = Lists(tasks=("add 1" if task != "add 1" else "descending",))
    assert measure.accuracy(knowing(other), source, n=200) < 0.05


def test_four_tasks_at_once_cannot_all_be_right(knowing):
    guesser, source = knowing(Lists()), Lists()
    per_task = [measure.accuracy(guesser, one, n=400) for one in source.related()]
    assert sum(per_task) / 4 == pytest.approx(measure.accuracy(guesser, source, n=1600), abs=0.05)
    assert 0.2 < sum(per_task) / 4 < 0.6


def test_answers_are_judged_one_by_one_even_where_they_stand_side_by_side():
    mask = torch.tensor([[0, 1, 1, 0, 1, 1], [1, 1, 0, 0, 0, 1]]).bool()
    says = torch.tensor([[0, 0, 0, 0, 1, 0], [2, 0, 0, 0, 0, 0]])
    assert measure.exact_matches(says, torch.zeros(2, 6, dtype=torch.int64), mask).tolist() == [True, False, False, True]


@pytest.mark.parametrize(("fields", "answer"), [
    ({"tasks": ("sort",)}, "tasks.0 is sort; input should be 'ascending'"),
    ({"tasks": ()}, "tasks is ()"),
    ({"tasks": ("add 1", "add 1")}, "tasks is add 1, add 1; each task may stand there once"),
    ({"weights": (0.5, 0.5)}, "weights has 2 entries and tasks 4; both must have the same"),
    ({"weights": (0.5, 0.5, 0.5, 0.5)}, "weights sums to 2; it must sum to 1"),
    ({"items": 2}, "items is 2; input should be greater than or equal to 4"),
    ({"digits": 17}, "digits is 17; input should be less than or equal to 16"),
], ids=str)
def test_lists_that_cannot_be_are_refused_in_one_sentence(fields, answer):
    with pytest.raises(SpecError) as refusal:
        Lists(**fields)
    assert str(refusal.value).startswith(answer) and "\n" not in str(refusal.value)
