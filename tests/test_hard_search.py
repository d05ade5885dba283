"""The search for a hard prompt: it tries all of them, halving finds the same winner, and too many are refused."""

import itertools

import pytest
import torch
from numpy.testing import assert_allclose
from repeating import advanced
from safetensors.torch import load, save
from short_tunings import QUICK, SINGLE, TOKENS, each_base

from tutor import Recipe, exact, methods, predictors, sources
from tutor.core.losses import kl
from tutor.core.rng import stream
from tutor.methods.hard import Stage

base = each_base


def test_the_search_finds_the_best_of_all_prompts(base):
    search = methods.HardPT(length=3, sequences=16).start(base, SINGLE, Recipe(length=8), 0)
    tokens = SINGLE.sample(16, 8, stream(0, "search", 0)).tokens
    scores = {}
    for prompt in itertools.product((0, 1), repeat=3):
        fed = torch.cat([torch.tensor(prompt).expand(16, -1), tokens], dim=1)
        scores[prompt] = kl(SINGLE.log_bayes(tokens).float(), base(fed).detach()[:, 3:]).mean().item()
    assert search.advance().loss == pytest.approx(min(scores.values()), abs=1e-6) and search.done
    assert_allclose(search.found, list(scores.values()), atol=1e-6)
    assert search.predictor.token_prompt.tokens == min(scores, key=scores.get)


def test_the_search_shows_the_best_prompt_so_far(base):
    search = methods.HardPT(length=6, sequences=16).start(base, SINGLE, Recipe(length=8), 0)
    assert search.steps == 8                                                    # 64 prompts, 8 at a time
    while not search.done:
        told = search.advance()
        best = int(search.found.argmin())
        assert torch.isfinite(search.found).sum() == 8 * told.step and told.loss == search.found[best]
        assert search.predictor.token_prompt.tokens == tuple(search.candidates[best].tolist())


def test_a_search_finds_a_score_for_every_prompt_and_the_least_belongs_to_its_prompt(base):
    for halving in (False, True):
        search = advanced(methods.HardPT(length=6, sequences=64, halving=halving).start(base, SINGLE, Recipe(length=8), 0))
        scores = search.findings()["scores"]
        assert scores.shape == (64,) and torch.isfinite(scores).all()
        assert search.predictor.token_prompt.tokens == tuple(search.candidates[search.alive[scores[search.alive].argmin()]].tolist())


def test_halving_scores_the_better_quarter_on_four_times_as_many():
    def plan(length, sequences):
        stages = methods.HardPT(length=length, sequences=sequences, halving=True).stages(2)
        return [(stage.candidates, stage.sequences) for stage in stages]

    assert plan(6, 512) == [(64, 32), (16, 128), (4, 512)]
    assert plan(12, 2048) == [(4096, 16), (1024, 16), (256, 32), (64, 128), (16, 512), (4, 2048)]
    assert plan(2, 64) == [(4, 64)] and plan(3, 64) == [(8, 16), (4, 64)]
    assert sum(candidates * sequences for candidates, sequences in plan(12, 2048)) < 0.015 * 4096 * 2048
    assert methods.HardPT(length=6).stages(2) == [Stage(64, 256)]


@pytest.mark.parametrize("length", [1, 6, 9])
def test_halving_finds_the_winner_of_the_whole_search_on_an_ideal_network(length, ideal_network):
    coins, recipe = sources.DirichletCategorical(), Recipe(length=20, stratified=True)
    method = methods.HardPT(length=length, sequences=256, halving=True)
    prompt = advanced(method.start(ideal_network(coins), SINGLE, recipe, 0)).predictor.token_prompt.tokens
    assert prompt == exact.best_hard_prefix(predictor=coins, on=SINGLE, prompt_length=length, length=20)[0]


def test_a_halving_search_stopped_anywhere_and_resumed_equals_an_uninterrupted_one(base):
    method, recipe = methods.HardPT(length=6, sequences=256, halving=True), Recipe(length=8, stratified=True)
    whole = advanced(method.start(base, SINGLE, recipe, 0))
    for at in range(whole.steps):
        half, rest = method.start(base, SINGLE, recipe, 0), method.start(base, SINGLE, recipe, 0)
        for _ in range(at):
            half.advance()
        rest.load_tensors(load(save(half.state_tensors())))
        assert rest.predictor.token_prompt.tokens == half.predictor.token_prompt.tokens
        assert torch.equal(advanced(rest).findings()["scores"], whole.findings()["scores"])
        assert rest.predictor.token_prompt.tokens == whole.predictor.token_prompt.tokens


def test_the_search_on_an_ideal_network_finds_the_exact_best_prefix(ideal_network):
    coins = sources.DirichletCategorical()
    prompt = advanced(methods.HardPT(length=6).start(ideal_network(coins), SINGLE, Recipe(length=50), 0)).predictor.token_prompt.tokens
    assert prompt == exact.best_hard_prefix(predictor=coins, on=SINGLE, prompt_length=6, length=50)[0] == (0, 1, 1, 1, 1, 1)


def test_ties_go_to_the_lexicographically_smallest_prompt(tiny):
    deaf = tiny(predictors.LSTM).build(2, 0)
    torch.nn.init.zeros_(deaf.embed.weight)
    search = advanced(methods.HardPT(length=3, sequences=16).start(deaf, SINGLE, QUICK, 0))
    assert len(set(search.found.tolist())) == 1
    assert search.predictor.token_prompt.tokens == (0, 0, 0)


def test_the_search_tries_every_prompt_of_a_die(tiny):
    die, network = sources.Categorical(probs=(0.1, 0.1, 0.1, 0.1, 0.3, 0.3)), tiny(predictors.LSTM).build(6, 0)
    search = methods.HardPT(length=2, sequences=16).start(network, die, QUICK, 0)
    assert [tuple(row) for row in search.candidates.tolist()] == list(itertools.product(range(6), repeat=2))


def test_a_search_without_rows_is_the_base(base):
    search = methods.HardPT(length=0, sequences=16).start(base, SINGLE, QUICK, 0)
    assert search.steps == 1
    assert torch.equal(advanced(search).predictor(TOKENS), base(TOKENS))


@pytest.mark.parametrize(("vocab", "length", "fits"), [(2, 12, True), (2, 13, False), (6, 4, True), (6, 5, False)])
def test_a_search_of_more_than_4096_prompts_is_refused(vocab, length, fits, tiny):
    method, network = methods.HardPT(length=length, sequences=16), tiny(predictors.LSTM).build(vocab, 0)
    assert method.supports(network) == fits
    if not fits:
        with pytest.raises(ValueError, match="4,096"):
            method.start(network, sources.DirichletCategorical(alphas=(1,) * vocab), QUICK, 0)


def test_the_refusal_of_a_search_names_the_number_and_the_limit(tiny):
    with pytest.raises(ValueError) as refusal:
        methods.HardPT(length=13).check(tiny(predictors.LSTM), 2)
    assert str(refusal.value) == ("length is 13; HardPT would try 2^13 = 8,192 prompts, at most 4,096 are allowed "
                                  "(shorten the prompt or choose SimplexPT)")
