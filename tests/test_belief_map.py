"""Beliefs about hidden states: the exact ones, linear maps to and from them, and what a short training writes into the states."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from tutor import measure, predictors, sources
from tutor.measure import belief
from tutor.measure.belief_map import LAST, check_hidden, fit_map, held_out_r2, list_last_tokens
from tutor.runs.run import build_initial
from tutor.runs.spec import RunSpec
from tutor.sources import HiddenMarkov
from tutor.training.loop import fit
from tutor.training.recipe import Recipe

Z1R = HiddenMarkov(transitions="Z1R, noisy")


def test_a_belief_is_the_rule_of_bayes_applied_once():
    first, second = measure.believe(HiddenMarkov(), torch.tensor([[2]]))[0]
    start, matrices = np.ones(3) / 3, np.array(HiddenMarkov().transitions)
    assert_allclose(first, start)
    assert_allclose(second, start @ matrices[2] / (start @ matrices[2]).sum())


def test_an_affine_relation_is_found_and_read_without_error():
    rng = np.random.default_rng(0)
    x, (weights, level) = rng.standard_normal((40, 6, 5)), (rng.standard_normal((5, 3)), rng.standard_normal(3))
    y = x @ weights + level
    assert_allclose(fit_map(x, y)(x), y, atol=1e-4)
    assert held_out_r2(x, y) == pytest.approx(1, abs=1e-6)
    assert abs(held_out_r2(x, rng.standard_normal((40, 6, 3)))) < 0.2            # nothing to be read


def test_the_vector_that_moves_a_belief_is_not_the_inverse_of_the_one_that_reads_it():
    rng = np.random.default_rng(1)
    beliefs = rng.dirichlet([1, 1, 1], (50, 4))
    states = np.concatenate([beliefs, rng.standard_normal((50, 4, 3)) * 0.1 + 10 * beliefs], axis=-1)
    writes, reads = fit_map(beliefs, states), fit_map(states, beliefs)
    step = np.array([1.0, -1.0, 0.0])
    assert_allclose(step @ writes.weights, [1, -1, 0, 10, -10, 0], atol=0.2)     # what a state does when its belief moves
    assert np.linalg.norm(step @ np.linalg.pinv(reads.weights) - step @ writes.weights) > 1


def test_last_tokens_stand_side_by_side_the_newest_first():
    row = list_last_tokens(torch.tensor([[1, 0, 1]]), 2)[0]
    assert row.shape == (3, 2 * LAST) and row[0].sum() == 0
    assert row[2, :4].tolist() == [1, 0, 0, 1] and row[2, 4:].sum() == 0         # before the third: a 0, and before it a 1


def test_a_network_learns_the_belief_where_predictions_alone_do_not_tell_it():
    spec = RunSpec(source=Z1R, body=predictors.LSTM(width=32),
                   recipe=Recipe(steps=300, batch=32, length=16, learning_rate=0.01, warmup=0.05, cosine=True, beta1=0.85, beta2=0.95,
                                 targets="bayes"))
    network = build_initial(spec)
    fit(network, Z1R, spec.recipe, seed=0)
    found = measure.score_beliefs(network, build_initial(spec), Z1R)
    tap = max(found.taps, key=found.taps.get)
    assert found.taps[tap] > 0.97 and found.residual[tap] > 0.95
    assert max(found.untrained.values()) < 0.85 and found.probabilities < 0.6 and found.last_tokens < 0.75


def test_where_predictions_tell_the_belief_nothing_is_left_over():
    untrained = build_initial(RunSpec(source=HiddenMarkov(), body=predictors.LSTM(width=8), recipe=Recipe.fast()))
    found = measure.score_beliefs(untrained, untrained, HiddenMarkov(), n=64)
    assert found.probabilities == pytest.approx(1, abs=1e-6) and all(np.isnan(value) for value in found.residual.values())
    assert found.taps == found.untrained


@pytest.mark.parametrize("source", [sources.Categorical(), sources.Lists()], ids=lambda one: one.kind)
def test_a_source_without_hidden_states_is_refused(source):
    with pytest.raises(ValueError, match=f"the source is {source.label}; beliefs about hidden states need a hidden Markov source"):
        check_hidden(source)


def test_a_belief_about_a_bias_refuses_a_source_without_one():
    with pytest.raises(ValueError, match="the source is Mess3; a belief about a bias needs coins or dice"):
        belief.posterior(HiddenMarkov(), (1, 2, 0))
