"""Coins and dice: every exact Bayes predictor is checked by enumerating sequences and by Bayes' rule along another route.

A new source of the coin family is tested on arrival: its defaults join ALL. Add instances there that stress it.
"""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tutor.core.spec_errors import SpecError
from tutor.sources import PRESETS, SOURCES, AbstractExchangeable, Categorical, DirichletCategorical, Mixture

ALL = [cls() for cls in SOURCES.values() if issubclass(cls, AbstractExchangeable)] + [
    Categorical(probs=(1, 0)),
    Categorical(probs=(0.1, 0.1, 0.1, 0.2, 0.2, 0.3)),
    Mixture(probs=((0.1, 0.9), (0.5, 0.5), (0.7, 0.3)), weights=(0.2, 0.3, 0.5)),
    Mixture(probs=((0, 1), (0.5, 0.5)), weights=(0.5, 0.5)),
    Mixture(probs=((0.2, 0.3, 0.5), (0.6, 0.2, 0.2)), weights=(0.25, 0.75)),
    DirichletCategorical(alphas=(0.5, 2)),
    DirichletCategorical(alphas=(1, 1, 1, 1, 1, 1)),
]
each_source = pytest.mark.parametrize("source", ALL, ids=str)
LENGTH = {2: 8, 3: 5, 6: 3}                        # V^length sequences are enumerated


@each_source
def test_bayes_spreads_probability_one_over_all_futures(source, every_sequence):
    tokens = every_sequence(source.vocab, LENGTH[source.vocab])
    joint = source.log_bayes(tokens).gather(-1, tokens[..., None]).sum((1, 2))
    assert joint.exp().sum() == pytest.approx(1, abs=1e-9)


@each_source
def test_the_chain_of_predictions_is_the_marginal_of_the_counts(source, every_sequence):
    tokens = every_sequence(source.vocab, 3)
    chain = source.log_bayes(tokens).gather(-1, tokens[..., None]).sum((1, 2)).exp()
    counts = torch.nn.functional.one_hot(tokens, source.vocab).sum(1).double()
    assert_allclose(source.log_marginal(counts).exp(), chain, atol=1e-9)


@each_source
def test_every_prediction_is_a_distribution(source, every_sequence):
    log_p = source.log_bayes(every_sequence(source.vocab, 3))
    assert log_p.dtype == torch.float64
    assert_allclose(log_p.exp().sum(-1), 1, atol=1e-12)


@each_source
def test_a_prediction_does_not_look_at_its_own_token_or_later(source):
    tokens = source.sample(4, 6, rng=0).tokens
    other = tokens.clone()
    other[:, 3:] = (tokens[:, 3:] + 1) % source.vocab
    assert torch.equal(source.log_bayes(tokens)[:, :4], source.log_bayes(other)[:, :4])


@each_source
def test_the_first_prediction_is_the_mean_bias(source):
    first = source.log_bayes(torch.zeros(1, 1, dtype=torch.int64))[0, 0].exp()
    assert_allclose(first, source.sample(20_000, 1, rng=0).latent.mean(0), atol=0.015)


@each_source
def test_order_does_not_matter_to_bayes(source):
    tokens = source.sample(3, 9, rng=0).tokens
    shuffled = torch.cat([tokens[:, :8].flip(1), tokens[:, 8:]], dim=1)
    assert_allclose(source.log_bayes(tokens)[:, 8].exp(), source.log_bayes(shuffled)[:, 8].exp(), atol=1e-12)


def grid(source: DirichletCategorical, steps: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Biases [M, V] on a regular grid of the simplex, and their prior weights [M]: Dirichlet without any Gamma function."""
    ticks = (np.arange(steps) + 0.5) / steps
    free = np.array(list(itertools.product(ticks, repeat=source.vocab - 1)))
    free = free[free.sum(1) < 1]
    bias = np.column_stack([free, 1 - free.sum(1)])
    weight = (bias ** (np.array(source.alphas) - 1)).prod(1)
    return bias, weight / weight.sum()


@pytest.mark.parametrize("alphas", [(1, 1), (2, 5), (3.5, 1), (2, 3, 2)], ids=str)
def test_dirichlet_prediction_equals_bayes_rule_integrated_over_a_grid(alphas, every_sequence):
    source = DirichletCategorical(alphas=alphas)
    bias, prior = grid(source)
    for tokens in every_sequence(source.vocab, 4):
        posterior = prior * bias[:, tokens[:3]].prod(1)
        expected = (posterior / posterior.sum()) @ bias
        assert_allclose(source.log_bayes(tokens[None])[0, 3].exp(), expected, atol=2e-4)


@pytest.mark.parametrize("source", [s for s in ALL if isinstance(s, Mixture)], ids=str)
def test_mixture_prediction_equals_the_explicit_posterior(source, every_sequence):
    for tokens in every_sequence(source.vocab, 4).tolist():
        likelihood = [w * math.prod(row[x] for x in tokens[:3]) for w, row in zip(source.weights, source.probs, strict=True)]
        expected = [sum(a * row[v] for a, row in zip(likelihood, source.probs, strict=True)) / sum(likelihood)
                    for v in range(source.vocab)]
        assert_allclose(source.log_bayes(torch.tensor([tokens]))[0, 3].exp(), expected, atol=1e-9)


def test_laplace_rule_for_random_coins():
    heads_heads_tails = torch.tensor([[0, 0, 1, 0]])
    assert_allclose(DirichletCategorical().log_bayes(heads_heads_tails)[0, :, 0].exp(), [1 / 2, 2 / 3, 3 / 4, 3 / 5])


def test_the_two_coin_mixture_recognises_its_coin():
    all_heads = torch.zeros(1, 30, dtype=torch.int64)
    assert_allclose(Mixture().log_bayes(all_heads)[0, [0, 1, 29], 0].exp(), [0.5, 0.68, 0.8], atol=1e-9)


@pytest.mark.parametrize("counts", [(0, 0), (3, 1), (0, 7)], ids=str)
@pytest.mark.parametrize("source", [DirichletCategorical(), DirichletCategorical(alphas=(2, 5))], ids=str)
def test_negative_entropy_of_a_dirichlet_equals_integration(source, counts):
    bias, prior = grid(source, 20_000)
    posterior = prior * (bias ** np.array(counts)).prod(1)
    expected = posterior @ (bias * np.log(bias)).sum(1) / posterior.sum()
    assert float(source.neg_entropy(torch.tensor(counts).double())) == pytest.approx(expected, abs=1e-6)


def test_negative_entropy_of_a_known_coin_and_of_a_recognised_one():
    known = 0.2 * math.log(0.2) + 0.8 * math.log(0.8)
    assert float(Categorical().neg_entropy(torch.zeros(2).double())) == pytest.approx(known)
    assert float(Mixture().neg_entropy(torch.tensor([5.0, 1.0]).double())) == pytest.approx(known)    # either coin is 0.2 / 0.8
    assert float(Categorical(probs=(1, 0)).neg_entropy(torch.zeros(2).double())) == 0


@each_source
def test_a_batch_has_tokens_of_the_vocabulary_biases_and_a_full_mask(source):
    batch = source.sample(5, 7, rng=0)
    assert batch.tokens.shape == batch.mask.shape == (5, 7)
    assert batch.tokens.dtype == torch.int64
    assert batch.tokens.min() >= 0 and batch.tokens.max() < source.vocab
    assert batch.latent.shape == (5, source.vocab)
    assert batch.mask.all()




@each_source
def test_tokens_follow_the_bias_they_were_drawn_from(source):
    batch = source.sample(4000, 25, rng=1)
    share = torch.nn.functional.one_hot(batch.tokens, source.vocab).double().mean((0, 1))
    assert_allclose(share, batch.latent.mean(0), atol=4 * 0.5 / math.sqrt(4000 * 25))


@each_source
def test_a_stratified_batch_meets_every_part_of_every_tokens_chance_once(source):
    n, length = 64, 9
    batch = source.stratified(n, length, rng=0)
    assert batch.tokens.shape == (n, length) and batch.mask.all() and batch.latent.shape == (n, source.vocab)
    expected = batch.latent.sum(0)                                      # of each symbol, at any place: exact up to the strata at its edges
    spread = (batch.latent[:, None] - batch.latent).abs().amax()        # none where there is one bias only: then the count itself is exact
    for t in range(length):
        counted = batch.tokens[:, t].bincount(minlength=source.vocab)
        assert_allclose(counted, expected, atol=1 + 3 * float(spread) * math.sqrt(n))


def test_stratified_coins_fall_one_into_each_nth_of_the_prior():
    heads = DirichletCategorical().stratified(16, 3, rng=5).latent[:, 0].sort().values
    assert torch.equal((heads * 16).floor(), torch.arange(16).double())


def test_a_stratified_mean_is_less_noisy_than_a_plain_one_and_equals_it():
    source = DirichletCategorical()
    means = {kind: [float((getattr(source, kind)(16, 10, rng=r).tokens == 0).double().mean()) for r in range(400)]
             for kind in ("sample", "stratified")}
    assert_allclose(np.mean(means["stratified"]), 0.5, atol=0.005)
    assert np.std(means["stratified"]) < 0.5 * np.std(means["sample"])


@pytest.mark.parametrize("alphas", [(1, 1), (0.5, 2), (1, 3, 1), (2, 5, 3)], ids=str)
def test_biases_of_a_dirichlet_have_its_mean_and_variance(alphas):
    source, a = DirichletCategorical(alphas=alphas), np.array(alphas) / sum(alphas)
    latent = source.stratified(20_000, 1, rng=0).latent.numpy()
    assert_allclose(latent.sum(1), 1, atol=1e-12)
    assert_allclose(latent.mean(0), a, atol=2e-3)
    assert_allclose(latent.var(0), a * (1 - a) / (sum(alphas) + 1), atol=2e-3)


def test_heads_of_random_coins_are_uniform_over_all_counts():
    heads = (DirichletCategorical().sample(11_000, 10, rng=0).tokens == 0).sum(1)
    assert_allclose(heads.bincount(minlength=11), 1000, atol=4 * math.sqrt(1000))       # 11 counts, each as likely


def test_a_mixture_draws_its_coins_as_often_as_their_weights_say():
    source = Mixture(probs=((0.1, 0.9), (0.5, 0.5), (0.7, 0.3)), weights=(0.2, 0.3, 0.5))
    drawn = source.sample(10_000, 1, rng=0).latent[:, 0]
    assert_allclose([(drawn == p).double().mean() for p in (0.1, 0.5, 0.7)], source.weights, atol=0.02)


@each_source
def test_the_truth_is_the_bias_at_every_step(source):
    batch = source.sample(3, 4, rng=0)
    assert_allclose(source.log_truth(batch).exp(), batch.latent[:, None].expand(3, 4, source.vocab), rtol=1e-12)




def test_different_sources_are_different():
    assert len(set(ALL)) == len(ALL)


def test_the_presets_are_the_papers_three_sources():
    assert list(PRESETS) == ["Random coins", "Single coin 0.2", "Two coins 0.2 / 0.8"]
    assert PRESETS["Random coins"] == DirichletCategorical(alphas=(1, 1))
    assert PRESETS["Single coin 0.2"] == Categorical(probs=(0.2, 0.8))
    assert PRESETS["Two coins 0.2 / 0.8"] == Mixture(probs=((0.2, 0.8), (0.8, 0.2)), weights=(0.5, 0.5))


@pytest.mark.parametrize(("source", "label"), [
    (Categorical(probs=(0.5, 0.25, 0.25)), "Single die 0.5 / 0.25 / 0.25"),
    (Mixture(weights=(0.25, 0.75)), "Two coins 0.2 / 0.8 at 0.25 / 0.75"),
    (Mixture(probs=((0.2, 0.3, 0.5), (0.6, 0.2, 0.2))), "Mixture of 2 3-sided dice"),
    (DirichletCategorical(alphas=(2, 5)), "Beta(2, 5)"),
    (DirichletCategorical(alphas=(1,) * 6), "Random 6-sided dice"),
    (DirichletCategorical(alphas=(1, 2, 3)), "Dirichlet(1, 2, 3)"),
], ids=lambda x: "")
def test_a_label_says_what_the_source_is(source, label):
    assert source.label == label


@pytest.mark.parametrize(("cls", "fields", "answer"), [
    (Categorical, {"probs": (1.5, -0.5)}, "probs: probs holds 1.5; every probability must lie between 0 and 1"),
    (Categorical, {"probs": (0.5, 0.4)}, "probs: probs sums to 0.9; it must sum to 1"),
    (Categorical, {"probs": (1,)}, "probs: probs has 1 entries; at least 2 are needed (a coin has two sides)"),
    (Categorical, {"probs": (1 / 17,) * 17}, "probs is (0.0588"),
    (Categorical, {"probs": (math.nan, 1)}, "probs.0 is nan; input should be a finite number"),
    (Categorical, {"probs": "heads"}, "probs is heads; input should be a valid tuple"),
    (Categorical, {"prob": (0.5, 0.5)}, "prob is not a field; did you mean probs?"),
    (Mixture, {"probs": ((0.2, 0.9), (0.5, 0.5))}, "probs[0] sums to 1.1; it must sum to 1"),
    (Mixture, {"probs": ((0.2, 0.8), (0.2, 0.3, 0.5))}, "probs has rows of [2, 3] sides; all coins need the same number"),
    (Mixture, {"weights": (0.5, 0.6)}, "weights sums to 1.1; it must sum to 1"),
    (Mixture, {"weights": (1,)}, "weights has 1 entries for 2 coins; give one weight per coin"),
    (Mixture, {"weights": (1.5, -0.5)}, "weights holds 1.5; every probability must lie between 0 and 1"),
    (Mixture, {"probs": ((0.2, 0.8),), "weights": (0.3,)}, "weights sums to 0.3; it must sum to 1"),
    (Mixture, {"probs": ()}, "probs is (); "),
    (DirichletCategorical, {"alphas": (1,)}, "alphas: alphas has 1 entries; at least 2 are needed (a coin has two sides)"),
    (DirichletCategorical, {"alphas": (0, 1)}, "alphas.0 is 0; input should be greater than or equal to 0.01"),
    (DirichletCategorical, {"alphas": (1, 1e9)}, "alphas.1 is 1000000000.0; input should be less than or equal to 1000"),
], ids=str)
def test_a_source_that_cannot_be_is_refused_in_one_sentence(cls, fields, answer):
    with pytest.raises(SpecError) as refusal:
        cls(**fields)
    assert str(refusal.value).startswith(answer)
    assert "\n" not in str(refusal.value)


counted = st.lists(st.integers(0, 1000), min_size=2, max_size=2)


@given(counted, st.tuples(st.floats(0.01, 1000), st.floats(0.01, 1000)))
def test_any_beta_prior_predicts_a_distribution_after_any_counts(counts, alphas):
    source, seen = DirichletCategorical(alphas=alphas), torch.tensor(counts).double()
    assert float(source.log_predictive(seen).exp().sum()) == pytest.approx(1)
    assert -math.log(2) - 1e-9 <= float(source.neg_entropy(seen)) <= 1e-9


@given(counted, st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_any_mixture_of_coins_predicts_a_distribution_after_any_counts(counts, heads):
    many = len(heads)
    source = Mixture(probs=tuple((p, 1 - p) for p in heads), weights=(1 / many,) * many)
    predicted = source.log_predictive(torch.tensor(counts).double()).exp()
    assert float(predicted.sum()) == pytest.approx(1, abs=1e-6)
    assert min(heads) - 1e-6 <= float(predicted[0]) <= max(heads) + 1e-6


