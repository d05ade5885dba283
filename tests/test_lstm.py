"""The LSTM, in its three ways, against torch.nn.LSTM."""

from itertools import product

import pytest
import torch
from sequences import close
from torch import nn
from torch.nn import functional as F

from tutor import predictors
from tutor.predictors.inputs import Inputs
from tutor.predictors.lstm import LSTMLayer, Recurrence
from tutor.predictors.prefix_memory import LearnedState


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
