"""Training: it learns, its three targets agree, it repeats and resumes bit for bit, and it says when it diverged."""

import itertools
import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from pydantic import ValidationError
from safetensors.torch import load, save

from tutor import Recipe, evaluate, fit, methods, predictors, sources
from tutor.losses import cross_entropy, kl, log_loss, mean_kl
from tutor.predictors import BODIES
from tutor.rng import stream
from tutor.spec import sentence
from tutor.train import Diverged, Training

each_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
each_kind = pytest.mark.parametrize("kind", BODIES)
each_target = pytest.mark.parametrize("targets", ["sampled", "truth", "bayes"])
COINS, SINGLE, MIXTURE = sources.DirichletCategorical(), sources.Categorical(), sources.Mixture()
QUICK = Recipe(steps=30, batch=4, length=6, learning_rate=0.01, warmup=0.1, cosine=True)


def advanced(training: Training, until: int = 10**6) -> Training:
    while not training.done and training.step < until:
        training.advance()
    return training


def snapshot(training: Training) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in training.predictor.state_dict().items()}


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_batch_in_which_nothing_is_asked_moves_nothing_and_is_no_divergence():
    source = sources.Lists(items=4)
    network = predictors.GPT2(width=8, context=16).build(source.vocab, 0)
    training = Training(network, source, Recipe(steps=3, batch=2, length=4), 0)          # only the list fits, not its answer
    before = snapshot(training)
    assert advanced(training).step == 3
    assert equal(before, snapshot(training))


# It learns.

@each_kind
def test_a_tiny_network_learns_to_predict_random_coins(kind, pretrained):
    untrained = BODIES[kind](width=16).build(2, 0)
    before = evaluate(untrained, on=COINS, length=50, n=512).excess[-1]
    after = evaluate(pretrained[kind], on=COINS, length=50, n=512).excess[-1]
    assert before > 3 and after < 0.1                              # nats above exact Bayes after 50 flips


@each_kind
def test_three_soft_prompts_teach_a_tiny_network_half_of_a_single_coin(kind, pretrained):
    recipe = Recipe(steps=120, batch=16, length=50, learning_rate=0.03, warmup=0.05, cosine=True, beta2=0.98, targets="bayes")
    before = evaluate(pretrained[kind], on=SINGLE, length=50, n=512).cumulative[-1]
    tuning = advanced(methods.SoftPT(length=3).start(pretrained[kind], SINGLE, recipe, 0))
    after = evaluate(tuning.predictor, on=SINGLE, length=50, n=512).cumulative[-1]
    assert before == pytest.approx(1.477, abs=0.2)                 # PreBayes: 1.477 nats
    assert after < 0.6 * before


@each_target
def test_every_target_lowers_the_divergence_from_bayes(targets, tiny):
    recipe = Recipe(steps=60, batch=16, length=10, learning_rate=0.02, targets=targets)
    steps = fit(tiny(predictors.LSTM).build(2, 0), sources.Categorical(probs=(0.05, 0.95)), recipe, 0)
    assert steps[0].kl > 0.3 and np.mean([step.kl for step in steps[-10:]]) < 0.05


# The three targets.

class EveryFuture(sources.Mixture):
    """The coins 1/4 and 3/4; a batch holds every coin with every sequence, as often as it is likely."""

    def sample(self, n, length, rng):
        rows, latent = [], []
        for heads, tails in ((1, 3), (3, 1)):
            for row in itertools.product((0, 1), repeat=length):
                times = heads ** row.count(0) * tails ** row.count(1)
                rows += [row] * times
                latent += [(heads / 4, tails / 4)] * times
        return sources.Batch(torch.tensor(rows), torch.tensor(latent, dtype=torch.float64), torch.ones(len(rows), length, dtype=torch.bool))


def gradient(body, source, targets: str, seed: int = 0, **recipe) -> torch.Tensor:
    """The gradient of one step, before any clipping, flat."""
    network = body.build(2, 0)
    Training(network, source, Recipe(steps=1, clip=1000, targets=targets, **recipe), seed).advance()
    return torch.cat([p.grad.flatten() for p in network.parameters()])


@each_body
def test_the_three_targets_have_the_same_expected_gradient(body, tiny):
    source = EveryFuture(probs=((0.25, 0.75), (0.75, 0.25)))
    sampled, truth, bayes = (gradient(tiny(body), source, targets, length=4) for targets in ("sampled", "truth", "bayes"))
    assert sampled.norm() > 0.05
    assert_allclose(truth, sampled, atol=1e-5)
    assert_allclose(bayes, sampled, atol=1e-5)


def test_knowing_more_makes_the_gradient_less_noisy(tiny):
    def noise(targets):
        draws = [gradient(tiny(predictors.LSTM), MIXTURE, targets, seed, batch=8, length=10) for seed in range(20)]
        return float(torch.stack(draws).var(0).sum())

    assert noise("bayes") < noise("truth") < noise("sampled")


def test_an_ideal_network_has_no_divergence_and_nothing_to_learn_from_bayes(ideal_network):
    network = ideal_network(COINS).requires_grad_(True)
    step = Training(network, COINS, Recipe(steps=1, batch=8, length=20, targets="bayes"), 0).advance()
    log_bayes = COINS.log_bayes(COINS.sample(8, 20, stream(0, "data", 0)).tokens)
    assert step.kl == pytest.approx(0, abs=1e-6)
    assert step.loss == pytest.approx(float(-(log_bayes.exp() * log_bayes).sum(-1).mean()), abs=1e-6)
    assert step.grad_norm < 1e-5


# It repeats and resumes.

@each_body
def test_the_same_seed_trains_to_the_same_bits(body, tiny):
    one, same, other = (Training(tiny(body).build(2, 0), COINS, QUICK, seed) for seed in (0, 0, 1))
    assert equal(snapshot(advanced(one)), snapshot(advanced(same)))
    assert not equal(snapshot(one), snapshot(advanced(other)))


@pytest.mark.parametrize("at", [0, 1, 20, 21, 29])
@each_body
def test_a_training_stopped_anywhere_and_resumed_equals_an_uninterrupted_one(body, at, tiny):
    whole = Training(tiny(body).build(2, 0), COINS, QUICK, 0)
    steps = [whole.advance() for _ in range(QUICK.steps)]
    saved = load(save(advanced(Training(tiny(body).build(2, 0), COINS, QUICK, 0), until=at).state_tensors()))
    resumed = Training(tiny(body).build(2, 5), COINS, QUICK, 0)    # other initial weights: all must come from the state
    resumed.load_tensors(saved)
    assert resumed.step == at
    assert [resumed.advance() for _ in range(QUICK.steps - at)] == steps[at:]
    assert equal(resumed.state_tensors(), whole.state_tensors())


def test_a_used_training_can_be_set_back_to_its_start(tiny):
    fresh, used = (Training(tiny(predictors.LSTM).build(2, 0), COINS, QUICK, 0) for _ in range(2))
    start = used.state_tensors()
    advanced(used, until=7).load_tensors(start)
    assert equal(snapshot(advanced(used)), snapshot(advanced(fresh)))


@pytest.mark.parametrize("at", [0, 12, 30])
def test_a_changed_learning_rate_equals_stopping_the_parent_and_continuing_as_the_child(at, tiny):
    child = QUICK.model_copy(update={"changes": ((at, 0.05),)})
    direct = Training(tiny(predictors.LSTM).build(2, 0), COINS, child, 0)
    steps = [direct.advance() for _ in range(child.steps)]
    parent = advanced(Training(tiny(predictors.LSTM).build(2, 0), COINS, QUICK, 0), until=at)
    forked = Training(tiny(predictors.LSTM).build(2, 0), COINS, child, 0)
    forked.load_tensors(parent.state_tensors())
    assert [forked.advance() for _ in range(child.steps - at)] == steps[at:]
    assert equal(snapshot(forked), snapshot(direct))


def test_only_what_requires_grad_is_trained(tiny):
    network = tiny(predictors.LSTM).build(2, 0).requires_grad_(False)
    network.unembed.requires_grad_(True)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    fit(network, COINS, QUICK, 0)
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {"unembed.weight", "unembed.bias"}


def test_no_steps_leave_the_network_untrained(tiny):
    network, twin = tiny(predictors.LSTM).build(2, 0), tiny(predictors.LSTM).build(2, 0)
    assert fit(network, COINS, Recipe.untrained(), 0) == []
    assert equal(dict(network.state_dict()), dict(twin.state_dict()))


def test_every_step_is_told_once_and_in_order(tiny):
    told = []
    history = fit(tiny(predictors.LSTM).build(2, 0), COINS, QUICK, 0, on_step=told.append)
    assert told == history
    assert [step.step for step in history] == list(range(1, 31))
    assert [step.learning_rate for step in history] == [QUICK.rate(i) for i in range(30)]


def test_the_gradient_is_clipped_and_its_true_norm_is_told(tiny):
    network = tiny(predictors.LSTM).build(2, 0)
    step = Training(network, COINS, Recipe(steps=1, batch=4, length=6, clip=1e-3), 0).advance()
    clipped = torch.cat([p.grad.flatten() for p in network.parameters()]).norm()
    assert step.grad_norm > 0.01 and clipped == pytest.approx(1e-3, rel=1e-3)


# Divergence.

def test_a_learning_rate_of_one_is_stopped_with_finite_weights(tiny):
    recipe = Recipe(steps=300, batch=16, length=30, learning_rate=1.0)
    training = Training(tiny(predictors.Transformer, width=16).build(2, 0), COINS, recipe, 0)
    with pytest.raises(Diverged, match=r"^diverged at step \d+: loss [\d.]+ nats per token \(limit [\d.]+\), gradient norm [\d.]+; "
                                       r"the weights of the last good state are kept$"):
        advanced(training)
    assert training.step < 300
    assert all(p.isfinite().all() for p in training.predictor.parameters())


@each_body
def test_a_poisoned_weight_is_undone_to_the_last_good_state(body, tiny):
    training = Training(tiny(body).build(2, 0), COINS, QUICK, 0)
    good = snapshot(advanced(training, until=20))
    advanced(training, until=25).predictor.unembed.weight.data[0, 0] = math.nan
    with pytest.raises(Diverged) as stop:
        training.advance()
    assert (stop.value.step, training.step) == (25, 25)
    assert str(stop.value).startswith("diverged at step 25: loss nan nats per token")
    assert equal(snapshot(training), good)


def test_a_resumed_training_remembers_its_last_good_state(tiny):
    first = advanced(Training(tiny(predictors.LSTM).build(2, 0), COINS, QUICK, 0), until=20)
    good = snapshot(first)
    resumed = Training(tiny(predictors.LSTM).build(2, 0), COINS, QUICK, 0)
    resumed.load_tensors(advanced(first, until=25).state_tensors())
    resumed.predictor.embed.weight.data[0, 0] = math.inf
    with pytest.raises(Diverged):
        resumed.advance()
    assert equal(snapshot(resumed), good)


def test_a_network_that_begins_surely_wrong_has_not_diverged(tiny):
    sure = tiny(predictors.LSTM).build(2, 0)
    with torch.no_grad():
        sure.unembed.bias.copy_(torch.tensor([-10.0, 10.0]))
    tuning = methods.UnembedWT().start(sure, sources.Categorical(probs=(1, 0)), Recipe(steps=20, batch=4, length=6, learning_rate=0.5), 0)
    first = tuning.advance().loss
    assert first > 15 and advanced(tuning, until=19).advance().loss < 5


def test_a_network_that_begins_broken_has_diverged_at_once(tiny):
    broken = tiny(predictors.LSTM).build(2, 0)
    torch.nn.init.constant_(broken.unembed.bias, math.inf)
    with pytest.raises(Diverged, match="diverged at step 0"):
        Training(broken, COINS, QUICK, 0).advance()


# The recipe.

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
    with pytest.raises(ValidationError) as refusal:
        Recipe(**wrong)
    assert sentence(refusal.value) == answer


# The losses, by hand.

HALF, SURE = [math.log(0.5), math.log(0.5)], [math.log(0.8), math.log(0.2)]


def test_losses_by_hand():
    log_p, target = torch.tensor([[SURE, HALF]]), torch.tensor([[[1.0, 0.0], [0.5, 0.5]]])
    everything, first = torch.tensor([[True, True]]), torch.tensor([[True, False]])
    assert float(cross_entropy(target, log_p, everything)) == pytest.approx((-math.log(0.8) + math.log(2)) / 2)
    assert float(cross_entropy(target, log_p, first)) == pytest.approx(-math.log(0.8))
    assert_allclose(log_loss(torch.tensor([[1, 0]]), log_p), [[-math.log(0.2), math.log(2)]], rtol=1e-6)


def test_divergences_by_hand():
    log_q, log_p = torch.tensor([[HALF, SURE]]), torch.tensor([[SURE, SURE]])
    expected = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2)
    assert_allclose(kl(log_q, log_p), [[expected, 0]], atol=1e-6)
    assert float(mean_kl(log_q, log_p, torch.tensor([[True, True]]))) == pytest.approx(expected / 2)
    assert float(mean_kl(log_q, log_p, torch.tensor([[False, True]]))) == pytest.approx(0, abs=1e-6)


def test_a_token_that_is_ruled_out_costs_nothing():
    sure = torch.tensor([[[0.0, -math.inf]]])
    assert float(kl(sure, torch.tensor([[SURE]]))) == pytest.approx(-math.log(0.8))
    assert float(kl(sure, sure)) == 0
