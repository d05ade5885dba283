"""Predictors: the contract of every body (alignment, causality, prompts, taps) and equality with reference layers.

A new body is tested on arrival: it joins BODIES.
"""

from itertools import product

import pytest
import torch
from numpy.testing import assert_allclose
from pydantic import ValidationError
from torch import nn
from torch.nn import functional as F

from tutor import measure, predictors, sources
from tutor.predictors import BODIES
from tutor.predictors.inputs import Inputs
from tutor.predictors.lstm import LSTMLayer, Recurrence
from tutor.predictors.memory import LearnedState
from tutor.predictors.placement import Placement
from tutor.predictors.prompts import HardPrompt, RealPrompt, SimplexPrompt
from tutor.predictors.taps import listening, tap_names
from tutor.spec import sentence

each_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
each_shape = pytest.mark.parametrize("shape", [{}, {"layers": 2, "embedding": 5}], ids=["plain", "two layers, narrow embedding"])
TOKENS = torch.tensor([[0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 1], [0, 0, 0, 1, 1, 1]])
PROMPT = (1, 0, 0)


def close(a: torch.Tensor, b: torch.Tensor, atol: float = 1e-5) -> None:
    torch.testing.assert_close(a, b, atol=atol, rtol=1e-5)


def after_prompt(network, prompt: tuple[int, ...], at: int, tokens: torch.Tensor) -> torch.Tensor:
    """Predictions of the whole sequence with `prompt` fed as data after `at` tokens."""
    rows = torch.tensor(prompt, dtype=torch.int64).expand(len(tokens), -1)
    return network(torch.cat([tokens[:, :at], rows, tokens[:, at:]], dim=1))


# The contract of every body.

@each_shape
@each_body
def test_predictions_are_distributions_for_every_position(body, shape, tiny):
    log_p = tiny(body, **shape).build(2, 0)(TOKENS)
    assert log_p.shape == (3, 6, 2)
    close(log_p.exp().sum(-1), torch.ones(3, 6))


@each_shape
@each_body
def test_a_prediction_depends_on_the_past_alone(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    for t in range(6):
        changed = TOKENS.clone()
        changed[:, t:] = 1 - changed[:, t:]
        close(network(changed)[:, :t + 1], network(TOKENS)[:, :t + 1], atol=1e-6)


@each_body
def test_a_prediction_does_depend_on_the_token_before_it(body, tiny):
    network, changed = tiny(body).build(2, 0), TOKENS.clone()
    changed[:, 3] = 1 - changed[:, 3]
    assert (network(changed)[:, 4] - network(TOKENS)[:, 4]).abs().min() > 1e-4


@each_body
def test_the_first_prediction_is_made_before_any_data(body, tiny):
    first = tiny(body).build(2, 0)(TOKENS)[:, 0]
    close(first, first[:1].expand(3, -1))


@each_body
def test_sequences_of_a_batch_do_not_touch_each_other(body, tiny):
    network = tiny(body).build(2, 0)
    close(network(TOKENS)[1:2], network(TOKENS[1:2]))


@each_body
def test_one_token_is_predicted_from_nothing(body, tiny):
    network = tiny(body).build(3, 0)
    close(network(torch.tensor([[2]])), network(torch.tensor([[0, 1]]))[:, :1])


@each_body
def test_the_same_seed_builds_the_same_weights_and_another_seed_others(body, tiny):
    one, same, other = (tiny(body).build(2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["embed.weight"], other["embed.weight"])


@each_body
def test_building_leaves_the_global_random_state_alone(body, tiny):
    before = torch.random.get_rng_state()
    tiny(body).build(2, 0)
    assert torch.equal(torch.random.get_rng_state(), before)


@each_body
def test_a_frozen_copy_shares_nothing_and_requires_nothing(body, tiny):
    network = tiny(body).build(2, 0)
    copy = network.frozen_copy()
    assert network.trainable > 0 and copy.trainable == 0
    with torch.no_grad():
        copy.embed.weight.zero_()
    assert network.embed.weight.abs().sum() > 0


@each_body
def test_a_measured_network_can_still_be_trained(body, tiny):
    network = tiny(body, width=12).build(2, 0)
    measure.capture(network, TOKENS)
    network(TOKENS).sum().backward()
    assert all(p.grad is not None for p in network.parameters())


@each_body
def test_a_network_accepts_any_width_of_its_specification(body, tiny):
    for width in (4, 20):
        assert tiny(body, width=width).build(2, 0)(TOKENS).isfinite().all()


@each_body
def test_the_embedding_follows_the_width_unless_it_is_given(body):
    assert (body(width=64).embedding, body(width=64, embedding=4).embedding, body().embedding) == (64, 4, 128)


@each_body
def test_the_specification_and_the_network_agree_whether_a_memory_has_rows(body, tiny):
    assert tiny(body).prefix_has_length == tiny(body).build(2, 0).body.prefix_has_length


@pytest.mark.parametrize(("body", "wrong", "answer"), [
    (predictors.LSTM, {"width": 3}, "width is 3; input should be greater than or equal to 4"),
    (predictors.LSTM, {"width": 10**9}, "width is 1000000000; input should be less than or equal to 512"),
    (predictors.LSTM, {"layers": 0}, "layers is 0; input should be greater than or equal to 1"),
    (predictors.LSTM, {"widht": 8}, "widht is not a field; did you mean width?"),
    (predictors.LSTM, {"heads": 2}, "heads is not a field"),
    (predictors.Transformer, {"width": 10}, "width is 10 and heads is 4; the width must be divisible by the heads"),
    (predictors.Transformer, {"embedding": 1}, "embedding is 1; input should be greater than or equal to 2"),
], ids=str)
def test_a_network_that_cannot_be_is_refused_in_one_sentence(body, wrong, answer):
    with pytest.raises(ValidationError) as refusal:
        body(**wrong)
    assert sentence(refusal.value) == answer


# Prompts and placement: a prompt of tokens is those tokens.

@each_shape
@each_body
def test_a_hard_prompt_equals_feeding_its_tokens_as_data(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    fed = after_prompt(network, PROMPT, 0, TOKENS)[:, 3:]
    network.token_prompt = HardPrompt(PROMPT, 2)
    close(network(TOKENS), fed)


@each_body
def test_an_infix_equals_feeding_its_tokens_in_the_middle(body, tiny):
    network = tiny(body).build(2, 0)
    plain, fed = network(TOKENS), after_prompt(network, PROMPT, 2, TOKENS)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="infix", after=2)
    close(network(TOKENS)[:, :2], plain[:, :2])
    close(network(TOKENS)[:, 2:], fed[:, 2 + 3:])


@each_body
def test_a_suffix_speaks_only_to_the_last_prediction(body, tiny):
    network = tiny(body).build(2, 0)
    plain, fed = network(TOKENS), after_prompt(network, PROMPT, 5, TOKENS)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="suffix")
    close(network(TOKENS)[:, :5], plain[:, :5])
    close(network(TOKENS)[:, 5], fed[:, 5 + 3])


@each_body
def test_an_infix_beyond_the_sequence_is_a_suffix(body, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), Placement(kind="suffix")
    suffix = network(TOKENS)
    network.placement = Placement(kind="infix", after=100)
    assert torch.equal(network(TOKENS), suffix)


@pytest.mark.parametrize("placement", [Placement(), Placement(kind="infix", after=2), Placement(kind="suffix")], ids=lambda p: p.kind)
@each_body
def test_a_prompt_of_no_rows_changes_nothing_wherever_it_stands(body, placement, tiny):
    network = tiny(body).build(2, 0)
    plain = network(TOKENS)
    network.token_prompt, network.embedding_prompt, network.placement = HardPrompt((), 2), RealPrompt(torch.empty(0, 8)), placement
    assert torch.equal(network(TOKENS), plain)


@pytest.mark.parametrize("placement", [Placement(kind="infix", after=2), Placement(kind="suffix")], ids=lambda p: p.kind)
@each_body
def test_a_prediction_behind_a_prompt_depends_on_the_past_alone(body, placement, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), placement
    for t in range(1, 6):
        changed = TOKENS.clone()
        changed[:, t:] = 1 - changed[:, t:]
        close(network(changed)[:, :t + 1], network(TOKENS)[:, :t + 1], atol=1e-6)


@each_body
def test_one_hot_rows_are_the_same_prompt_in_every_space(body, tiny):
    network = tiny(body).build(2, 0)
    network.token_prompt = HardPrompt(PROMPT, 2)
    hard = network(TOKENS)
    network.token_prompt = RealPrompt(F.one_hot(torch.tensor(PROMPT), 2).float())
    close(network(TOKENS), hard)
    network.token_prompt = SimplexPrompt(100 * F.one_hot(torch.tensor(PROMPT), 2).float())
    close(network(TOKENS), hard)
    network.token_prompt = HardPrompt((), 2)
    network.embedding_prompt = RealPrompt(network.embed(F.one_hot(torch.tensor(PROMPT), 2).float()).detach())
    close(network(TOKENS), hard)


@pytest.mark.parametrize(("placement", "end"), [
    (Placement(), 3), (Placement(kind="infix", after=2), 5), (Placement(kind="suffix"), 8),
], ids=lambda x: "")
@each_body
def test_the_prompt_ends_where_the_tap_says(body, placement, end, tiny):
    network = tiny(body).build(2, 0)
    assert network.prompt_end(6) == 0                                                  # BOS
    network.token_prompt, network.placement = HardPrompt(PROMPT, 2), placement
    assert network.prompt_end(6) == end


def test_an_ideal_network_behind_a_hard_prompt_counts_it_as_flips(ideal_network):
    coins, network = sources.DirichletCategorical(), ideal_network(sources.DirichletCategorical())
    assert_allclose(network(TOKENS), coins.log_bayes(TOKENS), atol=1e-6)
    network.token_prompt = HardPrompt(PROMPT, 2)
    close(network(TOKENS).double(), after_prompt(coins.log_bayes, PROMPT, 0, TOKENS)[:, 3:])


# Taps.

@each_shape
@each_body
def test_every_tap_is_heard_with_a_row_for_bos_the_prompt_and_all_data_but_the_last(body, shape, tiny):
    network = tiny(body, **shape).build(2, 0)
    network.token_prompt = HardPrompt(PROMPT, 2)
    with listening(network, "body.*") as heard:
        network(TOKENS)
    assert set(heard) == set(tap_names(network))
    assert {tuple(states.shape) for states in heard.values()} == {(3, 3 + 6, 8)}


def test_taps_have_the_names_that_notebooks_use():
    block = ["attn.queries", "attn.keys", "attn.values", "resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"]
    assert set(tap_names(predictors.LSTM(width=8).build(2, 0))) == {"body.layers.0.hidden", "body.layers.0.cell"}
    assert set(tap_names(predictors.Transformer(width=8).build(2, 0))) == {f"body.blocks.0.{name}" for name in block}


@each_body
def test_listening_changes_no_prediction_and_leaves_no_hook_behind(body, tiny):
    network = tiny(body).build(2, 0)
    plain = network(TOKENS)
    with pytest.raises(KeyError), listening(network, "body.*"):
        close(network(TOKENS), plain)
        raise KeyError
    assert not any(module._forward_hooks for module in network.modules())


def test_a_tap_that_is_not_there_is_named_beside_those_that_are():
    network = predictors.LSTM(width=8).build(2, 0)
    answer = "tap is 'body.cells'; it matches none of body.layers.0.hidden, body.layers.0.cell"
    with pytest.raises(ValueError, match=answer), listening(network, "body.cells"):
        pass


# The paper's networks.

@pytest.mark.parametrize(("body", "count"), [(predictors.LSTM(), 132_226), (predictors.Transformer(), 198_274)], ids=str)
def test_the_papers_networks_have_the_papers_parameter_counts(body, count):
    assert body.build(2, 0).trainable == count


# The LSTM, in its three ways, against torch.nn.LSTM.

def reference_lstm(body) -> nn.LSTM:
    """torch's LSTM with the weights of ours."""
    first, width = body.layers[0].input, body.layers[0].recurrent.in_features
    reference = nn.LSTM(first.in_features, width, num_layers=len(body.layers), batch_first=True)
    with torch.no_grad():
        for i, layer in enumerate(body.layers):
            getattr(reference, f"weight_ih_l{i}").copy_(layer.input.weight)
            getattr(reference, f"weight_hh_l{i}").copy_(layer.recurrent.weight)
            getattr(reference, f"bias_ih_l{i}").copy_(layer.input.bias)
            getattr(reference, f"bias_hh_l{i}").zero_()
    return reference


@pytest.fixture(params=list(product((1, 2), ("fused", "heard", "shared"))), ids=lambda p: f"{p[0]} layers {p[1]}")
def lstm(request, monkeypatch):
    layers, way = request.param
    body = predictors.LSTM(width=8, layers=layers, embedding=5).build(2, 0).body
    torch.manual_seed(0)
    monkeypatch.setattr(predictors.lstm, "MANY", 1 if way == "shared" else 100)
    for layer in body.layers if way == "heard" else ():
        layer.cell.register_forward_hook(lambda *heard: None)
    return body, reference_lstm(body), torch.randn(3, 7, 5, requires_grad=True), torch.randn(2, layers, 8, requires_grad=True)


def test_lstm_values_equal_torch(lstm):
    body, reference, x, _ = lstm
    close(body(Inputs.of(x)), reference(x)[0])


def test_lstm_values_from_an_initial_state_equal_torch(lstm):
    body, reference, x, start = lstm
    body.attach_memory(list(start.unbind(1)))
    h0, c0 = start[:, :, None].expand(-1, -1, 3, -1).contiguous()
    close(body(Inputs.of(x)), reference(x, (h0, c0))[0])


def test_lstm_gradients_equal_torch(lstm):
    body, reference, x, start = lstm
    body.attach_memory(list(start.unbind(1)))
    weigh = torch.randn(3, 7, 8)
    (body(Inputs.of(x)) * weigh).sum().backward()
    ours, x.grad = x.grad.clone(), None
    h0, c0 = start[:, :, None].expand(-1, -1, 3, -1)
    (reference(x, (h0.contiguous(), c0.contiguous()))[0] * weigh).sum().backward()
    close(ours, x.grad)
    for i, layer in enumerate(body.layers):
        close(layer.input.weight.grad, getattr(reference, f"weight_ih_l{i}").grad)
        close(layer.recurrent.weight.grad, getattr(reference, f"weight_hh_l{i}").grad)
        close(layer.input.bias.grad, getattr(reference, f"bias_ih_l{i}").grad)
        close(layer.start.state.grad, start.grad[:, i])


def test_lstm_cells_equal_torch_cell_by_cell():
    layer, x = LSTMLayer(5, 8), torch.randn(3, 7, 5)
    cell = nn.LSTMCell(5, 8)
    with torch.no_grad():
        cell.weight_ih.copy_(layer.input.weight)
        cell.weight_hh.copy_(layer.recurrent.weight)
        cell.bias_ih.copy_(layer.input.bias)
        cell.bias_hh.zero_()
    h = c = torch.zeros(3, 8)
    for t in range(7):
        h, c = cell(x[:, t], (h, c))
        close(layer.states(layer.input(x))[1][:, t], c)


def test_hidden_and_cell_of_the_recurrence_pass_gradcheck_with_inputs_that_repeat():
    torch.manual_seed(0)
    gates, weight, h0, c0 = (torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in ((3, 12), (12, 3), (2, 3), (2, 3)))
    at = torch.tensor([[0, 1], [2, 2], [0, 0], [1, 0]])
    assert torch.autograd.gradcheck(lambda gates, *rest: Recurrence.apply(F.embedding(at, gates), *rest), (gates, weight, h0, c0))


@each_body
def test_a_large_batch_says_the_same_as_its_sequences_alone(body, tiny):
    network = tiny(body).build(2, 0)
    network.embedding_prompt = RealPrompt(torch.randn(3, 8))
    tokens = torch.randint(2, (40, 6), generator=torch.Generator().manual_seed(0))
    together, alone = network(tokens), torch.cat([network(row[None]) for row in tokens])
    close(together, alone)
    grown = [torch.autograd.grad(said.logsumexp(1).sum(), list(network.parameters())) for said in (together, alone)]
    for a, b in zip(*grown, strict=True):
        close(a, b, atol=1e-4)


def test_a_layer_with_frozen_weights_still_passes_gradients_to_its_start():
    layer = LSTMLayer(5, 8).requires_grad_(False)
    layer.start = LearnedState(torch.zeros(2, 8))
    layer(torch.randn(3, 7, 5)).sum().backward()
    assert layer.start.state.grad.abs().min() > 0 and layer.recurrent.weight.grad is None


def test_an_lstm_remembers_by_default():
    bias = LSTMLayer(5, 8).input.bias.detach()
    assert torch.equal(bias[8:16], torch.ones(8))                                      # i, f, g, o: f is the second


def test_the_memory_of_an_lstm_is_its_state_after_reading():
    body, x, more = predictors.LSTM(width=8, layers=2).build(2, 0).body, torch.randn(1, 3, 8), torch.randn(1, 4, 8)
    whole = body(Inputs.of(torch.cat([x, more], dim=1)))
    body.attach_memory(body.memory_of(x))
    close(body(Inputs.of(more)), whole[:, 3:])
