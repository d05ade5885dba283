"""Exact references: the golden table, and the same numbers by enumerating every sequence of every coin."""

import itertools
import json
from math import comb, log, log1p
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from tutor import exact
from tutor.sources import PRESETS, Categorical, DirichletCategorical, Mixture

GOLDEN = json.loads((Path(__file__).parent / "reference" / "coins.json").read_text())
TARGETS = {"single": Categorical(), "mixture": Mixture()}
COINS, SINGLE, MIXTURE = DirichletCategorical(), Categorical(), Mixture()
each_target = pytest.mark.parametrize("target", TARGETS)


def at_golden_lengths(regret: np.ndarray) -> np.ndarray:
    return regret[[n - 1 for n in GOLDEN["n"]]]


@each_target
def test_pre_bayes_has_the_golden_regret(target):
    regret = exact.cumulative_regret(predictor=COINS, on=TARGETS[target], length=200)
    assert_allclose(at_golden_lengths(regret), GOLDEN["exact"][target]["PreBayes Beta(1,1)"], atol=1e-6)


@each_target
def test_target_bayes_has_the_golden_regret(target):
    regret = exact.cumulative_regret(predictor=TARGETS[target], on=TARGETS[target], length=200)
    assert_allclose(at_golden_lengths(regret), GOLDEN["exact"][target]["TargetBayes"], atol=1e-6)


@pytest.mark.parametrize("prompt_length", [1, 2, 3, 4, 6, 8, 12, 25])
@each_target
def test_the_best_hard_prefix_is_the_golden_one(target, prompt_length):
    golden = GOLDEN["exact"][target][f"PreBayesPT L={prompt_length}"]
    prefix, regret = exact.best_hard_prefix(predictor=COINS, on=TARGETS[target], prompt_length=prompt_length, length=50)
    longer = exact.cumulative_regret(predictor=COINS, on=TARGETS[target], length=200, prefix=prefix)
    assert prefix.count(0) == golden["token0_in_prefix"]
    assert_allclose(at_golden_lengths(longer), golden["regret"], atol=1e-6)
    assert_allclose(regret, longer[:50], atol=1e-12)


def coins_of(source) -> tuple[np.ndarray, np.ndarray]:
    """Every coin of a source with its probability; the continuum of random coins on a fine grid of the simplex."""
    if isinstance(source, Categorical):
        return np.array([source.probs]), np.ones(1)
    if isinstance(source, Mixture):
        return np.array(source.probs), np.array(source.weights)
    if source.vocab == 2:
        heads = (np.arange(4000) + 0.5) / 4000
        return np.column_stack([heads, 1 - heads]), np.full(4000, 1 / 4000)            # Dirichlet(1, 1) is flat
    # A point (a, b) of the square becomes a coin of the simplex with density proportional to 1 - a.
    a, b = (np.array(list(itertools.product((np.arange(200) + 0.5) / 200, repeat=2)))).T
    return np.column_stack([a, (1 - a) * b, (1 - a) * (1 - b)]), (1 - a) / (1 - a).sum()


def enumerated_regret(predictor, on, tokens: torch.Tensor, prefix: tuple[int, ...]) -> np.ndarray:
    """Expected instant regret [T]: over all coins and all sequences, KL of the prediction from the coin."""
    bias, weight = coins_of(on)
    behind_prefix = torch.cat([torch.tensor(prefix, dtype=torch.int64).expand(len(tokens), -1), tokens], dim=1)
    log_q = predictor.log_bayes(behind_prefix)[:, len(prefix):].numpy()                # (S, T, V)
    sequence = bias[:, tokens.numpy()].prod(-1)                                        # (M, S): p(sequence | coin)
    truth = (bias * np.log(bias)).sum(-1)[:, None, None]                               # (M, 1, 1)
    kl = truth - np.einsum("mv,stv->mst", bias, log_q)
    return np.einsum("m,ms,mst->t", weight, sequence, kl)


@pytest.mark.parametrize("prefix", [(), (1, 1, 0)], ids=["alone", "behind 110"])
@pytest.mark.parametrize("on", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("predictor", PRESETS.values(), ids=PRESETS)
def test_enumerating_every_sequence_of_every_coin_agrees(predictor, on, prefix, every_sequence):
    expected = enumerated_regret(predictor, on, every_sequence(2, 5), prefix)
    assert_allclose(exact.instant_regret(predictor=predictor, on=on, length=5, prefix=prefix), expected, atol=1e-5)


DICE = {"random": DirichletCategorical(alphas=(1, 1, 1)), "single": Categorical(probs=(0.2, 0.3, 0.5)),
        "mixture": Mixture(probs=((0.2, 0.3, 0.5), (0.6, 0.3, 0.1)), weights=(0.25, 0.75))}


@pytest.mark.parametrize("prefix", [(), (2, 0)], ids=["alone", "behind 20"])
@pytest.mark.parametrize("on", DICE)
@pytest.mark.parametrize("predictor", DICE)
def test_enumeration_agrees_for_three_sides(predictor, on, prefix, every_sequence):
    expected = enumerated_regret(DICE[predictor], DICE[on], every_sequence(3, 3), prefix)
    assert_allclose(exact.instant_regret(predictor=DICE[predictor], on=DICE[on], length=3, prefix=prefix), expected, atol=2e-4)


def test_six_sided_dice_learn_their_bias_more_slowly_than_coins():
    dice = DirichletCategorical(alphas=(1,) * 6)
    regret = exact.cumulative_regret(predictor=dice, on=dice, length=12)
    assert regret[-1] > 2 * exact.cumulative_regret(predictor=COINS, on=COINS, length=12)[-1]


@pytest.mark.parametrize("on", PRESETS.values(), ids=PRESETS)
def test_no_predictor_beats_the_bayes_predictor_of_the_source(on):
    best = exact.cumulative_regret(predictor=on, on=on, length=30)[-1]
    assert all(exact.cumulative_regret(predictor=p, on=on, length=30)[-1] >= best - 1e-12 for p in PRESETS.values())


def test_recognising_one_of_two_coins_costs_the_logarithm_of_two():
    assert exact.cumulative_regret(predictor=MIXTURE, on=MIXTURE, length=300)[-1] == pytest.approx(log(2), abs=1e-9)


def test_laplace_pays_half_a_logarithm_per_doubling_of_the_flips():
    regret = exact.cumulative_regret(predictor=COINS, on=SINGLE, length=1000)
    assert regret[999] - regret[499] == pytest.approx(log(2) / 2, abs=0.002)


def test_the_first_flip_by_hand():
    assert exact.instant_regret(predictor=COINS, on=SINGLE, length=1)[0] == pytest.approx(0.2 * log(0.4) + 0.8 * log(1.6))


def test_a_wrong_coin_pays_the_same_at_every_flip():
    fair = Categorical(probs=(0.5, 0.5))
    assert_allclose(exact.instant_regret(predictor=fair, on=SINGLE, length=4), 0.2 * log(0.4) + 0.8 * log(1.6), atol=1e-12)


@pytest.mark.parametrize("on", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("predictor", PRESETS.values(), ids=PRESETS)
def test_the_best_prefix_equals_trying_every_ordered_prefix(predictor, on, every_sequence):
    def regret(prefix):
        return round(exact.cumulative_regret(predictor=predictor, on=on, length=8, prefix=prefix)[-1], 10)

    every = [tuple(prefix) for prefix in every_sequence(2, 3).tolist()]                # lexicographic, so min keeps the smallest
    assert exact.best_hard_prefix(predictor=predictor, on=on, prompt_length=3, length=8)[0] == min(every, key=regret)


def test_the_best_prefix_of_dice_equals_trying_every_ordered_prefix(every_sequence):
    dice, on = DICE["random"], DICE["single"]
    every = [tuple(prefix) for prefix in every_sequence(3, 3).tolist()]
    best = min(every, key=lambda p: round(exact.cumulative_regret(predictor=dice, on=on, length=6, prefix=p)[-1], 10))
    assert exact.best_hard_prefix(predictor=dice, on=on, prompt_length=3, length=6)[0] == best == (1, 2, 2)


def test_ties_go_to_the_lexicographically_smallest_prefix():
    one_head, one_tail = (exact.cumulative_regret(predictor=COINS, on=MIXTURE, length=9, prefix=p) for p in ((0,), (1,)))
    assert_allclose(one_head, one_tail, atol=1e-12)
    assert exact.best_hard_prefix(predictor=COINS, on=MIXTURE, prompt_length=1, length=9)[0] == (0,)
    assert exact.best_hard_prefix(predictor=SINGLE, on=COINS, prompt_length=4, length=9)[0] == (0, 0, 0, 0)


def test_an_empty_prompt_is_no_prompt():
    prefix, regret = exact.best_hard_prefix(predictor=COINS, on=SINGLE, prompt_length=0, length=20)
    assert prefix == ()
    assert_allclose(regret, exact.cumulative_regret(predictor=COINS, on=SINGLE, length=20))


@pytest.mark.parametrize("length", [1, 2, 7])
def test_a_sure_coin_against_the_opposite_certainty_is_infinitely_worse(length):
    heads, tails = Categorical(probs=(1, 0)), Categorical(probs=(0, 1))
    assert exact.cumulative_regret(predictor=tails, on=heads, length=length)[-1] == np.inf


def test_a_sure_coin_is_learned_by_laplace_at_a_finite_price():
    heads = Categorical(probs=(1, 0))
    assert exact.cumulative_regret(predictor=COINS, on=heads, length=9)[-1] == pytest.approx(log1p(9))   # prod (t+1)/(t+2)
    assert exact.cumulative_regret(predictor=heads, on=heads, length=9)[-1] == 0


def test_a_prefix_that_rules_out_every_coin_still_predicts():
    certain = Mixture(probs=((1, 0), (0, 1)), weights=(0.5, 0.5))
    regret = exact.cumulative_regret(predictor=certain, on=SINGLE, length=5, prefix=(0, 1))
    assert not np.isnan(regret).any()


@pytest.mark.parametrize(("total", "vocab"), [(0, 2), (5, 2), (0, 3), (4, 3), (3, 6)])
def test_counts_of_lists_every_count_vector_once(total, vocab):
    counts = exact.counts_of(total, vocab).tolist()
    assert len({tuple(c) for c in counts}) == len(counts) == comb(total + vocab - 1, vocab - 1)
    assert all(sum(c) == total and min(c) >= 0 for c in counts)


SIX = DirichletCategorical(alphas=(1,) * 6)


@pytest.mark.parametrize(("wrong", "answer"), [
    ({"on": DICE["single"]}, "predictor has 2 symbols and on has 3; both must have the same"),
    ({"length": 0}, "length is 0; it must lie between 1 and 1000"),
    ({"length": 1001}, "length is 1001; it must lie between 1 and 1000"),
    ({"prefix": (0, 2)}, "prefix is (0, 2); tokens must lie between 0 and 1"),
    ({"predictor": SIX, "on": SIX, "length": 28},
     "length is 28 for 6 symbols; the exact sum would need more than 200,000 count vectors"),
], ids=lambda x: "")
def test_a_sum_that_makes_no_sense_or_would_not_end_is_refused_in_one_sentence(wrong, answer):
    with pytest.raises(ValueError) as refusal:
        exact.cumulative_regret(**{"predictor": COINS, "on": SINGLE, "length": 5} | wrong)
    assert str(refusal.value) == answer


@pytest.mark.parametrize("prompt_length", [-1, 65, 10**9])
def test_a_prompt_length_out_of_range_is_refused(prompt_length):
    with pytest.raises(ValueError, match=f"prompt_length is {prompt_length}; it must lie between 0 and 64"):
        exact.best_hard_prefix(predictor=COINS, on=SINGLE, prompt_length=prompt_length, length=5)


def test_a_search_over_more_prefixes_of_a_die_than_can_be_tried_is_refused():
    answer = "prompt_length is 40 for 6 symbols and length 5; the search would need more than 2,000,000 sums"
    with pytest.raises(ValueError, match=answer):
        exact.best_hard_prefix(predictor=SIX, on=SIX, prompt_length=40, length=5)


@each_target
def test_the_baselines_carry_the_papers_labels_and_golden_values(target):
    golden = GOLDEN["exact"][target]
    found = exact.baselines(pretrained=COINS, on=TARGETS[target], length=200, prompt_length=6, tuned_length=50)
    assert list(found) == ["Oracle", "TargetBayes", "PreBayes", "PreBayesPT"]
    assert_allclose(at_golden_lengths(found["TargetBayes"]), golden["TargetBayes"], atol=1e-6)
    assert_allclose(at_golden_lengths(found["PreBayes"]), golden["PreBayes Beta(1,1)"], atol=1e-6)
    assert_allclose(at_golden_lengths(found["PreBayesPT"]), golden["PreBayesPT L=6"]["regret"], atol=1e-6)
    assert_allclose(found["Oracle"], np.zeros(200))
