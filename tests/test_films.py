"""What films show: states that emerge, predictions that become the ideal ones, a prompt that walks; also before a run is finished."""

import numpy as np
import orjson
import pytest
import torch
from smallest import COIN, COINS, pretraining, tuning

from tutor import figures, measure, methods
from tutor.analysis import run_states, training_frames
from tutor.figures import palette
from tutor.measure import belief
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources import Categorical, HiddenMarkov

STEPS = 24


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def base(store):
    return pretrain(pretraining(steps=STEPS), store)


@pytest.fixture(scope="module")
def ground(base):
    return run_states.fit_state_cloud(base.predictor, COINS)


@pytest.fixture(scope="module")
def plane(ground):
    return figures.Plane(ground.coordinates, ground.projection.explained_variance)


@pytest.fixture(scope="module")
def soft(store, base):
    return pretrain(tuning(base.spec, method=methods.SoftPT(length=3), steps=20, repetitions=1), store)


def test_states_of_a_film_are_those_of_the_network_at_that_step(base, ground):
    found, frame = training_frames.project_training(base, ground), base.frames()[-1]
    states = measure.capture(base.predictor, torch.from_numpy(frame.tokens.astype(np.int64)))
    now = ground.projection(states).coordinates[:, states.prompt_end :]
    assert found.steps[0] == 0 and found.steps[-1] == STEPS
    assert found.moments[-1] == pytest.approx(now, abs=0.05)  # films are kept in half precision
    assert not np.allclose(found.moments[0], now, atol=0.3)


def test_a_state_knows_what_it_has_seen():
    known = run_states.count_seen_flips(np.array([[0, 1, 0, 0]]), np.array([[0.7, 0.3]]), Categorical())
    assert known.flips.tolist() == [[0, 1, 2, 3]]
    assert known.ratio == pytest.approx(np.array([[0.5, 1, 0.5, 2 / 3]]))
    assert known.bias.tolist() == [[0.7] * 4]


def test_a_path_of_hidden_states_is_never_read_as_a_bias():
    batch = HiddenMarkov().sample(3, 8, 0)
    known = run_states.count_seen_flips(batch.tokens.numpy(), batch.latent.numpy(), HiddenMarkov())
    assert known.names == ["flips", "ratio"] and known.every(2).bias is None
    with pytest.raises(ValueError, match="colour is bias; it needs a source of coins or dice, and this one has only flips and ratio"):
        known.read("bias")


def test_components_point_to_where_flips_and_heads_grow(ground):
    statistics = [ground.seen.flips.reshape(-1), ground.seen.ratio.reshape(-1)]
    for component in ground.coordinates.reshape(-1, ground.coordinates.shape[-1]).T[:2]:
        along = [np.corrcoef(component, statistic)[0, 1] for statistic in statistics]
        assert max(along, key=abs) > 0


def test_a_turned_basis_spans_the_same_plane(ground):
    turned = ground.projection.facing(-ground.coordinates, ground.seen.flips, ground.seen.ratio)
    assert np.abs(turned.components) == pytest.approx(np.abs(ground.projection.components))
    assert turned.components[:2] == pytest.approx(-ground.projection.components[:2])


def test_a_run_that_is_not_finished_has_a_plane_of_its_newest_frame(store, base):
    steps = base.folder.film.steps()
    found = training_frames.project_training(base)
    newest = np.concatenate([states.reshape(-1, states.shape[-1]) for states in found.moments[-1:]])
    assert found.steps == steps
    assert newest[:, 0].std() == pytest.approx(1, abs=0.1) and abs(newest[:, 0].mean()) < 0.05  # whitened by itself


def test_no_film_is_no_error(store):
    folder = store.create(pretraining(seed=5))
    waiting = store.load(folder.key)
    assert training_frames.project_training(waiting) is None and training_frames.read_predictions(waiting) is None


def test_predictions_stand_beside_the_exact_ones(base):
    found, tokens = training_frames.read_predictions(base), base.frames()[-1].tokens
    every = -(-tokens.size // training_frames.MAX_STATES)
    one = belief.predict_each_flip(COINS, tuple(tokens[3, :-1].tolist()))
    assert found.ideal[3] == pytest.approx(np.asarray(one)[::every], abs=1e-9)
    away = [np.abs(moment - found.ideal).mean() for moment in found.moments]
    assert away[-1] < away[0]  # that is what pretraining is for


def test_a_prompt_walks_in_the_plane_of_its_base_and_ends_where_it_is_drawn(soft, ground, plane):
    walk = training_frames.project_tuning(soft, ground)
    assert walk.steps[0] == 0 and walk.steps[-1] == 20 and walk.prompt_end == 3
    drawn = run_states.follow_states(ground, soft.predictor, COIN)
    (_, _, (x,)), (_, _, (y,)) = figures.moment_traces(plane, walk.trails[-1], walk.prompt_end)
    assert (x, y) == pytest.approx(tuple(drawn.coordinates[0, 3, :2]), abs=0.02)
    (_, _, (before,)), _ = figures.moment_traces(plane, walk.trails[0], 3)
    assert before != x


def test_a_walk_moves_the_traces_that_are_drawn_of_a_single_path(plane, ground, soft):
    found = run_states.follow_states(ground, soft.predictor, COIN)
    traces = figures.trajectories(plane, [figures.Path("SoftPT", found.coordinates, found.prompt_end, 0.1)], legend=False).figure.data
    xs, _ = figures.moment_traces(plane, found.coordinates, found.prompt_end)
    assert len(traces) == 1 + len(figures.WALKING)
    assert [len(traces[index].x) for index in figures.WALKING] == [len(x) for x in xs]
    assert traces[3].marker.color == palette.RED
    assert list(traces[2].meta) == ["BOS", "vector 1", "vector 2", "vector 3"]


def test_a_gap_between_sequences_travels_as_null(plane, soft, ground):
    walk = training_frames.project_tuning(soft, ground)
    (x, _, _), _ = figures.moment_traces(plane, walk.trails[-1], walk.prompt_end)
    told = orjson.loads(orjson.dumps(x, option=orjson.OPT_SERIALIZE_NUMPY))
    assert told.count(None) == len(walk.trails[-1]) - 1


def test_whose_weights_were_tuned_walks_in_its_own_plane(store, base):
    run = pretrain(tuning(base.spec, method=methods.FullWT(), repetitions=1), store)
    own = run_states.fit_state_cloud(run.predictor, run.spec.source)
    walk = training_frames.project_tuning(run, own)
    drawn = run_states.follow_states(own, run.predictor, COIN).coordinates[:, :8, :2]
    assert walk.trails[-1][0, 0, :2] == pytest.approx(drawn[0, 0], abs=0.03)


def test_another_network_has_no_walk_here(soft, pretrained):
    assert training_frames.project_tuning(soft, run_states.fit_state_cloud(pretrained["lstm"], COINS)) is None
