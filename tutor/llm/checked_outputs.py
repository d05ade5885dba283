"""What a model from elsewhere answers: every part of it is checked, in kind and shape, before it is believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.llm.model_location import ModelError

MEMORIES = ("cache", "past_key_values")
"""Names under which versions of transformers give what a model remembers."""
OTHER_STATES = ("conv_states", "recurrent_states", "ssm_states")
"""What a layer of a cache keeps beside keys and values when it is more than attention."""
Kept = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class ModelOutput:
    """What the model `name` gave for `batch` texts of `places` tokens, as transformers returned it."""

    name: str
    told: Any
    batch: int
    places: int

    def logits(self) -> Float[Tensor, "B T V"]:
        """Log-odds of the token that follows each. ModelError where there are none for every token."""
        found = getattr(self.told, "logits", None)
        if not self._fits(found) or found.dim() != 3:
            raise ModelError(f"the model {self.name} does not say for every token what follows it; choose a causal language model")
        return found

    def states(self) -> list[Float[Tensor, "B T _"]]:
        """After the embedding and after every layer. ModelError where there are none, or one is no number."""
        found = getattr(self.told, "hidden_states", None)
        if not isinstance(found, list | tuple) or not found or not all(map(self._fits, found)):
            raise ModelError(f"the model {self.name} does not give the states of its layers")
        for layer, one in enumerate(found):
            if not is_finite(one):
                raise ModelError(f"the states of layer {layer} of {self.name} hold values that are not finite")
        return [one.flatten(2) for one in found]

    def attentions(self, seen: int) -> list[Float[Tensor, "B H T S"]]:
        """Of every layer that has attention, over the `seen` tokens behind which it looks back. ModelError where there is none."""
        found = getattr(self.told, "attentions", None)
        found = [one for one in found if one is not None] if isinstance(found, list | tuple) else []
        if not found or not all(torch.is_tensor(one) and one.dim() == 4 and one.shape[0] == self.batch for one in found):
            raise ModelError(f"the model {self.name} does not say where it looks")
        for one in found:
            if one.shape[2:] != (self.places, seen):
                raise ModelError(f"a layer of {self.name} looks from {one.shape[2]} at {one.shape[3]} tokens instead of from {self.places} "
                              f"at {seen}; choose a shorter text, or a model without a window")
        return found

    @property
    def memory(self) -> Any:
        """What the model remembers, as it gave it; None where it gave nothing."""
        return next((one for name in MEMORIES if (one := getattr(self.told, name, None)) is not None), None)

    def kept(self) -> list[Kept | None]:
        """Keys and values [B, H, T, d] of every layer; None for a layer that keeps something else, or more."""
        layers = getattr(self.memory, "layers", self.memory)
        return [self._kept(one) for one in layers] if isinstance(layers, Sequence) else []

    def _kept(self, layer: Any) -> Kept | None:
        if any(hasattr(layer, name) for name in OTHER_STATES):
            return None
        pair = tuple(layer[:2]) if isinstance(layer, list | tuple) else (getattr(layer, "keys", None), getattr(layer, "values", None))
        whole = len(pair) == 2 and all(torch.is_tensor(one) and one.dim() == 4 and one.shape[0] == self.batch for one in pair)
        return pair if whole and pair[0].shape[:3] == pair[1].shape[:3] else None

    def _fits(self, found: Any) -> bool:
        return torch.is_tensor(found) and found.is_floating_point() and found.dim() >= 3 and found.shape[:2] == (self.batch, self.places)


def is_finite(values: Tensor) -> bool:
    """Whether all of these are finite, without a second copy of them."""
    if not values.is_floating_point() or not values.numel():
        return True
    low, high = values.detach().aminmax()          # a value that is no number makes both of them so
    return bool(torch.isfinite(low) and torch.isfinite(high))
