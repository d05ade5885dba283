"""Probes: what can be read from a state, and whether a prediction cares about the order of what was seen."""

import math

import numpy as np
import pytest
import torch
from every import each_kind
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from tutor import measure, sources
from tutor.measure.probes import PENALTY, held_out_r2
from tutor.measure.state_plane import measure_state_plane
from tutor.predictors.prompt_inputs import HardPrompt

COINS = sources.DirichletCategorical()


def test_a_reading_is_that_of_the_reference():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((10, 6, 4))
    y = x @ [1.0, -2.0, 0.5, 0.0] + 4 + 0.3 * rng.standard_normal((10, 6))
    fitted = Ridge(alpha=PENALTY).fit(x[:5].reshape(-1, 4), y[:5].reshape(-1))
    expected = r2_score(y[5:].reshape(-1), fitted.predict(x[5:].reshape(-1, 4)))
    assert held_out_r2(x, y) == pytest.approx(expected, abs=1e-9)


def test_a_state_that_holds_the_sufficient_statistics_scores_one(ideal_network):
    (found,) = measure.probe(ideal_network(COINS), COINS, length=20, n=64)
    assert found.tap == "body.counts"
    assert found.step_r2 == pytest.approx(1, abs=1e-6)             # the number of flips is linear in the counts
    assert 0.5 < found.ratio_r2 < 1                                # the ratio is not


def test_a_state_of_noise_scores_about_zero():
    rng = np.random.default_rng(0)
    assert abs(held_out_r2(rng.standard_normal((200, 20, 5)), rng.standard_normal((200, 20)))) < 0.02


def test_a_state_that_holds_the_wanted_number_scores_one_on_held_out_sequences():
    wanted = np.random.default_rng(0).standard_normal((40, 20))
    assert held_out_r2(np.stack([wanted, wanted**2], axis=-1), 3 - 2 * wanted) == pytest.approx(1, abs=1e-6)


def test_what_was_learned_by_heart_does_not_count():
    rng = np.random.default_rng(0)
    assert held_out_r2(rng.standard_normal((10, 4, 15)), rng.standard_normal((10, 4))) < 0       # 20 rows, 15 columns


@each_kind
def test_every_tap_of_a_trained_network_is_probed_and_knows_the_flips(kind, pretrained):
    found = {probe.tap: probe for probe in measure.probe(pretrained[kind], COINS, length=30, n=128)}
    assert set(found) == set(measure.capture(pretrained[kind], torch.tensor([[0, 1]])))
    assert max(probe.step_r2 for probe in found.values()) > 0.9
    assert max(probe.ratio_r2 for probe in found.values()) > 0.9


def test_a_prompt_before_the_data_does_not_shift_what_a_probe_asks_for(ideal_network):
    network = ideal_network(COINS)
    network.token_prompt = HardPrompt((0, 1, 1), 2)
    assert measure.probe(network, COINS, length=20, n=64)[0].step_r2 == pytest.approx(1, abs=1e-6)


# Order.

def test_an_exact_bayes_predictor_does_not_care_about_order(ideal_network):
    found = measure.order_sensitivity(ideal_network(COINS), COINS, at=(5, 20), n=8, shuffles=4)
    assert found.at == (5, 20)
    assert_allclose(found.divergence, 0, atol=1e-6)


def test_a_network_cares_and_the_same_seed_says_how_much(pretrained):
    one, same = (measure.order_sensitivity(pretrained["lstm"], COINS, at=(10,), n=8, shuffles=8).divergence for _ in range(2))
    assert one[0] > 1e-5 and one[0] == same[0]


def test_the_divergence_of_orders_by_hand(ideal_network):
    class LastFlip(torch.nn.Module):
        """Predicts that the last flip repeats with probability 0.9."""

        def forward(self, inputs):
            return torch.where(inputs.placed(inputs.rows) > 0.5, math.log(0.9), math.log(0.1))

    network = ideal_network(COINS)
    network.body = LastFlip()
    found = measure.order_sensitivity(network, COINS, at=(2,), n=400, shuffles=64).divergence[0]
    between = math.log(2) + 0.9 * math.log(0.9) + 0.1 * math.log(0.1)                  # Jensen-Shannon of 0.9 and 0.1
    assert found == pytest.approx(between / 3, rel=0.15)           # a third of all pairs of flips are a head and a tail


def test_a_state_that_is_the_two_statistics_fills_the_plane(ideal_network):
    plane = measure_state_plane(ideal_network(COINS), COINS, length=20, n=64)
    assert (plane.step_r2, plane.balance_r2) == pytest.approx((1, 1),
                                                              abs=1e-6)            # both are linear in the counts of heads and tails
    assert sum(plane.steps_on) == pytest.approx(1, abs=0.05) and sum(plane.balance_on) == pytest.approx(1, abs=0.05)
