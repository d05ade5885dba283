"""Where a prompt stands among the data, and where that leaves the data."""

from typing import Literal

import torch
from jaxtyping import Int
from pydantic import Field
from torch import Tensor

from tutor.core.types import Spec


class Placement(Spec):
    """Where the prompt stands: before the data (prefix), after `after` data tokens (infix), after all of them (suffix), or half
    before the data and half after `after` tokens (around).

    The prediction of the token that follows the prompt is made from the last prompt vector. Li & Liang 2021, section 7.3.
    """

    kind: Literal["prefix", "infix", "suffix", "around"] = "prefix"
    after: int = Field(0, ge=0, le=4096, description="data tokens before an infix, or before the second half")

    def offset(self, length: int) -> int:
        """Data tokens before the (last part of the) prompt, for sequences of `length` tokens (the last one is never an input)."""
        inside = min(self.after, length - 1)
        return {"prefix": 0, "infix": inside, "suffix": length - 1, "around": inside}[self.kind]

    def pieces(self, count: int, length: int) -> list[tuple[int, int]]:
        """The parts of a prompt of `count` vectors in order: how many data tokens stand before each, and how many vectors it has."""
        first = count - count // 2 if self.kind == "around" else 0
        return [(0, first), (self.offset(length), count - first)]


PREFIX = Placement()


def splice_rows(data: Int[Tensor, "*batch T"], rows: Int[Tensor, "*batch K"], pieces: list[tuple[int, int]]) -> Int[Tensor, "*batch KT"]:
    """Put rows between data.

    Parameters
    ----------
    data, rows
        [*batch, T] and [*batch, K].
    pieces
        (after, count): the next `count` rows stand after so many entries of the data.

    Returns
    -------
    [*batch, T + K]
    """
    parts, read, used = [], 0, 0
    for at, count in pieces:
        parts += [data[..., read:at], rows[..., used:used + count]]
        read, used = at, used + count
    return torch.cat([*parts, data[..., read:]], dim=-1)


def data_positions(length: int, pieces: list[tuple[int, int]]) -> Int[Tensor, " T"]:
    """Positions [T] of the data once the pieces of a prompt stand among them."""
    own = torch.arange(length)
    return own + sum((own >= at) * count for at, count in pieces)
