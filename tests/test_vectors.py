"""Prompt vectors as studies and pages have them: losses, steps, geometry, and ways, against runs small enough to check by hand."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from smallest import QUICK

from tutor import methods, predictors, priors, sources
from tutor.analysis import prompt_vectors
from tutor.methods.deep import layer_seed
from tutor.methods.priors import Embeddings
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.runs.store import RunStore
from tutor.studies import vector_scores as evidence
from tutor.studies.belongs import held_out_loss_behind, loss_without_each, shuffle_rows
from tutor.studies.measured_rows import Band
from tutor.training.recipe import Recipe

SUMMARY = sources.TinyLanguage(tasks=("summary",), documents=1)
LENGTH = SUMMARY.natural_length


def spec(method, steps: int = 24) -> RunSpec:
    """Two repetitions of a tuning of a tiny language model that has learned nothing."""
    recipe = Recipe(steps=1, batch=2, length=LENGTH)
    return RunSpec(source=SUMMARY, body=predictors.GPT2(width=8, layers=2, context=128), recipe=recipe, method=method, on=SUMMARY,
                   tuning=recipe.model_copy(update={"steps": steps, "learning_rate": 0.05}), seeds=Seeds(repetitions=2),
                   evaluation=Evaluation(length=LENGTH, sequences=16))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def run(store):
    return pretrain(spec(methods.DeepPT(length=3, prior=priors.Fitted())), store)


@pytest.fixture(scope="module")
def base(store, run):
    return store.base_of(run.spec).predictor


# What a run keeps.

def test_a_run_keeps_the_vectors_of_every_repetition_and_layer(run):
    assert run.arrays["prompt/0"].shape == run.arrays["prompt/1"].shape == (2, 3, 8)
    kept = run.predictor.prompt_rows()
    for layer in (0, 1):
        assert_allclose(run.arrays[f"prompt/{layer}"][0], kept[layer].detach())
    assert not np.allclose(run.arrays["prompt/0"][0], run.arrays["prompt/0"][1])


def test_a_run_keeps_what_every_step_lost_and_its_held_out_loss(run):
    logged = [[event["loss"] for event in run.events() if event["repetition"] == r] for r in (0, 1)]
    assert_allclose(run.arrays["training/loss"], logged, rtol=1e-6)
    assert run.arrays["loss/0"].shape == (2,) and run.summary["loss"].keys() == {"0"}


def test_the_film_shows_the_vectors_from_their_prior_to_their_end(run, base):
    for layer in (0, 1):
        found = prompt_vectors.read_vector_history(run, layer)
        assert found.steps[0] == 0 and found.steps[-1] == 24
        seed = layer_seed(0, layer) if layer else 0
        assert_allclose(found.rows[0], priors.Fitted().draw(prompt_vectors.space_of(base, layer), 3, seed), atol=1e-6)
        assert_allclose(found.rows[-1], run.arrays[f"prompt/{layer}"][0], atol=1e-6)
    assert prompt_vectors.read_vector_history(run, 2) is None


def test_a_film_of_words_has_few_sequences_and_many_moments(run):
    assert run.frames()[0].states.shape[0] == 2 and len(run.frames()) > 15


# What studies read off it.

def test_losses_are_means_of_the_last_ten_steps(run):
    raw, found = run.arrays["training/loss"].astype(float), evidence.smoothed_losses(run)
    assert found.shape == raw.shape
    assert_allclose(found[:, 0], raw[:, 0])
    assert_allclose(found[:, -1], raw[:, -10:].mean(1))
    assert_allclose(found[:, 12], raw[:, 3:13].mean(1))
    assert_allclose(found[:, 1], raw[:, :2].mean(1))


def test_a_second_task_begins_without_the_losses_of_the_first(run):
    raw = run.arrays["training/loss"].astype(float)
    assert_allclose(evidence.smoothed_losses(run, 20)[:, 0], raw[:, 20])
    assert_allclose(evidence.smoothed_losses(run, 20)[:, -1], raw[:, 20:].mean(1))


def test_steps_are_counted_to_the_first_that_is_good_enough(run):
    curves = evidence.smoothed_losses(run)
    level = float(np.sort(curves.min(1))[1])                         # both reach it
    by_hand = [int(np.argmax(curve <= level)) + 1 for curve in curves]
    assert evidence.steps_until(run, level) == Band.over([float(n) for n in by_hand])
    assert evidence.steps_until(run, -1.0) == Band(24.0, 24.0, 24.0, ("q25", "median", "q75"))       # never reached: more than all of them
    assert evidence.steps_until(run, 1e9, after=5) == Band.exactly(1.0)


def test_nine_tenths_of_the_gain_are_counted_from_the_loss_without_a_prompt(run, store):
    bare = pretrain(spec(methods.NoTuning()), store)
    untuned, best = float(np.median(bare.arrays["loss/0"])), float(np.median(evidence.smoothed_losses(run)[:, -1]))
    assert evidence.good_loss(bare, [run]) == pytest.approx(best + 0.1 * (untuned - best))


def test_starts_are_those_of_each_repetitions_seed(run, base):
    found = evidence.all_starting_vectors(run, base)
    for r in (0, 1):
        assert torch.equal(found[r], priors.Fitted().draw(Embeddings(base), 3, r))


def test_geometry_is_in_radii_of_the_cloud_of_words(run, base):
    found = evidence.vector_geometry(run, base)
    before, after = evidence.all_starting_vectors(run, base), evidence.final_vectors(run)
    radius = torch.cov(Embeddings(base).vocabulary.T).trace().sqrt()
    gone = [float((after[r] - before[r]).norm(dim=1).mean() / radius) for r in (0, 1)]
    assert found["travelled"].median == pytest.approx(np.median(gone), rel=1e-3)
    assert 0 <= found["kept"].median <= 1 and 1 <= found["rank"].median <= 3
    assert 0 < found["chance"].median < 1 and 0 < found["cosine"].median <= 1


# What pages show.

def test_told_is_what_the_studies_measure(run, base):
    ground, rows = prompt_vectors.WordSpace.of(Embeddings(base)), evidence.final_vectors(run)[0]
    found = prompt_vectors.measure_vectors(ground, rows)
    cosine = (torch.nn.functional.normalize(rows, dim=1) @ torch.nn.functional.normalize(ground.words, dim=1).T).amax(1).mean()
    assert found.cosine == pytest.approx(float(cosine), rel=1e-5)
    assert found.distance == pytest.approx(float(torch.cdist(rows, ground.words).amin(1).mean()) / ground.gaussian.radius, rel=1e-5)


def test_words_that_are_the_same_are_as_tight_as_can_be():
    table = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert prompt_vectors.tightness(table, [0, 1]) == pytest.approx(1)
    assert prompt_vectors.tightness(table, [0, 1, 2]) == pytest.approx(1 / 3)


def test_a_prior_that_does_not_fit_is_answered_in_one_sentence(base):
    with pytest.raises(ValueError, match=r"prior\.tokens is \[242\]; each must lie between 0 and 241"):
        prompt_vectors.draw_vectors(base, priors.Words(tokens=(242,)), 0, 2, 0)


# Prompts out of their place.

def test_leaving_out_is_losing_without(run, base):
    rows = evidence.final_vectors(run)[0]
    without = loss_without_each(base, rows)
    assert without[1] == held_out_loss_behind(base, rows[[0, 2]]) and len(without) == 3
    assert held_out_loss_behind(base, rows[:0]) == pytest.approx(held_out_loss_behind(base.frozen_copy(), torch.empty(0, 8)))


def test_a_shuffle_keeps_the_vectors(run):
    rows = evidence.final_vectors(run)[0]
    mixed = shuffle_rows(rows, 1)
    assert sorted(map(tuple, mixed.tolist())) == sorted(map(tuple, rows.tolist()))
    assert torch.equal(mixed, shuffle_rows(rows, 1))


def test_coins_keep_the_vectors_of_their_soft_prompts_too(store):
    coins = RunSpec(source=sources.DirichletCategorical(), body=predictors.LSTM(width=8), recipe=Recipe(steps=1, batch=2, length=8),
                    method=methods.SoftPT(length=2), on=sources.Categorical(), tuning=Recipe(steps=2, batch=2, length=8), evaluation=QUICK)
    assert pretrain(coins, store).arrays["prompt/0"].shape == (1, 2, 8)
