"""Training: it repeats and resumes bit for bit, tells every step, and says when it diverged."""

import math

import pytest
import repeating
import torch
from every import each_body
from repeating import advanced, equal
from safetensors.torch import load, save

from tutor import Recipe, fit, methods, predictors, sources
from tutor.training.loop import Diverged, Training

COINS = sources.DirichletCategorical()
QUICK = Recipe(steps=30, batch=4, length=6, learning_rate=0.01, warmup=0.1, cosine=True)


def snapshot(training: Training) -> dict[str, torch.Tensor]:
    return repeating.snapshot(training.predictor)


def test_a_batch_in_which_nothing_is_asked_moves_nothing_and_is_no_divergence():
    source = sources.Lists(items=4)
    network = predictors.GPT2(width=8, context=16).build(source.vocab, 0)
    training = Training(network, source, Recipe(steps=3, batch=2, length=4), 0)          # only the list fits, not its answer
    before = snapshot(training)
    assert advanced(training).step == 3
    assert equal(before, snapshot(training))


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
