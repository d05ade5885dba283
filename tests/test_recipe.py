"""Recipes: the paper's, schedules of rates and lengths, changes on the way, and what cannot be."""

import math

import pytest
import torch
from repeating import advanced

from tutor import Recipe, predictors, sources
from tutor.core.rng import stream
from tutor.core.spec_errors import SpecError
from tutor.training.loop import Training

COINS = sources.DirichletCategorical()


def test_the_papers_recipes_are_the_papers():
    assert Recipe.paper() == Recipe(steps=1000, batch=256, length=100, learning_rate=1e-3, clip=1, targets="sampled")
    assert Recipe.paper_tuning() == Recipe(steps=1000, batch=256, length=50, learning_rate=5e-3, clip=1, targets="sampled")


def test_a_plain_schedule_is_constant():
    assert {Recipe(learning_rate=0.1).rate(step) for step in (0, 500, 999)} == {0.1}


def test_warm_up_rises_and_cosine_falls():
    recipe = Recipe(steps=100, learning_rate=0.1, warmup=0.1, cosine=True)
    assert recipe.rate(0) == pytest.approx(0.01)
    assert recipe.rate(4) == pytest.approx(0.05 * (1 + math.cos(0.04 * math.pi)) / 2)
    assert recipe.rate(9) == pytest.approx(0.1 * (1 + math.cos(0.09 * math.pi)) / 2)
    assert recipe.rate(50) == pytest.approx(0.05)
    assert 0 < recipe.rate(99) < 1e-4


def test_a_curriculum_gives_every_length_an_equal_share_of_the_steps():
    recipe = Recipe(steps=90, batch=4, length=20, curriculum=(5, 10))
    assert [recipe.length_at(step) for step in (0, 29, 30, 59, 60, 89)] == [5, 5, 10, 10, 20, 20]
    assert recipe.operations == 6 * 4 * 30 * (5 + 10 + 20)
    assert Recipe(length=8, curriculum=(5, 10)).lengths == [5, 8]


@pytest.mark.parametrize("stratified", [False, True])
def test_a_step_draws_the_length_and_the_kind_of_batch_that_the_recipe_says(stratified, tiny):
    recipe = Recipe(steps=4, batch=4, length=6, curriculum=(3,), stratified=stratified, targets="bayes")
    drawn, training = [], Training(tiny(predictors.LSTM).build(2, 0), COINS, recipe, 0)
    training.predictor.register_forward_pre_hook(lambda module, args: drawn.append(args[0]))
    advanced(training)
    draw = COINS.stratified if stratified else COINS.sample
    expected = [draw(4, recipe.length_at(step), stream(0, "data", step)).tokens for step in range(4)]
    assert all(torch.equal(a, b) for a, b in zip(drawn, expected, strict=True))
    assert [tokens.shape[1] for tokens in drawn] == [3, 3, 6, 6]


def test_the_latest_change_replaces_the_peak():
    recipe = Recipe(steps=30, learning_rate=0.1, changes=((10, 0.01), (20, 0.05)))
    assert [recipe.rate(step) for step in (0, 9, 10, 19, 20, 29)] == [0.1, 0.1, 0.01, 0.01, 0.05, 0.05]


@pytest.mark.parametrize(("wrong", "answer"), [
    ({"steps": -1}, "steps is -1; input should be greater than or equal to 0"),
    ({"length": 10**9}, "length is 1000000000; input should be less than or equal to 1000"),
    ({"learning_rate": 0}, "learning_rate is 0; input should be greater than 0"),
    ({"learning_rate": 1.5}, "learning_rate is 1.5; input should be less than or equal to 1"),
    ({"targets": "oracle"}, "targets is oracle; input should be 'sampled', 'truth' or 'bayes'"),
    ({"learning_rat": 0.1}, "learning_rat is not a field; did you mean learning_rate?"),
    ({"curriculum": (50, 25)}, "curriculum is [50, 25]; the lengths must grow"),
    ({"changes": ((20, 0.1), (10, 0.1))}, "changes is at steps [20, 10]; they must rise and not pass steps = 1000"),
    ({"changes": ((10, 0.1), (10, 0.2))}, "changes is at steps [10, 10]; they must rise and not pass steps = 1000"),
    ({"changes": ((1001, 0.1),)}, "changes is at steps [1001]; they must rise and not pass steps = 1000"),
    ({"changes": ((5, 2.0),)}, "changes.0.1 is 2.0; input should be less than or equal to 1"),
], ids=str)
def test_a_recipe_that_cannot_be_is_refused_in_one_sentence(wrong, answer):
    with pytest.raises(SpecError) as refusal:
        Recipe(**wrong)
    assert str(refusal.value) == answer
