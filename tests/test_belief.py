"""Beliefs about a coin follow the rule of Bayes, and tell what an ideal predictor loses, behind a prompt or without."""

import math

import numpy as np
import pytest
import torch
from every import each_preset
from numpy.testing import assert_allclose
from smallest import COIN, COINS

from tutor import exact, sources
from tutor.analysis import run_states
from tutor.measure import belief

SINGLE, TWO = COIN, sources.Mixture()


@each_preset
def test_a_belief_has_mass_one_and_the_mean_that_bayes_predicts(source):
    believed = belief.posterior(source, (3, 1))
    width = 1 / len(believed.bias) if believed.continuous else 1
    assert believed.mass.sum() * width == pytest.approx(1, abs=1e-3)
    assert (believed.mass * believed.bias).sum() * width == pytest.approx(belief.predict_next(source, (3, 1)), abs=1e-3)


def test_a_density_of_beliefs_has_mass_one_and_the_predictive_mean():
    believed = belief.posterior(COINS, (3, 7))
    assert believed.mass.mean() == pytest.approx(1, abs=1e-6)
    assert (believed.bias * believed.mass).mean() == pytest.approx(belief.predict_next(COINS, (3, 7)), abs=1e-4)


def test_beliefs_about_two_coins_follow_the_rule_of_bayes():
    likelihood = np.array([0.2 * 0.8**3, 0.8 * 0.2**3])
    np.testing.assert_allclose(belief.posterior(TWO, (1, 3)).mass, likelihood / likelihood.sum())


def test_a_source_without_a_form_of_its_own_still_tells_a_belief():
    general = belief._posterior.dispatch(object)(COINS, torch.tensor([3.0, 7.0], dtype=torch.float64))
    weights = general.mass / general.mass.sum()
    assert (weights * general.bias).sum() == pytest.approx(belief.predict_next(COINS, (3, 7)), abs=1e-9)


def test_belief_flip_by_flip_counts_a_prefix_as_flips():
    assert_allclose(belief.predict_each_flip(COINS, (0, 0, 1)), [1 / 2, 2 / 3, 3 / 4, 3 / 5])
    assert_allclose(belief.predict_each_flip(COINS, (1,), prefix=(0, 0)), [3 / 4, 3 / 5])


def test_pseudo_flips_shift_every_prediction_as_flips_do():
    behind = belief.predict_each_flip(COINS, (0, 1), prefix=(1, 1))
    np.testing.assert_allclose(behind, belief.predict_each_flip(COINS, (1, 1, 0, 1))[2:])


def test_the_loss_of_an_ideal_predictor_is_the_entropy_and_its_regret():
    assert belief.bayes_loss(SINGLE, 10) == pytest.approx(-0.2 * math.log(0.2) - 0.8 * math.log(0.8))
    assert belief.bayes_loss(COINS, 1) == pytest.approx(math.log(2))
    tokens = COINS.sample(20_000, 10, rng=0).tokens
    sampled = -float(COINS.log_bayes(tokens).gather(-1, tokens[..., None]).mean())
    assert belief.bayes_loss(COINS, 10) == pytest.approx(sampled, abs=0.01)


def test_the_bayes_line_lies_where_an_ideal_network_trains(ideal_network):
    batch = COINS.sample(4000, 8, 0)
    loss = -ideal_network(COINS)(batch.tokens).gather(-1, batch.tokens[..., None]).mean().item()
    assert belief.bayes_loss(COINS, 8) == pytest.approx(loss, abs=0.01)


def test_many_prompts_at_once_cost_what_each_costs_alone():
    prompts = [(), (1,), (0, 1, 1), (1, 1, 1, 1)]
    alone = [exact.cumulative_regret(predictor=COINS, on=TWO, length=30, prefix=prompt)[-1] for prompt in prompts]
    np.testing.assert_allclose(run_states.regret_behind_prompts(COINS, TWO, prompts, 30), alone, rtol=1e-9)


@pytest.mark.parametrize("target", [COIN, TWO], ids=["one coin", "two coins"])
def test_the_reach_of_prompts_is_that_of_the_best_hard_prefix(target):
    reach = run_states.compute_reach(COINS, target, longest=3, length=30)
    best, regret = exact.best_hard_prefix(predictor=COINS, on=target, prompt_length=3, length=30)
    assert reach.regret[3] == pytest.approx(regret[-1]) and sorted(reach.best[3]) == sorted(best)
