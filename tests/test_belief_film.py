"""The film of beliefs: what it shows is what the network says, it keeps what changes, and a file says the same again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tutor.analysis import belief_film
from tutor.analysis.belief_film import COINS, FIRST, FLIPS, choose_moments, film_of, read_expectations, spread_coins
from tutor.analysis.manual_prompts import attach_prompt
from tutor.runs.io.formats import StoreError
from tutor.runs.store import RunStore

FILMED, TUNED = "de23c0aba73abe8a", "ba9d25ae6641f852"
"""The shipped LSTM on random coins, and its soft prompt for a coin of 0.2."""


@pytest.fixture(scope="module")
def run():
    return RunStore().load(FILMED)


@pytest.fixture(scope="module")
def film(run):
    return film_of(run)


def test_the_shares_of_heads_are_evenly_spread_and_always_the_same():
    tokens = spread_coins()
    heads = (tokens == 0).sum(1)
    assert tokens.shape == (COINS, FLIPS) and heads.tolist() == sorted(heads) and heads.sum() * 2 == COINS * FLIPS
    assert (spread_coins() == tokens).all()


def test_the_shipped_film_ends_with_what_the_network_says(run, film):
    assert np.abs(film.expects[-1] - read_expectations(run.predictor, film.tokens)).max() < belief_film.EQUAL
    assert film.steps[0] == 0 and film.steps[-1] == run.spec.recipe.steps and len(film.steps) <= belief_film.MOMENTS


def test_it_begins_as_noise_and_ends_close_to_the_ideal_predictor(film):
    heads = np.pad((film.tokens == 0).cumsum(1), ((0, 0), (1, 0)))
    ideal = (heads + 1) / (np.arange(FLIPS + 1) + 2)
    assert np.abs(film.expects[0] - 0.5).max() < 0.1 and np.abs(film.expects[-1] - ideal).mean() < 0.01


def test_a_hard_prompt_is_read_as_so_many_flips(film):
    expects, flips = film.hard.T
    heads = np.cumsum([0, *(letter == "H" for letter in FIRST)])
    assert np.abs(flips - np.arange(len(FIRST) + 1)).max() < 0.3
    assert np.abs(expects - (heads + 1) / (np.arange(len(FIRST) + 1) + 2)).max() < 0.01


def test_the_tuned_prompt_ends_at_its_coin_and_is_worth_more_than_a_hundred_flips(film):
    assert film.coin == 0.2 and abs(film.walk[-1, 0] - 0.2) < 0.01 and film.walk[-1, 1] > 100 > film.walk[0, 1]


def test_a_belief_is_the_probability_before_any_flip(run):
    prompted = attach_prompt(run.predictor, np.array([[0.0, 1.0]]))
    expects, _ = belief_film.believe(prompted)
    assert expects == pytest.approx(read_expectations(prompted, np.array([[0]]))[0, 0]) and abs(expects - 1 / 3) < 0.01


@given(arrays(float, (20, 3, 4), elements=st.floats(0, 1)), st.integers(2, 12))
def test_moments_are_ascending_few_and_contain_both_ends(moments, most):
    kept = choose_moments(moments, most)
    assert kept[0] == 0 and kept[-1] == 19 and kept == sorted(set(kept)) and len(kept) <= most + 2


def test_moments_lie_where_things_change():
    moments = np.zeros((100, 1, 1))
    moments[50:60, 0, 0] = np.linspace(0.1, 1, 10)
    moments[60:] = 1
    assert {*range(50, 60)} <= {*choose_moments(moments, 12)}


def test_a_file_says_the_same_again(film, tmp_path):
    belief_film.write_film(tmp_path / "film.npz", film)
    again = belief_film.read_film(tmp_path / "film.npz")
    assert (again.expects == film.expects).all() and (again.tokens == film.tokens).all() and again.steps == film.steps
    assert (again.walk == film.walk).all() and again.coin == film.coin


def test_a_damaged_film_is_one_sentence(film, tmp_path):
    broken = tmp_path / "film.npz"
    broken.write_bytes(b"no film")
    with pytest.raises(StoreError, match=r"film\.npz"):
        belief_film.read_film(broken)


def test_a_run_without_a_recorded_film_shows_its_own_sequences(film):
    other = RunStore().load("156230c34abf9128")
    found = film_of(other)
    assert len(found.walk) == 0 and found.expects.shape == (len(found.steps), *np.add(found.tokens.shape, (0, 1)))
    assert np.abs(found.expects[-1] - read_expectations(other.predictor, found.tokens)).max() < 2e-3      # stored in 16 bits


def test_a_network_that_is_not_the_runs_own_is_refused(run, monkeypatch):
    monkeypatch.setattr(belief_film, "build_initial", lambda spec: run.predictor.frozen_copy().requires_grad_(True))
    spec = run.spec.model_copy(update={"recipe": run.spec.recipe.model_copy(update={"steps": 2, "learning_rate": 0.05})})
    monkeypatch.setattr(run, "spec", spec)
    with pytest.raises(StoreError, match="trained again on this machine, the network of run de23c0aba73abe8a differs"):
        belief_film.record_film(run)
