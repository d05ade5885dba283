"""Prompts made by hand, against a network that counts: to it a prompt is nothing but pseudo-flips, so everything has a closed form."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tutor import exact, measure, methods, sources
from tutor.analysis import manual_prompts
from tutor.training.recipe import Recipe
from tutor.ui.widgets import prompt_editor

COINS, COIN, TWO = sources.DirichletCategorical(), sources.Categorical(), sources.Mixture()
FLIPS = np.array([(0.0, 1.0), (0.0, 1.0), (1.0, 0.0)])


@pytest.fixture(scope="module")
def counting(ideal_network):
    return ideal_network(COINS)


@pytest.mark.parametrize("rows", [FLIPS, np.array([(0.4, 2.7)]), np.array([(3.0, -0.5), (0.25, 0.25)]), np.zeros((1, 2))])
def test_a_prompt_of_a_counting_network_is_worth_its_amounts_of_heads_and_tails(counting, rows):
    worth = measure.fit_pseudo_counts(manual_prompts.attach_prompt(counting, rows), COIN)
    assert worth.beyond(COINS) == pytest.approx(rows.sum(0), abs=0.02)
    assert worth.unexplained == pytest.approx(0, abs=1e-5)


def test_the_nearest_counts_are_the_best_of_a_fine_grid():
    tokens = TWO.draw(32, 20, 0, stratified=True).tokens
    log_p = TWO.log_bayes(tokens)                                   # a predictor that is no count of flips
    found = measure.nearest_pseudo_counts(log_p, tokens)
    tried = [sources.DirichletCategorical(alphas=(a, b)) for a in np.linspace(0.05, 2, 40) for b in np.linspace(0.05, 2, 40)]
    least = min((log_p.exp() * (log_p - one.log_bayes(tokens))).sum(-1).sum(1).mean().item() for one in tried)
    assert found.unexplained == pytest.approx(least, abs=2e-3) and found.unexplained <= least + 1e-9
    assert found.unexplained > 0.1


def test_no_pseudo_counts_do_better_on_two_coins_than_these():
    best, regret = exact.best_pseudo_counts(on=TWO, length=50)
    assert regret[-1] == pytest.approx(1.462, abs=5e-4)
    assert best.alphas[0] == pytest.approx(best.alphas[1], abs=1e-2)
    factors = [(up, down) for up in (0.9, 1, 1.1) for down in (0.9, 1, 1.1)]
    around = [sources.DirichletCategorical(alphas=(best.alphas[0] * up, best.alphas[1] * down)) for up, down in factors]
    assert all(exact.cumulative_regret(predictor=one, on=TWO, length=50)[-1] >= regret[-1] - 1e-6 for one in around)


def test_one_hot_rows_are_the_hard_prompt_itself(pretrained):
    base = pretrained["lstm"]
    hard = methods.HardPT(length=3)._with(base, (1, 1, 0))
    tokens = COIN.sample(4, 12, 0).tokens
    torch.testing.assert_close(manual_prompts.attach_prompt(base, FLIPS)(tokens), hard(tokens))


def test_no_rows_are_no_prompt_and_the_base_is_left_alone(pretrained):
    base = pretrained["transformer"]
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    tokens = COIN.sample(4, 12, 0).tokens
    torch.testing.assert_close(manual_prompts.attach_prompt(base, np.zeros((0, 2)))(tokens), base(tokens))
    manual_prompts.regret_landscape(base, COIN, points=3)
    assert all(torch.equal(before[name], tensor) for name, tensor in base.state_dict().items())


def test_a_prompt_of_other_symbols_or_another_width_is_refused_in_a_sentence(pretrained):
    with pytest.raises(ValueError, match="rows have 3 entries and the network has 2"):
        manual_prompts.attach_prompt(pretrained["lstm"], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="beyond has the shape"):
        manual_prompts.attach_prompt(pretrained["lstm"], FLIPS, np.zeros((3, 5)))


@pytest.mark.parametrize("kind", ["lstm", "transformer"])
def test_a_tuned_prompt_is_taken_apart_and_put_together_again(pretrained, kind):
    base = pretrained[kind]
    tuned = methods.SoftPT(length=4, init="normal").attach(base, 0)
    rows, beyond = manual_prompts.split_prompt(tuned)
    assert np.abs(beyond @ base.embed.weight.detach().numpy()).max() < 1e-3      # nothing left that a token could make
    tokens = COIN.sample(4, 12, 0).tokens
    torch.testing.assert_close(manual_prompts.attach_prompt(base, rows, beyond)(tokens), tuned(tokens), atol=1e-4, rtol=1e-4)


def test_the_trial_of_a_counting_network_is_the_exact_regret(counting):
    trial = manual_prompts.try_prompt(manual_prompts.attach_prompt(counting, FLIPS), TWO)
    assert trial.regret == pytest.approx(exact.cumulative_regret(predictor=COINS, on=TWO, length=50, prefix=(1, 1, 0)), abs=2e-3)


def test_the_landscape_of_a_counting_network_has_the_exact_heights_at_its_corners(counting):
    found = manual_prompts.regret_landscape(counting, COIN, low=0.0, high=2.0, points=5)
    for (heads, tails), prefix in {(1, 0): (0,), (0, 1): (1,), (0, 0): (), (1, 2): (0, 1, 1)}.items():
        exactly = exact.cumulative_regret(predictor=COINS, on=COIN, length=50, prefix=prefix)[-1]
        assert found.at(float(heads), float(tails)) == pytest.approx(exactly, abs=0.1)        # 32 sequences
    assert found.best[:2] == (0.0, 2.0) and found.best[2] == found.regret.min()


def test_heights_between_the_points_of_the_grid_lie_between_them():
    plane = manual_prompts.RegretLandscape(np.array([0.0, 1.0]), np.array([0.0, 2.0]), np.array([[0.0, 1.0], [2.0, 3.0]]))
    assert [plane.at(*point) for point in ((0.5, 0.0), (0.0, 1.0), (1.0, 2.0), (9.0, -9.0))] == [0.5, 1.0, 3.0, 1.0]


def test_dice_have_no_plane_to_draw(ideal_network):
    with pytest.raises(ValueError, match="3 symbols"):
        manual_prompts.regret_landscape(
            ideal_network(sources.DirichletCategorical(alphas=(1, 1, 1))), sources.Categorical(probs=(0.2, 0.3, 0.5))
        )


def test_the_optimiser_walks_downhill_from_where_it_is_put(pretrained):
    base, recipe = pretrained["lstm"], Recipe(steps=30, batch=8, length=30, learning_rate=0.1, targets="bayes", stratified=True)
    path = manual_prompts.optimizer_path(base, COIN, np.array([[1.0, 0.0]]), recipe=recipe)
    assert path.shape == (31, 1, 2) and path[0].tolist() == [[1.0, 0.0]]
    first, last = (manual_prompts.try_prompt(manual_prompts.attach_prompt(base, path[at]), COIN).regret[-1] for at in (0, -1))
    assert last < first - 0.1


def test_hard_prompts_of_a_counting_network_are_ranked_by_their_counts(counting):
    found = manual_prompts.rank_prompts(counting, COIN, 3)
    assert found.prompts[int(found.scores.argmin())] == (1, 1, 1)               # three tails: PreBayesPT of length 3
    same = [score for prompt, score in zip(found.prompts, found.scores, strict=True) if sum(prompt) == 2]
    assert len(same) == 3 and np.ptp(same) < 1e-6


@given(st.lists(st.tuples(st.floats(-12, 12), st.floats(-12, 12)), min_size=1, max_size=prompt_editor.MAX_VECTORS))
def test_a_prompt_survives_its_address(rows):
    rows = np.round(rows, 2) + 0.0
    assert prompt_editor.parse_rows(prompt_editor.format_rows(rows)) == pytest.approx(rows)


@given(st.text(max_size=40))
def test_no_address_makes_anything_but_a_prompt_or_none(text):
    rows = prompt_editor.parse_rows(text)
    assert rows is None or (
        rows.shape[1] == 2 and 1 <= len(rows) <= prompt_editor.MAX_VECTORS and np.abs(rows).max() <= prompt_editor.MAX_AMOUNT
    )


def test_whole_flips_are_written_as_letters():
    assert prompt_editor.format_rows(FLIPS) == "TTH" and prompt_editor.format_rows(np.array([(1, 0), (0.2, 0.8)])) == "H,0.2:0.8"


@pytest.mark.parametrize(("kind", "expected"), [("Flips", (1.0, 0.0)), ("Shares", (0.75, 0.25)), ("Vectors", (3.0, 1.0))])
def test_an_editor_shows_a_prompt_as_it_can_hold_it(kind, expected):
    assert tuple(prompt_editor.fit_rows(kind, np.array([(3.0, 1.0)]))[0]) == expected


def test_beyond_the_landscape_nothing_is_known():
    plane = manual_prompts.RegretLandscape(np.array([0.0, 1.0]), np.array([0.0, 2.0]), np.array([[0.0, 1.0], [2.0, 3.0]]))
    assert plane.height(1.0, 2.0) == 3.0 and plane.height(1.1, 0.0) is None


def test_a_coin_with_one_side_has_best_pseudo_counts_too():
    best, regret = exact.best_pseudo_counts(on=sources.Categorical(probs=(0.0, 1.0)), length=10)
    assert best.alphas[1] > 100 * best.alphas[0] and regret[-1] < 0.01
