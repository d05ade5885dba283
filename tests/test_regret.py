"""Regret: an exact Bayes predictor in the shape of a network must score exactly what theory says."""

import math

import numpy as np
import pytest
import torch
from every import each_preset
from numpy.testing import assert_allclose

from tutor import evaluate, exact, predictors, sources
from tutor.predictors.prompt_inputs import HardPrompt

COINS, SINGLE, MIXTURE = sources.DirichletCategorical(), sources.Categorical(), sources.Mixture()
DIE = sources.DirichletCategorical(alphas=(1,) * 6)


@each_preset
def test_the_exact_bayes_predictor_has_no_excess_and_the_exact_regret(source, ideal_network):
    regret = evaluate(ideal_network(source), on=source, length=40, n=64)
    assert_allclose(regret.excess, 0, atol=1e-5)
    assert_allclose(regret.cumulative, exact.cumulative_regret(predictor=source, on=source, length=40), atol=1e-5)
    assert_allclose(regret.instant.cumsum(), regret.cumulative)


@pytest.mark.parametrize(("prior", "on"), [(COINS, SINGLE), (COINS, MIXTURE), (MIXTURE, SINGLE)], ids=lambda s: s.label)
def test_another_ideal_predictor_has_the_regret_of_the_exact_sum_within_its_noise(prior, on, ideal_network):
    regret = evaluate(ideal_network(prior), on=on, length=30, n=4096)
    expected = exact.cumulative_regret(predictor=prior, on=on, length=30)
    unavoidable = exact.cumulative_regret(predictor=on, on=on, length=30)
    assert_allclose(regret.cumulative, expected, atol=0.05)
    assert_allclose(regret.excess, expected - unavoidable, atol=0.05)


def test_a_hard_prompt_before_an_ideal_network_has_the_exact_regret_of_the_prefix(ideal_network):
    network = ideal_network(COINS)
    network.token_prompt = HardPrompt((0, 1, 1, 1, 1, 1), 2)
    regret = evaluate(network, on=SINGLE, length=50, n=4096)
    assert regret.cumulative[49] == pytest.approx(0.571095, abs=0.02)                  # PreBayesPT, L = 6


@each_preset
def test_the_sampled_regret_agrees_with_the_exact_expectation_within_its_noise(source, ideal_network):
    regret = evaluate(ideal_network(COINS), on=source, length=50, n=4096)
    assert_allclose(regret.sampled, regret.cumulative, atol=0.1)
    assert np.abs(regret.sampled - regret.cumulative).max() > 1e-4                     # two measurements, not one


def test_a_constant_guess_pays_the_same_at_every_flip(tiny):
    deaf = tiny(predictors.LSTM).build(2, 0)
    torch.nn.init.zeros_(deaf.unembed.weight)
    torch.nn.init.zeros_(deaf.unembed.bias)
    regret = evaluate(deaf, on=SINGLE, length=9, n=32)
    assert_allclose(regret.instant, 0.2 * math.log(0.4) + 0.8 * math.log(1.6), atol=1e-6)


def test_regret_does_not_depend_on_the_size_of_the_pieces(ideal_network):
    log_coin = torch.tensor([0.2, 0.8]).double().log()
    for n in (1, 128, 300):                                        # less than one piece, one piece, several and a rest
        tokens = SINGLE.sample(n, 10, 3).tokens
        loss = log_coin[tokens] - COINS.log_bayes(tokens).gather(-1, tokens[..., None])[..., 0]
        regret = evaluate(ideal_network(COINS), on=SINGLE, length=10, n=n, seed=3)
        assert_allclose(regret.sampled, loss.mean(0).cumsum(0), atol=1e-5)


def test_the_same_seed_measures_the_same_numbers(tiny):
    network = tiny(predictors.LSTM).build(2, 0)
    one, same, other = (evaluate(network, on=MIXTURE, length=8, n=64, seed=seed) for seed in (1, 1, 2))
    assert_allclose(one.cumulative, same.cumulative, rtol=0)
    assert np.abs(one.cumulative - other.cumulative).max() > 0


def test_dice_too_many_for_the_exact_sum_are_measured_by_sampling(ideal_network):
    regret = evaluate(ideal_network(DIE), on=DIE, length=30, n=1024)
    assert_allclose(regret.cumulative[:12], exact.cumulative_regret(predictor=DIE, on=DIE, length=12), atol=0.15)
    assert_allclose(regret.excess, 0, atol=1e-4)


def test_a_sure_coin_is_measured_without_nan(ideal_network):
    heads = sources.Categorical(probs=(1, 0))
    regret = evaluate(ideal_network(COINS), on=heads, length=9, n=16)
    assert_allclose(regret.cumulative, np.log1p(np.arange(1, 10)), atol=1e-5)
    assert_allclose(regret.sampled, regret.cumulative, atol=1e-5)


def test_a_coin_network_is_not_measured_on_a_die(tiny):
    with pytest.raises(ValueError, match="predictor has 2 symbols and on has 6; both must have the same"):
        evaluate(tiny(predictors.LSTM).build(2, 0), on=DIE, length=5, n=16)
