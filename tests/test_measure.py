"""Measures: an exact Bayes predictor in the shape of a network must score exactly what theory says."""

import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from tutor import evaluate, exact, measure, methods, predictors, sources
from tutor.measure import States, belief
from tutor.measure.probes import PENALTY, held_out_r2
from tutor.predictors import BODIES
from tutor.predictors.placement import Placement
from tutor.predictors.prompts import HardPrompt
from tutor.sources import PRESETS

each_preset = pytest.mark.parametrize("source", PRESETS.values(), ids=PRESETS)
each_kind = pytest.mark.parametrize("kind", BODIES)
COINS, SINGLE, MIXTURE = sources.DirichletCategorical(), sources.Categorical(), sources.Mixture()
DIE = sources.DirichletCategorical(alphas=(1,) * 6)


# Regret.

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


# States.

@each_kind
def test_states_hold_bos_the_prompt_and_the_data(kind, pretrained):
    tuned = methods.SoftPT(length=3).attach(pretrained[kind], 0)
    states = measure.capture(tuned, COINS.sample(5, 7, rng=0).tokens)
    assert states.prompt_end == 3
    assert {x.shape for x in states.values()} == {(5, 3 + 7, 16)}
    assert {x.dtype for x in states.values()} == {np.dtype("float32")}


@each_kind
def test_capture_leaves_the_network_as_it_was(kind, pretrained):
    tokens = COINS.sample(5, 7, rng=0).tokens
    before = pretrained[kind](tokens)
    measure.capture(pretrained[kind], tokens)
    assert torch.equal(pretrained[kind](tokens), before)
    assert not any(module._forward_hooks for module in pretrained[kind].modules())


def test_capture_hears_only_what_was_asked_for(pretrained):
    tokens = COINS.sample(2, 4, rng=0).tokens
    assert list(measure.capture(pretrained["lstm"], tokens, tap="*.cell")) == ["body.layers.0.cell"]
    with pytest.raises(ValueError, match=r"tap is 'body\.resid'; it matches none of"):
        measure.capture(pretrained["lstm"], tokens, tap="body.resid")


def test_the_states_of_an_ideal_network_are_its_counts(ideal_network):
    states = measure.capture(ideal_network(COINS), torch.tensor([[0, 0, 1, 0]]))
    assert_allclose(states["body.counts"][0], [[0, 0], [1, 0], [2, 0], [2, 1]])


def test_layers_are_joined_side_by_side():
    network = predictors.LSTM(width=8, layers=3).build(2, 0)
    states = measure.capture(network, torch.tensor([[0, 1, 1]]))
    assert states.joined().shape == (1, 3, 24)
    assert_allclose(states.joined()[..., 8:16], states["body.layers.1.cell"])
    with pytest.raises(ValueError, match=r"tap is 'body\.layers\.7\.cell'; captured were body\.layers\.0\.cell"):
        states.joined("body.layers.7.cell")


# Projection.

def states_of(x: np.ndarray) -> States:
    return States({"body.x": x.astype(np.float32)}, prompt_end=0, main="body.x")


@pytest.fixture
def plane():
    """States of width 6 in the plane of the first two axes, the first with more variance, and their projection."""
    rng = np.random.default_rng(0)
    x = np.zeros((20, 30, 6))
    x[..., :2] = rng.standard_normal((20, 30, 2)) * (3, 1) + (5, -2)
    return x, measure.fit_projection(states_of(x))


@each_kind
def test_a_basis_is_orthonormal_and_its_shares_fall_and_sum_to_at_most_one(kind, pretrained):
    projection = measure.fit_projection(measure.capture(pretrained[kind], COINS.sample(40, 30, rng=0).tokens))
    assert_allclose(projection.components @ projection.components.T, np.eye(10), atol=1e-5)
    assert (np.diff(projection.explained_variance) <= 0).all()
    assert 0.5 < projection.explained_variance.sum() <= 1 + 1e-6


def test_directions_in_which_nothing_varies_have_coordinate_zero(plane):
    x, projection = plane
    assert_allclose(projection(states_of(x)).coordinates[..., 2:], 0, atol=1e-4)


def test_a_basis_is_that_of_the_reference():
    x = np.random.default_rng(1).standard_normal((12, 9, 7)) @ np.random.default_rng(2).standard_normal((7, 7)) + 3
    found, reference = measure.fit_projection(states_of(x)), PCA(svd_solver="full").fit(x.astype(np.float32).reshape(-1, 7))
    assert_allclose(found.mean, reference.mean_, atol=1e-5)
    assert_allclose(found.explained_variance, reference.explained_variance_ratio_, atol=1e-5)
    assert_allclose(found.scale, np.sqrt(reference.explained_variance_), atol=1e-5)
    assert_allclose(np.abs((found.components * reference.components_).sum(1)), 1, atol=1e-4)     # signs are open


def test_a_reading_is_that_of_the_reference():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((10, 6, 4))
    y = x @ [1.0, -2.0, 0.5, 0.0] + 4 + 0.3 * rng.standard_normal((10, 6))
    fitted = Ridge(alpha=PENALTY).fit(x[:5].reshape(-1, 4), y[:5].reshape(-1))
    expected = r2_score(y[5:].reshape(-1), fitted.predict(x[5:].reshape(-1, 4)))
    assert held_out_r2(x, y) == pytest.approx(expected, abs=1e-9)


def test_a_full_basis_explains_all_variance():
    x = np.random.default_rng(0).standard_normal((10, 8, 4))
    assert measure.fit_projection(states_of(x)).explained_variance.sum() == pytest.approx(1)


def test_the_components_are_the_directions_of_greatest_variance(plane):
    _, projection = plane
    assert_allclose(np.abs(projection.components[:2]), np.eye(6)[:2], atol=0.05)
    assert_allclose(projection.explained_variance[:2], [0.9, 0.1], atol=0.02)


def test_coordinates_are_whitened_and_centred(plane):
    x, projection = plane
    coordinates = projection(states_of(x)).coordinates[..., :2]
    assert_allclose(coordinates.mean((0, 1)), 0, atol=1e-5)
    assert_allclose(coordinates.std((0, 1)), 1, atol=1e-2)


def test_states_in_the_plane_are_not_off_it(plane):
    x, projection = plane
    assert projection(states_of(x)).off_plane == pytest.approx(0, abs=1e-6)


def test_states_orthogonal_to_the_plane_are_all_off_it(plane):
    x, projection = plane
    beside = np.broadcast_to(x.mean((0, 1)), x.shape).copy()
    beside[..., 4] += np.random.default_rng(1).standard_normal((20, 30))
    assert projection(states_of(beside)).off_plane == pytest.approx(1, abs=1e-6)


def test_half_in_half_off(plane):
    x, projection = plane
    diagonal = np.broadcast_to(x.mean((0, 1)), x.shape).copy()
    diagonal[..., [0, 5]] += np.random.default_rng(1).choice([-1.0, 1.0], size=(20, 30, 1))
    assert projection(states_of(diagonal)).off_plane == pytest.approx(0.5, abs=0.01)


def test_the_axes_of_the_plane_can_be_picked(plane):
    x, projection = plane
    assert projection(states_of(x), axes=(0, 2)).off_plane == pytest.approx(projection.explained_variance[1], abs=1e-4)


@each_kind
def test_a_basis_fitted_on_one_network_is_applied_to_its_prompted_copy(kind, pretrained):
    tokens = COINS.sample(30, 20, rng=0).tokens
    projection = measure.fit_projection(measure.capture(pretrained[kind], tokens))
    states = measure.capture(methods.RandomPF(length=4).attach(pretrained[kind], 0), tokens)
    projected = projection(states)
    by_hand = (states.joined() - projection.mean) @ projection.components.T / projection.scale
    assert projected.coordinates.shape == (30, 4 + 20, 10)
    assert_allclose(projected.coordinates, by_hand, atol=1e-4)
    assert 0 <= projected.off_plane < 1


def test_states_of_another_width_are_refused(plane):
    _, projection = plane
    with pytest.raises(ValueError, match="states have width 5 and the basis has 6; they come from different networks or taps"):
        projection(states_of(np.zeros((2, 3, 5))))


# Probes.

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


# Belief.

@each_preset
def test_a_belief_has_mass_one_and_the_mean_that_bayes_predicts(source):
    believed = belief.posterior(source, (3, 1))
    width = 1 / len(believed.bias) if believed.continuous else 1
    assert believed.mass.sum() * width == pytest.approx(1, abs=1e-3)
    assert (believed.mass * believed.bias).sum() * width == pytest.approx(belief.predictive(source, (3, 1)), abs=1e-3)


def test_belief_flip_by_flip_counts_a_prefix_as_flips():
    assert_allclose(belief.flip_by_flip(COINS, (0, 0, 1)), [1 / 2, 2 / 3, 3 / 4, 3 / 5])
    assert_allclose(belief.flip_by_flip(COINS, (1,), prefix=(0, 0)), [3 / 4, 3 / 5])


def test_the_loss_of_an_ideal_predictor_is_the_entropy_and_its_regret():
    assert belief.bayes_loss(SINGLE, 10) == pytest.approx(-0.2 * math.log(0.2) - 0.8 * math.log(0.8))
    assert belief.bayes_loss(COINS, 1) == pytest.approx(math.log(2))
    tokens = COINS.sample(20_000, 10, rng=0).tokens
    sampled = -float(COINS.log_bayes(tokens).gather(-1, tokens[..., None]).mean())
    assert belief.bayes_loss(COINS, 10) == pytest.approx(sampled, abs=0.01)


@pytest.mark.parametrize("placement", [Placement(kind="infix", after=3), Placement(kind="suffix")], ids=lambda p: p.kind)
def test_states_say_where_a_displaced_prompt_ends(placement, pretrained):
    tuned = methods.RandomPF(length=2, placement=placement).attach(pretrained["lstm"], 0)
    states = measure.capture(tuned, COINS.sample(3, 8, rng=0).tokens)
    assert states.prompt_end == {"infix": 3 + 2, "suffix": 7 + 2}[placement.kind]
