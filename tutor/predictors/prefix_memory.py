"""What a layer remembers from before the data: keys and values in attention, an initial state in an LSTM, or nothing."""

from abc import abstractmethod

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from tutor.predictors.prompt_placement import PREFIX, Placement

Rows = Float[Tensor, "H K dh"]
Heads = Float[Tensor, "B H T dh"]
WithMemory = Float[Tensor, "B H KT dh"]
Visible = Bool[Tensor, "T KT"]


class NoMemory(nn.Module):
    """No prefix in this attention layer: plain causal attention."""

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)

    def extended(self, k: Heads, v: Heads) -> tuple[WithMemory, WithMemory, Visible]:
        """Keys, values, and which of them each position sees."""
        return k, v, torch.ones(k.shape[2], k.shape[2], dtype=torch.bool).tril()


class AbstractMemory(nn.Module):
    """Keys and values that positions of this layer can attend to beside the past (prefix-tuning, Li & Liang 2021, section 4).

    They stand after the key norm, like cached keys, and take no position, so the data keeps its own. Whoever stands before them
    by `placement` does not see them.
    """

    placement: Placement

    @abstractmethod
    def rows(self) -> tuple[Rows, Rows]:
        """The K keys and the K values."""

    def extended(self, k: Heads, v: Heads) -> tuple[WithMemory, WithMemory, Visible]:
        """Keys and values with those of the memory in front, and which of them each position sees."""
        keys, values = (rows.expand(len(k), -1, -1, -1) for rows in self.rows())
        mask = visible_positions(k.shape[2], keys.shape[2], self.placement)
        return torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2), mask

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys, values, mask = self.extended(k, v)
        return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)


class KeyValueMemory(AbstractMemory):
    """K free keys and values."""

    def __init__(self, keys: Rows, values: Rows, placement: Placement = PREFIX):
        super().__init__()
        self.keys, self.values, self.placement = nn.Parameter(keys.clone()), nn.Parameter(values.clone()), placement

    def rows(self) -> tuple[Rows, Rows]:
        return self.keys, self.values


class MappedMemory(AbstractMemory):
    """Keys and values that an MLP makes of a smaller matrix, for as long as they are trained (Li & Liang 2021, section 4.3).

    All layers share `encoder`, whose hidden rows this layer's own linear map turns into its keys and values.
    """

    def __init__(self, encoder: nn.Module, out: nn.Linear, heads: int, placement: Placement = PREFIX):
        super().__init__()
        self.encoder, self.out, self.heads, self.placement = encoder, out, heads, placement

    def rows(self) -> tuple[Rows, Rows]:
        return tuple(self.out(self.encoder()).unflatten(-1, (2, self.heads, -1)).permute(1, 2, 0, 3))

    def folded(self) -> KeyValueMemory:
        """The same keys and values without the MLP."""
        keys, values = self.rows()
        return KeyValueMemory(keys.detach(), values.detach(), self.placement)


def visible_positions(length: int, count: int, placement: Placement) -> Visible:
    """Which rows each position may attend to.

    Parameters
    ----------
    length, count
        Positions T, and memory rows K in front of them.
    placement
        From where on the memory is seen.

    Returns
    -------
    [T, K + T]
        True where a position sees a row; the past is always seen.
    """
    since = torch.cat([torch.full((rows,), at) for at, rows in placement.pieces(count, length)])
    return torch.cat([torch.arange(length)[:, None] >= since, torch.ones(length, length, dtype=torch.bool).tril()], dim=1)


class ZeroState(nn.Module):
    """An LSTM layer that starts from rest."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self) -> Float[Tensor, "two D"]:
        return torch.zeros(2, self.width)


class LearnedState(nn.Module):
    """A free initial hidden and cell state: what prefix-tuning is for a recurrent layer, whose whole past is its state."""

    def __init__(self, state: Float[Tensor, "two D"]):
        super().__init__()
        self.state = nn.Parameter(state.clone())

    def forward(self) -> Float[Tensor, "two D"]:
        return self.state
