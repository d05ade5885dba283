"""Prompts: how long they may be, where they stand, how they start; and the prefixes of single layers."""

import pytest
import torch
from numpy.testing import assert_allclose
from repeating import advanced
from short_tunings import QUICK, SINGLE, TOKENS, each_base, short

from tutor import methods, predictors
from tutor.core.rng import stream
from tutor.methods import METHODS
from tutor.methods.method import PromptField, draw_starting_rows
from tutor.predictors.inputs import Inputs
from tutor.predictors.prompt_placement import Placement
from tutor.runs.spec import RunSpec, SpecError

base = each_base
PROMPTS = ["random", "simplex", "real", "soft"]


@pytest.mark.parametrize("kind", PROMPTS)
def test_a_prompt_of_length_zero_is_the_base(kind, base):
    tuning = METHODS[kind](length=0).start(base, SINGLE, QUICK, 0)
    assert torch.equal(advanced(tuning).predictor(TOKENS), base(TOKENS))


@pytest.mark.parametrize("kind", PROMPTS)
def test_a_prompt_of_the_greatest_length_trains(kind, base):
    tuned = advanced(METHODS[kind](length=64).start(base, SINGLE, QUICK, 0)).predictor
    assert len(tuned.prompt()) == 64
    assert tuned(TOKENS).isfinite().all()


@pytest.mark.parametrize("length", [0, 64])
def test_an_attention_prefix_of_extreme_length_trains(length, tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    tuned = advanced(methods.PrefixPT(length=length).start(network, SINGLE, QUICK, 0)).predictor
    assert tuned.body.blocks[0].attn.memory.keys.shape == (4, length, 2)
    assert tuned(TOKENS).isfinite().all()


@pytest.mark.parametrize("kind", [kind for kind, cls in METHODS.items() if issubclass(cls, PromptField)])
def test_every_prompt_stands_where_it_is_placed(kind, base):
    fitting = short(METHODS[kind], base, placement=Placement(kind="infix", after=2))
    tuned = advanced(fitting.start(base, SINGLE, QUICK, 0)).predictor
    assert tuned.placement == Placement(kind="infix", after=2)
    assert_allclose(tuned(TOKENS)[:, :2].detach(), base(TOKENS)[:, :2].detach(), atol=1e-6)
    assert (tuned(TOKENS) - base(TOKENS))[:, 2:].abs().max() > 1e-4


def test_prompts_start_as_their_initialisation_says():
    rows = {init: draw_starting_rows(init, 500, 4, seed=0) for init in ("one_hot", "normal", "zeros", "uniform")}
    assert {tuple(row) for row in rows["one_hot"].tolist()} == {tuple(row) for row in torch.eye(4).tolist()}
    assert rows["normal"].mean().abs() < 0.1 and 0.9 < rows["normal"].std() < 1.1
    assert rows["zeros"].abs().max() == 0
    assert rows["uniform"].abs().max() <= 0.5 and 0.25 < rows["uniform"].std() < 0.32


def test_a_simplex_prompt_is_a_row_of_distributions_that_starts_as_in_the_papers_code(base):
    prompt = methods.SimplexPT().attach(base, 0).token_prompt()
    assert_allclose(prompt.sum(-1).detach(), 1, atol=1e-6)
    assert_allclose(prompt.max(-1).values.detach(), 0.7311, atol=1e-4)                 # a one-hot through the softmax


def test_real_and_soft_prompts_start_in_their_own_spaces(base):
    assert methods.RealPT(length=3).attach(base, 0).token_prompt().shape == (3, 2)
    assert methods.SoftPT(length=3).attach(base, 0).embedding_prompt().shape == (3, 8)


def test_a_random_prefix_holds_tokens_of_the_vocabulary(tiny):
    dice = tiny(predictors.LSTM).build(6, 0)
    assert set(methods.RandomPF(length=64).attach(dice, 0).token_prompt.tokens) == set(range(6))


# Per-layer prefixes.

def test_the_prefix_of_an_lstm_starts_as_its_memory_of_random_tokens(tiny):
    network = tiny(predictors.LSTM, layers=2).build(2, 0)
    tuned = methods.PrefixPT().attach(network, 0)
    tokens = torch.nn.functional.one_hot(torch.tensor([stream(0, "prompt").integers(2, size=6).tolist()]), 2).float()
    bos_and_data = torch.cat([torch.zeros(2, 1, 2), torch.nn.functional.one_hot(TOKENS[:, :-1], 2).float()], dim=1)
    read = network.body(Inputs.of(network.embed(torch.cat([tokens.expand(2, -1, -1), bos_and_data], dim=1))))[:, 6:]
    assert_allclose(tuned(TOKENS).detach(), network.unembed(read).log_softmax(-1).detach(), atol=1e-5)


def test_the_prefix_of_a_transformer_starts_as_its_keys_and_values_of_random_tokens(tiny):
    network = tiny(predictors.Transformer).build(2, 0)
    attn = methods.PrefixPT(length=3).attach(network, 0).body.blocks[0].attn
    heard = {}
    network.body.blocks[0].attn.keys.register_forward_hook(lambda _, __, out: heard.update(keys=out))
    network.body.blocks[0].attn.values.register_forward_hook(lambda _, __, out: heard.update(values=out))
    tokens = torch.from_numpy(stream(0, "prompt").integers(2, size=3))
    network.body(Inputs.of(network.embed(torch.nn.functional.one_hot(tokens, 2).float())[None]))
    for name, rows in heard.items():
        assert_allclose(getattr(attn.memory, name).detach(), attn.split(rows)[0].detach(), atol=1e-6)


@pytest.mark.parametrize("init", ["normal", "zeros"])
def test_a_prefix_can_start_elsewhere(init, base):
    tuned = methods.PrefixPT(init=init).attach(base, 0)
    rows = torch.cat([p.flatten() for p in tuned.parameters() if p.requires_grad])
    assert (rows.abs().max() == 0) == (init == "zeros")


def test_a_prefix_with_a_length_refuses_a_recurrent_network_in_one_sentence(tiny):
    method, network = methods.PrefixPT(length=6), tiny(predictors.LSTM).build(2, 0)
    assert not method.supports(network)
    with pytest.raises(ValueError, match="length is 6; the per-layer prefix of a recurrent network is its initial state and has no length"):
        method.start(network, SINGLE, QUICK, 0)
    with pytest.raises(SpecError, match="length is 6; the per-layer prefix of an LSTM is its initial state and has no length"):
        RunSpec.from_dict({"source": {"kind": "dirichlet"}, "body": {"kind": "lstm"}, "recipe": {}, "tuning": {},
                           "method": {"kind": "prefix", "length": 6}, "on": {"kind": "categorical"}})
