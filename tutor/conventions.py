"""Axis letters, array names and the one alignment rule that the whole package obeys.

Axes: B sequences, T time, V vocabulary, K prompt length, D width, H heads, L layers, N repetitions.
Units: every loss, regret and divergence is in nats.
Alignment: `log_p[:, t]` predicts `tokens[:, t]` from `tokens[:, :t]`; `log_p[:, 0]` is made before any data, from a
beginning-of-sequence (BOS) vector. A prompt stands after BOS and before the data unless its placement says otherwise.
Token 0 of a coin is heads, so `probs[0]` is its bias.
"""

from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any

from jaxtyping import Bool, Float, Int
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

Tokens = Int[Tensor, "B T"]
Mask = Bool[Tensor, "B T"]
LogProbs = Float[Tensor, "B T V"]
Counts = Float[Tensor, "*batch V"]

AFTER = (50, 100, 200)
"""Tokens after which regret is told, as in the papers."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Spec(BaseModel):
    """A frozen, validated, hashable description; its field metadata is the only help text there is."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=False, validate_default=True,
                              allow_inf_nan=False)

    def essence(self) -> dict[str, Any]:
        """The kind and whatever differs from the defaults, as plain data: what this description says, and no later field adds to it."""
        plain, said = self.model_dump(mode="json"), {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name == "kind" or value != field.get_default():
                said[name] = value.essence() if isinstance(value, Spec) else plain[name]
        return said


def one_of(registry: dict[str, type]) -> type | UnionType:
    """The union of a registry's classes."""
    return reduce(or_, registry.values())


def by_kind(*classes: type) -> dict[str, type]:
    """Registry kind -> class in the order given, which is also the order of the forms; refuses duplicates."""
    registry: dict[str, type] = {}
    for cls in classes:
        kind = cls.model_fields["kind"].default
        if kind in registry:
            raise ValueError(f"kind {kind!r} is registered twice: {registry[kind].__name__} and {cls.__name__}")
        registry[kind] = cls
    return registry
