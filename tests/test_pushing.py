"""Where prefixes push the output of an attention layer: along one direction each, as edited, and as their films end."""

import numpy as np
import pytest
import torch
from list_networks import SOURCE, network, prefix
from smallest import list_prefix

from tutor import figures, measure
from tutor.analysis import prefix_attention, prefix_bias
from tutor.methods import PrefixPT
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore


@pytest.fixture(scope="module")
def pair():
    base = network()
    return base, {f"prefix {seed}": prefix(base, seed) for seed in (1, 2)}


@pytest.mark.parametrize(("layers", "layer"), [(None, 0), (1, 1)])
def test_a_film_of_a_prefix_ends_where_the_prefix_pushes(tmp_path, layers, layer):
    method = PrefixPT(length=2, init="normal", layers=layers)
    store, spec = RunStore(tmp_path, shipped=tmp_path / "none"), list_prefix("descending")
    fast = {"method": method, "tuning": spec.tuning.model_copy(update={"learning_rate": 0.5})}
    run = pretrain(spec.model_copy(update=fast), store)
    base, source, tap = store.load(spec.base().key()).predictor, run.spec.on, prefix_bias.OUTPUT.format(layer)
    assert prefix_attention.first_prefix_layer(run.spec) == layer
    plane = prefix_bias.push_outputs(base, {source.label: run.predictor}, source, layer)
    walk = prefix_bias.read_push_history(run, base, plane)
    tokens = torch.from_numpy(run.frames()[-1].tokens.astype(np.int64))
    heard = [measure.capture(network, tokens, tap)[tap][:, source.items] for network in (base, run.predictor)]
    assert walk.steps[0] == 0 and walk.steps[-1] == run.spec.tuning.steps
    assert walk.without == pytest.approx(plane.flat(heard[0]), abs=1e-6)
    assert walk.moments[-1] == pytest.approx(plane.flat(heard[1]), rel=1e-2, abs=1e-4)            # films are kept in half precision
    assert np.abs(walk.moments[0] - walk.moments[-1]).max() > 10 * np.abs(walk.moments[-1] - plane.flat(heard[1])).max()


def test_the_traces_that_move_are_those_of_the_chosen_prefix():
    without, behind = np.zeros((3, 2)), {"one": np.ones((3, 2)), "two": np.full((3, 2), 2.0)}
    drawn = figures.bias_scatter(without, behind, explained=1.0).figure.data
    x, y = figures.pushed_positions(without, behind["two"])
    for trace, xs, ys in zip(figures.pushed_traces(1, 2), x, y, strict=True):
        assert np.array_equal(drawn[trace]["x"], xs, equal_nan=True) and np.array_equal(drawn[trace]["y"], ys, equal_nan=True)


def test_prefixes_push_all_lists_and_an_edited_one_is_drawn_in_the_same_plane(pair):
    base, prefixes = pair
    moved = prefix_bias.push_outputs(base, prefixes, SOURCE, n=12)
    assert moved.without.shape == (12, 2) and 0 < moved.explained <= 1
    assert all(np.abs(points - moved.without).max() > 1e-3 for points in moved.behind.values())
    nothing = moved.moved("prefix 2", prefix_attention.edit_prefix(prefixes["prefix 2"], without=(0,)), SOURCE)
    assert list(nothing.behind) == list(moved.behind) and nothing.behind["prefix 1"] is moved.behind["prefix 1"]
    assert nothing.behind["prefix 2"] == pytest.approx(moved.without, abs=1e-6)


def test_one_vector_per_layer_is_one_direction_per_head(pair):
    base, prefixes = pair
    tokens = SOURCE.sample(12, SOURCE.natural_length, 0).tokens
    assert [measure.prefix_effect(base, one, tokens)[0].rank for one in prefixes.values()] == [1, 1]
