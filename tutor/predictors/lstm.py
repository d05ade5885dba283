"""LSTM body whose cell states can be seen at every step, which `torch.nn.LSTM` does not allow.

Small batches use torch's own fused layer; large ones, and whoever listens to the cells, our own recurrence, which maps each
distinct input once. Both say the same, which is tested, values and gradients.
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tutor.predictors.body import AbstractBody, Product
from tutor.predictors.inputs import Inputs
from tutor.predictors.prefix_memory import LearnedState, ZeroState
from tutor.predictors.prompt_placement import PREFIX, Placement
from tutor.predictors.taps import Tap

MANY = 32
"""Sequences from which on our own recurrence, which multiplies less, beats torch's, which calls less (measured)."""


class LSTM(AbstractBody):
    """Long short-term memory (Hochreiter & Schmidhuber 1997); the paper uses one layer of width 128."""

    label: ClassVar[str] = "LSTM"
    prefix_has_length: ClassVar[bool] = False
    kind: Literal["lstm"] = "lstm"

    def build_body(self) -> nn.Module:
        return LSTMBody(LSTMLayer(inputs, self.width) for inputs in self._inputs())

    def products(self, batch: int, length: int) -> list[Product]:
        gates = 4 * self.width
        return [product for inputs in self._inputs()
                for product in (Product(batch * length, inputs, gates), Product(batch, self.width, gates, times=length))]

    def _inputs(self) -> list[int]:
        return [self.embedding] + [self.width] * (self.layers - 1)


class LSTMBody(nn.Module):
    """A stack of LSTM layers; its state is the cell of every layer (Genewein et al. 2025 fit their PCA on it)."""

    state_taps = "body.layers.*.cell"
    prefix_has_length = False

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, inputs: Inputs) -> Float[Tensor, "B T D"]:
        return self.entering(inputs, len(self.layers))

    def entering(self, inputs: Inputs, layer: int) -> Float[Tensor, "B T D"]:
        """What enters layer `layer` (1 is the second), which is what leaves the one below."""
        first, *rest = self.layers
        x = first.read(inputs)
        for above in rest[:layer - 1]:
            x = above(x)
        return x

    @property
    def upper(self) -> list[nn.Module]:
        """The layers above the first, each with an `entry` for rows of a deep prompt."""
        return list(self.layers)[1:]

    def adapted_linears(self, part: str) -> list[nn.Linear]:
        """The linear maps that a low-rank update adapts: input and recurrent weights of every layer, whatever the part."""
        return [linear for layer in self.layers for linear in (layer.input, layer.recurrent)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two D"]]:
        """What every layer remembers after the inputs x: its last hidden and cell state."""
        memories = []
        for layer in self.layers:
            x, cell = layer.states(layer.input(x))
            memories.append(torch.stack([x[0, -1], cell[0, -1]]))
        return memories

    def attach_memory(self, memories: list[Float[Tensor, "two D"]], placement: Placement = PREFIX) -> None:
        """Start every layer from a learned hidden and cell state, before all data."""
        for layer, state in zip(self.layers, memories, strict=True):
            layer.start = LearnedState(state)


class LSTMLayer(nn.Module):
    """One LSTM layer. Gate order in the weights is torch's: input, forget, candidate, output."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.input, self.recurrent = nn.Linear(inputs, 4 * width), nn.Linear(width, 4 * width, bias=False)
        with torch.no_grad():
            # Remember by default at the start of training (Jozefowicz et al. 2015).
            self.input.bias[width:2 * width] = 1.0
        self.start: nn.Module = ZeroState(width)
        self.entry: nn.Module = nn.Identity()
        self.hidden, self.cell = Tap(), Tap()

    def read(self, inputs: Inputs) -> Float[Tensor, "B T D"]:
        """The same as `forward` of the inputs in their places; each distinct vector is mapped once where the batch makes that pay."""
        if self._fits_torch(len(inputs.at)):
            return self.hidden(self.fused(inputs.placed(inputs.rows)))
        return self._shown(inputs.placed(self.input(inputs.rows)))

    def forward(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        x = self.entry(x)
        return self.hidden(self.fused(x)) if self._fits_torch(len(x)) else self._shown(self.input(x))

    def _fits_torch(self, batch: int) -> bool:
        return batch < MANY and not self.cell.heard

    def _shown(self, gates: Float[Tensor, "B T four_D"]) -> Float[Tensor, "B T D"]:
        hidden, cell = self.states(gates)
        self.cell(cell)
        return self.hidden(hidden)

    def fused(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        """Hidden state after every input, by torch's own layer."""
        state = [part.expand(1, len(x), -1).contiguous() for part in self.start()]
        bias = self.input.bias
        weights = [self.input.weight, self.recurrent.weight, bias, torch.zeros_like(bias)]
        return torch.lstm(x, state, weights, True, 1, 0.0, False, False, True)[0]

    def states(self, gates: Float[Tensor, "B T four_D"]) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T D"]]:
        """Hidden and cell state after every input, from what the inputs say to the gates."""
        h0, c0 = (part.expand(len(gates), -1) for part in self.start())
        hidden, cell = Recurrence.apply(gates.transpose(0, 1), self.recurrent.weight, h0, c0)
        return hidden.transpose(0, 1), cell.transpose(0, 1)


class Recurrence(torch.autograd.Function):
    """The loop over time: from gates [T, B, 4D], weight [4D, D], h0, c0 [B, D] to hidden and cell [T, B, D].

    Only what is truly sequential happens in the loop; the gradient of the weight is one product after it.
    """

    @staticmethod
    def forward(ctx, gates, weight, h0, c0):
        (T, B, _), D = gates.shape, h0.shape[1]
        act = gates.new_empty(gates.shape)
        hidden, cell, squashed = (gates.new_empty(T, B, D) for _ in range(3))
        h, c, back = h0, c0, weight.t()
        for given, now, h_t, c_t, s_t in zip(*map(Tensor.unbind, (gates, act, hidden, cell, squashed)), strict=True):
            torch.addmm(given, h, back, out=now)
            i, f, g, o = now.split(D, dim=1)
            now[:, :2 * D].sigmoid_()
            g.tanh_()
            o.sigmoid_()
            c = torch.mul(f, c, out=c_t).addcmul_(i, g)
            h = torch.mul(o, torch.tanh(c, out=s_t), out=h_t)
        ctx.save_for_backward(act, hidden, cell, squashed, weight, h0, c0)
        ctx.set_materialize_grads(False)
        return hidden, cell

    @staticmethod
    @once_differentiable
    def backward(ctx, d_hidden, d_cell):
        act, hidden, cell, squashed, weight, h0, c0 = ctx.saved_tensors
        d_act, d_h, d_c = torch.empty_like(act), torch.zeros_like(h0), torch.zeros_like(c0)
        nothing = [None] * len(act)                                                 # asked of a state that nobody used
        from_above = (nothing if d is None else d.unbind() for d in (d_hidden, d_cell))
        before = [c0, *cell[:-1].unbind()]
        steps = list(zip(*from_above, act.unbind(), squashed.unbind(), before, d_act.unbind(), strict=True))
        for d_h_t, d_c_t, now, s, c, d_now in reversed(steps):
            above = _plus(d_h, d_h_t), _plus(d_c, d_c_t)
            d_c = _through_a_step(above, now, s, c, d_now)
            d_h = d_now @ weight
        d_weight = None
        if ctx.needs_input_grad[1]:
            d_weight = d_act.flatten(0, 1).t() @ torch.cat([h0[None], hidden[:-1]]).flatten(0, 1)
        return d_act, d_weight, d_h, d_c


def _plus(gradient: Tensor, more: Tensor | None) -> Tensor:
    return gradient if more is None else gradient + more


def _through_a_step(above, now, squashed, before, d_now):
    """Write the gradient of one step's gates into d_now and return that of the cell before it, from those of hidden and cell."""
    d_h, d_c = above
    i, f, g, o = now.chunk(4, dim=1)
    d_i, d_f, d_g, d_o = d_now.chunk(4, dim=1)
    d_s = d_h * o
    d_c = d_c + d_s - d_s * squashed.square()
    torch.mul(d_s, squashed, out=d_o).addcmul_(d_o, o, value=-1)
    torch.mul(d_c, g, out=d_i).mul_(i).addcmul_(d_i, i, value=-1)
    torch.mul(d_c, before, out=d_f).mul_(f).addcmul_(d_f, f, value=-1)
    torch.mul(d_c, i, out=d_g).addcmul_(d_g * g, g, value=-1)
    return d_c * f
