"""LSTM body whose cell states can be seen at every step, which `torch.nn.LSTM` does not allow.

The recurrence is one autograd function: the time loop holds only what is truly sequential, and the gradient of the weights
is one matrix product after it. Equality with `torch.nn.LSTM` is tested, values and gradients.
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tutor.predictors.base import AbstractBody
from tutor.predictors.seams import LearnedState, Tap, ZeroState


class LSTM(AbstractBody):
    """Long short-term memory (Hochreiter & Schmidhuber 1997); the paper uses one layer of width 128."""

    label: ClassVar[str] = "LSTM"
    prefix_has_length: ClassVar[bool] = False
    kind: Literal["lstm"] = "lstm"

    def build_body(self) -> nn.Module:
        widths = [self.embedding] + [self.width] * (self.layers - 1)
        return LSTMBody(LSTMLayer(inputs, self.width) for inputs in widths)


class LSTMBody(nn.Module):
    """A stack of LSTM layers; its state is the cell of every layer (Genewein et al. 2025 fit their PCA on it)."""

    state_taps = "body.layers.*.cell"
    prefix_has_length = False

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        return self.layers(x)

    def adapted_linears(self) -> list[nn.Linear]:
        """The linear maps that a low-rank update adapts: input and recurrent weights of every layer."""
        return [linear for layer in self.layers for linear in (layer.input, layer.recurrent)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two D"]]:
        """What every layer remembers after the inputs x: its last hidden and cell state."""
        memories = []
        for layer in self.layers:
            x, cell = layer.run(x)
            memories.append(torch.stack([x[0, -1], cell[0, -1]]))
        return memories

    def attach_memory(self, memories: list[Float[Tensor, "two D"]]) -> None:
        """Start every layer from a learned hidden and cell state."""
        for layer, state in zip(self.layers, memories, strict=True):
            layer.start = LearnedState(state)


class LSTMLayer(nn.Module):
    """One LSTM layer. Gate order in the weights is output, input, forget, candidate, so that each step needs few kernels."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.input, self.recurrent = nn.Linear(inputs, 4 * width), nn.Linear(width, 4 * width, bias=False)
        with torch.no_grad():
            # Remember by default at the start of training (Jozefowicz et al. 2015).
            self.input.bias[2 * width:3 * width] = 1.0
        self.start: nn.Module = ZeroState(width)
        self.hidden, self.cell = Tap(), Tap()

    def forward(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        hidden, cell = self.run(x)
        self.cell(cell)
        return self.hidden(hidden)

    def run(self, x: Float[Tensor, "B T E"]) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T D"]]:
        """Hidden and cell state after every input."""
        gates = self.input(x).transpose(0, 1)                                              # (T, B, 4D)
        h0, c0 = self.start().unsqueeze(1).expand(-1, x.shape[0], -1)                      # (B, D) each
        hidden, cell = Recurrence.apply(gates, self.recurrent.weight, h0, c0)
        return hidden.transpose(0, 1), cell.transpose(0, 1)


class Recurrence(torch.autograd.Function):
    """The loop over time: gates [T, B, 4D], weight [4D, D], h0 and c0 [B, D] to hidden and cell [T, B, D]."""

    @staticmethod
    def forward(ctx, gates, weight, h0, c0):
        T, B, D = gates.shape[0], gates.shape[1], h0.shape[1]
        act = gates.clone(memory_format=torch.contiguous_format)
        hidden, cell, squashed = (gates.new_empty(T, B, D) for _ in range(3))
        h, c, back = h0, c0, weight.t()
        o, i, f, g = (part.unbind(0) for part in act.split(D, dim=-1))
        for t, (now, sigmoids) in enumerate(zip(act.unbind(0), act[..., :3 * D].unbind(0), strict=True)):
            now.addmm_(h, back)
            sigmoids.sigmoid_()
            g[t].tanh_()
            c = torch.mul(f[t], c, out=cell[t]).addcmul_(i[t], g[t])
            h = torch.mul(o[t], torch.tanh(c, out=squashed[t]), out=hidden[t])
        ctx.save_for_backward(act, hidden, cell, squashed, weight, h0, c0)
        ctx.mark_non_differentiable(cell)
        return hidden, cell

    @staticmethod
    @once_differentiable
    def backward(ctx, d_hidden, _):
        act, hidden, cell, squashed, weight, h0, c0 = ctx.saved_tensors
        D = h0.shape[1]
        o, i, f, g = act.split(D, dim=-1)
        before = torch.cat([c0[None], cell[:-1]])
        to_output = squashed * o * (1 - o)                                                 # d gate_o / d h
        to_cell = o * (1 - squashed.square())                                              # d c / d h
        to_rest = torch.cat([g * i * (1 - i), before * f * (1 - f), i * (1 - g.square())], dim=-1)
        d_gates = torch.empty_like(act)
        d_h, d_c = torch.zeros_like(h0), torch.zeros_like(c0)
        steps = list(zip(d_hidden.unbind(0), to_cell.unbind(0), to_output.unbind(0), to_rest.unflatten(-1, (3, D)).unbind(0),
                         f.unbind(0), d_gates.unbind(0), strict=True))
        for d_out, a_cell, a_output, a_rest, forget, d_gate in reversed(steps):
            d_h = d_h + d_out
            d_c.addcmul_(d_h, a_cell)
            torch.mul(d_h, a_output, out=d_gate[:, :D])
            torch.mul(d_c[:, None], a_rest, out=d_gate[:, D:].unflatten(-1, (3, D)))
            d_c.mul_(forget)
            d_h = d_gate @ weight
        d_weight = None
        if ctx.needs_input_grad[1]:
            past = torch.cat([h0[None], hidden[:-1]])
            d_weight = d_gates.flatten(0, 1).t() @ past.flatten(0, 1)                      # (4D, D), all steps at once
        return d_gates, d_weight, d_h, d_c
