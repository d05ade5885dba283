"""Beliefs as pictures: corners are certainty, readings are fitted for every moment, and a film ends where the network is."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from tutor import measure, predictors
from tutor.analysis import belief_views, training_frames
from tutor.figures import MOVING_BELIEFS, BeliefPoints, belief_curve, belief_simplex, make_simplex, place_points, walk_picture
from tutor.figures.belief_simplex import mix_colours
from tutor.measure.belief_readings import FITTED, SHOWN, draw_histories
from tutor.runs.engine.runner import pretrain
from tutor.runs.frames import Frame, frame_arrays, frame_from
from tutor.runs.run import build_initial
from tutor.runs.spec import Evaluation, RunSpec
from tutor.runs.store import RunStore
from tutor.sources import HiddenMarkov
from tutor.training.recipe import Recipe

LENGTH = 8
SMALL = RunSpec(source=HiddenMarkov(), body=predictors.LSTM(width=8, layers=2), evaluation=Evaluation(length=LENGTH, sequences=16),
                recipe=Recipe(steps=30, batch=16, length=LENGTH, learning_rate=0.02, targets="bayes"))
CERTAIN = np.eye(3)[None]                                   # three beliefs, each certain of one state


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return pretrain(SMALL, RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none")))


def test_certainty_is_a_corner_and_ignorance_the_middle():
    triangle = make_simplex(CERTAIN)
    corners = triangle.place(CERTAIN)[0]
    sides = [np.linalg.norm(corners[a] - corners[b]) for a, b in ((0, 1), (1, 2), (2, 0))]
    assert_allclose(sides, 1)
    assert_allclose(triangle.place(np.full((1, 1, 3), 1 / 3))[0, 0], corners.mean(0))


@pytest.mark.parametrize(("states", "dimensions"), [(2, 2), (3, 2), (4, 3), (6, 2)])
def test_two_states_are_a_segment_four_a_solid_and_more_a_plane(states, dimensions):
    exact = np.random.default_rng(0).dirichlet(np.ones(states), (5, 7))
    simplex = make_simplex(exact)
    assert simplex.corners.shape == (states, dimensions) and simplex.solid == (states == 4)
    placed = simplex.place(exact)
    if states == 2:
        assert_allclose(placed[..., 0], exact[..., 1])                       # how likely the second state is
        assert_allclose(placed[0, :, 1], np.arange(7))                       # over the tokens read
    if states == 4:
        ends = simplex.place(np.eye(4)[None])[0]
        assert_allclose([np.linalg.norm(ends[a] - ends[b]) for a in range(4) for b in range(a)], 1)


def test_more_than_four_states_lie_on_the_plane_in_which_their_beliefs_differ_most():
    rng = np.random.default_rng(1)
    strong = rng.standard_normal((5, 40, 1)) * np.array([1, -1, 0, 0, 0]) + rng.standard_normal((5, 40, 1)) * np.array([0, 0, 1, -1, 0])
    beliefs = 0.2 + 0.05 * strong + 0.001 * rng.standard_normal((5, 40, 5))
    placed = make_simplex(beliefs).place(beliefs)
    assert placed.reshape(-1, 2).var(0).sum() > 0.99 * beliefs.reshape(-1, 5).var(0).sum()


def test_a_colour_is_that_of_a_state_where_the_belief_is_certain_and_a_mixture_between():
    red, green, blue, grey = mix_colours(np.concatenate([np.eye(3), np.full((1, 3), 1 / 3)]))
    assert len({red, green, blue, grey}) == 4
    parts = [[int(one[i:i + 2], 16) for i in (1, 3, 5)] for one in (red, green, blue, grey)]
    assert_allclose(np.mean(parts[:3], axis=0), parts[3], atol=1)


def test_a_triangle_draws_every_belief_at_its_place_and_the_walk_over_them():
    exact = np.random.default_rng(2).dirichlet([1, 1, 1], (4, 5))
    simplex, tokens = make_simplex(exact), np.zeros((4, 5), dtype=int)
    away = exact + np.array([0.3, -0.3, 0])
    picture = belief_simplex(simplex, BeliefPoints("network", away, exact, tokens, walk=exact[0]))
    dots, *_, walk = picture.figure.data
    assert (np.array([dots.x, dots.y]) == np.array(place_points(simplex, away), dtype=np.float32)).all()
    assert_allclose(np.array([walk.x, walk.y]).T, simplex.place(exact[:1])[0], atol=1e-6)
    assert list(dots.marker.color) == mix_colours(exact.reshape(-1, 3))            # by the exact belief, wherever the dot is
    assert f"{np.sqrt(0.18):.3f} away from the exact ones" in picture.alt
    assert_allclose(picture.table["A"] - picture.table["exact A"], 0.3)
    assert dots.text[0].startswith("read nothing") and dots.text[3].startswith("read 0 0 0<br>A ")


@pytest.mark.parametrize("states", [2, 4, 6])
def test_other_numbers_of_states_are_pictures_that_plotly_knows(states):
    exact = np.random.default_rng(0).dirichlet(np.ones(states), (3, 4))
    picture = belief_simplex(make_simplex(exact), BeliefPoints("exact", exact, exact, np.zeros((3, 4), dtype=int), exact[0]))
    assert {trace.type for trace in picture.figure.data} == ({"scatter3d"} if states == 4 else {"scatter"})


def test_layers_are_read_from_the_first_to_the_last():
    two = build_initial(SMALL)
    assert measure.list_layers(two) == ("body.layers.0.hidden", "body.layers.1.hidden")
    found = measure.read_layers(two, HiddenMarkov(), LENGTH)
    assert found.points.shape == (2, SHOWN, LENGTH, 3) and len(found.maps) == 2
    assert_allclose(found.points.sum(-1), 1, atol=1e-4)
    exact = measure.believe_histories(HiddenMarkov(), LENGTH)
    assert exact.shape == (FITTED + SHOWN, LENGTH, 3)
    assert_allclose(exact[:, 0], 1 / 3)                                            # before the first token


def test_a_score_is_one_for_the_exact_belief_and_zero_for_its_mean():
    exact = measure.believe_histories(HiddenMarkov(), LENGTH)[-SHOWN:]
    mean = np.broadcast_to(exact.mean((0, 1)), exact.shape)
    assert_allclose(measure.score_readings(np.stack([exact, mean]), exact), [1, 0], atol=1e-12)


def test_the_film_of_beliefs_begins_untrained_and_ends_at_the_network(run):
    view, history = belief_views.view_beliefs(run), training_frames.read_belief_history(run)
    assert history.steps[0] == 0 and history.steps[-1] == SMALL.recipe.steps
    assert history.moments.shape == (len(history.steps), 2, SHOWN, LENGTH, 3)
    assert_allclose(history.moments[0], view.untrained.points, atol=2e-3)          # kept in half precision
    assert_allclose(history.moments[-1], view.trained.points, atol=2e-3)
    assert_allclose(history.r2[-1], measure.score_readings(view.trained.points, view.exact), atol=1e-3)
    assert (draw_histories(HiddenMarkov(), LENGTH)[-SHOWN:].numpy() == view.tokens).all()


def test_a_frame_keeps_its_beliefs_and_one_without_has_none(run):
    frame = run.frames()[-1]
    again = frame_from(Path("here"), frame_arrays(frame))
    assert (again.beliefs == frame.beliefs).all()
    bare = Frame(1, 0, frame.states, frame.probs, frame.tokens, frame.tap)
    assert frame_from(Path("here"), frame_arrays(bare)).beliefs is None


def test_a_walk_is_the_forward_algorithm_beside_the_network(run):
    maps = belief_views.view_beliefs(run).trained.maps
    walk = belief_views.walk_beliefs(run.predictor, SMALL.source, maps, (0, 2))
    assert_allclose(walk.exact, measure.believe(SMALL.source, torch.tensor([[0, 2]]))[0])
    assert walk.read.shape == (2, 3, 3) and walk.predicted.shape == (3, 3)
    assert_allclose(walk.predicted.sum(1), 1, atol=1e-5)
    assert_allclose(walk.expected[0], 1 / 3)
    assert (walk.kl > 0).all() and walk.kl[0] < walk.kl.max() + 1e-12
    other = belief_views.walk_beliefs(run.predictor, SMALL.source, maps, (0,))
    assert_allclose(other.read, walk.read[:, :2], atol=1e-5)                       # what comes later changes nothing
    with pytest.raises(ValueError, match="a sequence holds token 3; this source has tokens 0 to 2"):
        belief_views.walk_beliefs(run.predictor, SMALL.source, maps, (3,))


def test_the_curve_shows_what_is_missed_and_what_less_than_a_state_misses():
    picture = belief_curve([0, 10], {"layer 1": np.array([0.5, 0.01])}, {"from the last 4 tokens": 0.2})
    layer, reference = picture.figure.data
    assert_allclose(layer.y, [0.5, 0.01]) and list(reference.y) == pytest.approx([0.2, 0.2])
    assert picture.figure.layout.yaxis.type == "log"
    assert picture.alt == "What is not read off layer 1 falls from 0.5 before training to 0.01 after 10 steps."


def test_what_comes_next_is_drawn_for_both_predictors():
    expected, predicted = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.5, 0.5], [0.8, 0.2]])
    picture = walk_picture((1,), expected, predicted)
    assert [list(bar.y) for bar in picture.figure.data] == [pytest.approx([0.9, 0.1]), pytest.approx([0.8, 0.2])]
    assert picture.alt == "After 1 tokens the network's next-token probabilities differ from the ideal ones by at most 0.100."
    assert list(picture.table["read"]) == ["", "1"]


def test_frames_move_the_dots():
    exact = np.random.default_rng(0).dirichlet([1, 1, 1], (2, 3))
    picture = belief_simplex(make_simplex(exact), BeliefPoints("exact", exact, exact, np.zeros((2, 3), dtype=int)))
    assert picture.figure.data[MOVING_BELIEFS].mode == "markers" and len(picture.figure.data[MOVING_BELIEFS].x) == 6
