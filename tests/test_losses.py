"""Losses and divergences, by hand."""

import math

import pytest
import torch
from numpy.testing import assert_allclose

from tutor.core.losses import cross_entropy, kl, log_loss, mean_kl

HALF, SURE = [math.log(0.5), math.log(0.5)], [math.log(0.8), math.log(0.2)]


def test_losses_by_hand():
    log_p, target = torch.tensor([[SURE, HALF]]), torch.tensor([[[1.0, 0.0], [0.5, 0.5]]])
    everything, first = torch.tensor([[True, True]]), torch.tensor([[True, False]])
    assert float(cross_entropy(target, log_p, everything)) == pytest.approx((-math.log(0.8) + math.log(2)) / 2)
    assert float(cross_entropy(target, log_p, first)) == pytest.approx(-math.log(0.8))
    assert_allclose(log_loss(torch.tensor([[1, 0]]), log_p), [[-math.log(0.2), math.log(2)]], rtol=1e-6)


def test_divergences_by_hand():
    log_q, log_p = torch.tensor([[HALF, SURE]]), torch.tensor([[SURE, SURE]])
    expected = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2)
    assert_allclose(kl(log_q, log_p), [[expected, 0]], atol=1e-6)
    assert float(mean_kl(log_q, log_p, torch.tensor([[True, True]]))) == pytest.approx(expected / 2)
    assert float(mean_kl(log_q, log_p, torch.tensor([[False, True]]))) == pytest.approx(0, abs=1e-6)


def test_a_token_that_is_ruled_out_costs_nothing():
    sure = torch.tensor([[[0.0, -math.inf]]])
    assert float(kl(sure, torch.tensor([[SURE]]))) == pytest.approx(-math.log(0.8))
    assert float(kl(sure, sure)) == 0
