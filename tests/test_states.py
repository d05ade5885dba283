"""States: what is captured at which position, and its projection on the plane in which states vary most."""

import numpy as np
import pytest
import torch
from every import each_kind
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA

from tutor import measure, methods, predictors, sources
from tutor.measure import States
from tutor.predictors.prompt_placement import Placement

COINS = sources.DirichletCategorical()


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


@pytest.mark.parametrize("placement", [Placement(kind="infix", after=3), Placement(kind="suffix")], ids=lambda p: p.kind)
def test_states_say_where_a_displaced_prompt_ends(placement, pretrained):
    tuned = methods.RandomPF(length=2, placement=placement).attach(pretrained["lstm"], 0)
    states = measure.capture(tuned, COINS.sample(3, 8, rng=0).tokens)
    assert states.prompt_end == {"infix": 3 + 2, "suffix": 7 + 2}[placement.kind]


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
