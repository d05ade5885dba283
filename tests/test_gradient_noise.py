"""Which targets have the less noisy gradient: the same expectation, and a variance that depends on how well the network predicts."""

import math

import pytest
import torch

from tutor.bench.gradient_noise import begin_tuning, compare_means, sample_gradients
from tutor.methods import FullWT, SoftPT
from tutor.predictors import LSTM
from tutor.studies.presets import COINS, SINGLE


@pytest.fixture(scope="module")
def untrained():
    return LSTM(width=8).build(2, 0)


def test_means_of_one_distribution_are_as_far_apart_as_chance_has_it_and_others_further():
    drawn = torch.Generator().manual_seed(0)
    one, other = torch.randn(400, 50, generator=drawn), torch.randn(400, 50, generator=drawn)
    assert 0.5 < compare_means(one, other) < 1.6
    assert compare_means(one, other + 0.5) > 40


@pytest.mark.parametrize(("method", "source"), [(SoftPT(), SINGLE), (FullWT(), SINGLE), (None, COINS)])
def test_exact_targets_have_the_expected_gradient_of_drawn_tokens(untrained, method, source):
    predictor = begin_tuning(method, untrained) if method else untrained
    drawn, exact = (sample_gradients(predictor, source, targets, 200) for targets in ("sampled", "bayes"))
    assert compare_means(drawn, exact) < 2.5


def test_the_last_layer_s_noise_is_that_of_a_coin():
    """A bias of the last layer has the gradient p - target: with drawn flips the variance of a mean of flips, with exact ones none."""
    predictor = LSTM(width=8).build(2, 0)
    for name, parameter in predictor.named_parameters():
        parameter.requires_grad = name.endswith("unembed.bias")
    drawn, exact = (sample_gradients(predictor, SINGLE, targets, 2000) for targets in ("sampled", "bayes"))
    assert drawn.shape == (2000, 2)
    assert math.isclose(drawn.var(0)[0].item(), 0.2 * 0.8 / (4 * 50), rel_tol=0.15)
    assert exact.var(0)[0].item() < 0.02 * drawn.var(0)[0].item()
