"""LSTM body whose cell states can be seen at every step, which `torch.nn.LSTM` does not allow.

Training and prediction use torch's own fused layer; only where somebody listens to the cells do we walk through time
ourselves. Both say the same, which is tested, values and gradients.
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tutor.predictors.base import AbstractBody, Product
from tutor.predictors.seams import LearnedState, Tap, ZeroState


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

    def forward(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        return self.layers(x)

    def adapted_linears(self) -> list[nn.Linear]:
        """The linear maps that a low-rank update adapts: input and recurrent weights of every layer."""
        return [linear for layer in self.layers for linear in (layer.input, layer.recurrent)]

    def memory_of(self, x: Float[Tensor, "one K E"]) -> list[Float[Tensor, "two D"]]:
        """What every layer remembers after the inputs x: its last hidden and cell state."""
        memories = []
        for layer in self.layers:
            x, cell = layer.walk(x)
            memories.append(torch.stack([x[0, -1], cell[0, -1]]))
        return memories

    def attach_memory(self, memories: list[Float[Tensor, "two D"]]) -> None:
        """Start every layer from a learned hidden and cell state."""
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
        self.hidden, self.cell = Tap(), Tap()

    def forward(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        if not self.cell.heard:
            return self.hidden(self.fused(x))
        hidden, cell = self.walk(x)
        self.cell(cell)
        return self.hidden(hidden)

    def fused(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "B T D"]:
        """Hidden state after every input, by torch's own layer."""
        state = [part.expand(1, len(x), -1).contiguous() for part in self.start()]
        bias = self.input.bias
        weights = [self.input.weight, self.recurrent.weight, bias, torch.zeros_like(bias)]
        return torch.lstm(x, state, weights, True, 1, 0.0, False, False, True)[0]

    def walk(self, x: Float[Tensor, "B T E"]) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T D"]]:
        """Hidden and cell state after every input, one step at a time."""
        h, c = (part.expand(len(x), -1) for part in self.start())
        hidden, cell = [], []
        for gates in self.input(x).unbind(1):
            i, f, g, o = (gates + self.recurrent(h)).chunk(4, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            hidden.append(h)
            cell.append(c)
        return torch.stack(hidden, 1), torch.stack(cell, 1)
