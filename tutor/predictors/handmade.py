"""Transformers with weights set by hand, in which one virtual token decides everything that is said (Petrov et al. 2024, section 3).

One attention layer and one layer of ReLUs. The virtual token holds a table of numbers; attention copies the table to every
position, and hidden unit i passes entry i on if its gate is open: at its own place in the string, or for its own input symbols.
A real first token chooses among V tables that the weights would have to hold; a virtual one is any of V^M tables.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

SHARP = 60.0
"""Score by which attention prefers the row it wants; e^-60 is what all others get together at most."""


@dataclass(frozen=True)
class HandmadePredictor:
    """A transformer over V symbols that looks up entry i of the virtual token's table where gate i is open.

    The residual stream holds, in this order: a flag (1 on the virtual token), the table that only the virtual token brings [M],
    the table as read from it [M], the symbol [V], the symbol before it [V], the place [P], and what to say. gates [M, V + V + P]
    says which of the last features open unit i: all `needed` of them.
    """

    symbols: int
    gates: Float[Tensor, "M F"]
    needed: int
    places: int
    width: int = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "width", self._features + self.gates.shape[1] + 1)

    @property
    def _features(self) -> int:
        """Where the features begin, behind the flag and both tables."""
        return 1 + 2 * len(self.gates)

    def virtual(self, table: Int[Tensor, " M"]) -> Float[Tensor, " D"]:
        """The virtual token that holds this table."""
        row = torch.zeros(self.width, dtype=torch.float64)
        row[0], row[1:1 + len(table)] = 1.0, table.double()
        return row

    def logits(self, virtual: Float[Tensor, " D"], tokens: Int[Tensor, " T"]) -> Float[Tensor, "R V"]:
        """What the network says at the virtual token and at every token behind it."""
        x = torch.cat([virtual[None], self._embedded(tokens)])
        x[:, -1 - self.places:-1] += torch.eye(self.places, dtype=torch.float64)[:len(x)]
        x = x + self._table(x) + self._before(x)
        hidden = self._unit_inputs(x).relu()
        said = hidden.sum(-1, keepdim=True)
        v = torch.arange(self.symbols, dtype=torch.float64)
        return 2 * v * said - v.square()                                    # largest where v is nearest to what is said

    def _embedded(self, tokens: Int[Tensor, " T"]) -> Float[Tensor, "T D"]:
        rows = torch.zeros(len(tokens), self.width, dtype=torch.float64)
        at = self._features
        rows[:, at:at + self.symbols] = F.one_hot(tokens, self.symbols).double()
        return rows

    def _table(self, x: Float[Tensor, "R D"]) -> Float[Tensor, "R D"]:
        """Head 1: every row looks at the virtual token and copies its table."""
        values = torch.zeros_like(x)
        values[:, 1 + len(self.gates):self._features] = x[:, 1:1 + len(self.gates)]
        return self._attend(SHARP * x[:, 0].expand(len(x), -1), values)

    def _before(self, x: Float[Tensor, "R D"]) -> Float[Tensor, "R D"]:
        """Head 2: every row looks at the one before it and copies its symbol into the place of the symbol before."""
        at, places = self._features, x[:, -1 - self.places:-1]
        values = torch.zeros_like(x)
        values[:, at + self.symbols:at + 2 * self.symbols] = x[:, at:at + self.symbols]
        return self._attend(SHARP * places @ places.roll(1, dims=1).T, values)

    def _attend(self, scores: Float[Tensor, "R R"], values: Float[Tensor, "R D"]) -> Float[Tensor, "R D"]:
        past = torch.ones_like(scores, dtype=torch.bool).tril()
        return scores.masked_fill(~past, -torch.inf).softmax(-1) @ values

    def _unit_inputs(self, x: Float[Tensor, "R D"]) -> Float[Tensor, "R M"]:
        # Shut, a gate takes away more than any entry of the table holds.
        table, features = x[:, 1 + len(self.gates):self._features], x[:, self._features:-1]
        return table + 2 * self.symbols * (features @ self.gates.T - self.needed)


def make_string_writer(symbols: int, length: int) -> HandmadePredictor:
    """A network that writes any string behind one virtual token, whatever it reads: entry n of the token's table is symbol n.

    Parameters
    ----------
    symbols, length
        Size of the alphabet, and of the string.
    """
    gates = torch.zeros(length, 2 * symbols + length, dtype=torch.float64)
    gates[:, 2 * symbols:] = torch.eye(length)
    return HandmadePredictor(symbols, gates, needed=1, places=length)


def make_symbol_map(symbols: int) -> HandmadePredictor:
    """A network that applies any map of symbols: entry x of the virtual token's table is the answer to symbol x."""
    gates = torch.zeros(symbols, 2 * symbols + 2, dtype=torch.float64)
    gates[:, :symbols] = torch.eye(symbols)
    return HandmadePredictor(symbols, gates, needed=1, places=2)


def make_pair_map(symbols: int) -> HandmadePredictor:
    """A network that applies any map of pairs of V symbols: entry V a + b of the virtual token's table is the answer to a, b."""
    gates = torch.zeros(symbols**2, 2 * symbols + 3, dtype=torch.float64)
    one, two = torch.arange(symbols**2) // symbols, torch.arange(symbols**2) % symbols
    gates[:, symbols:2 * symbols] = F.one_hot(one, symbols)
    gates[:, :symbols] = F.one_hot(two, symbols)
    return HandmadePredictor(symbols, gates, needed=2, places=3)


def write_string(network: HandmadePredictor, table: Int[Tensor, " M"], length: int) -> Int[Tensor, " length"]:
    """What a network set by hand writes behind a virtual token, greedily, each symbol read again.

    Parameters
    ----------
    table
        [M] what the virtual token holds.
    length
        Symbols to write.

    Returns
    -------
    [length]
    """
    said = torch.empty(0, dtype=torch.int64)
    for _ in range(length):
        said = torch.cat([said, network.logits(network.virtual(table), said)[-1:].argmax(-1)])
    return said


def answer_symbols(network: HandmadePredictor, table: Int[Tensor, " M"], tokens: Int[Tensor, " T"]) -> int:
    """The symbol with which a network set by hand answers `tokens` [T] behind the virtual token of `table` [M]."""
    return int(network.logits(network.virtual(table), tokens)[-1].argmax())
