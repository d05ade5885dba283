"""Axis letters, array names and the one alignment rule that the whole package obeys.

Axes: B sequences, T time, V vocabulary, K prompt length, D width, H heads, L layers, N repetitions.
Units: every loss, regret and divergence is in nats.
Alignment: `log_p[:, t]` predicts `tokens[:, t]` from `tokens[:, :t]`; `log_p[:, 0]` is made before any data, from a
beginning-of-sequence (BOS) vector. A prompt stands after BOS and before the data unless its placement says otherwise.
Token 0 of a coin is heads, so `probs[0]` is its bias.
"""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any

from jaxtyping import Bool, Float, Int
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from tutor.core.field_types import fields_of, is_tag
from tutor.core.spec_errors import make_spec_error
from tutor.core.spec_view import html_table

Tokens = Int[Tensor, "B T"]
Mask = Bool[Tensor, "B T"]
LogProbs = Float[Tensor, "B T V"]
Counts = Float[Tensor, "*batch V"]

REPORTED_AFTER = (50, 100, 200)
"""Numbers of tokens after which regret is reported, as in the papers."""

FIELDS = "Parameters\n----------"
"""Heading under which the docstring of a specification lists its fields."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class _OneSentence(type(BaseModel)):
    """Makes `SoftPT(lenght=3)` answer with a sentence. Parts of a specification are not called, so their places stay in the message."""

    def __call__(cls, *args: Any, **fields: Any) -> Any:
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            raise make_spec_error(error, cls) from None


class Spec(BaseModel, metaclass=_OneSentence):
    """A frozen, validated, hashable description; its field metadata is the only help text there is.

    Raises SpecError, one sentence, for a field or value that cannot be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=False, validate_default=True,
                              allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Put the fields into the docstring, so that `help` of a specification shows them."""
        written = (cls.__dict__.get("__doc__") or "").partition(FIELDS)[0].rstrip()
        lines = [f"{one.name} : {one.holds}, {one.default}\n    {one.meaning}".rstrip() for one in fields_of(cls)]
        cls.__doc__ = "\n".join([written, "", FIELDS, *lines]) if lines else written

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Only what differs from the defaults, as it would be written."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if not is_tag(field) and value != field.get_default(call_default_factory=True):
                yield name, value

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        return html_table(self)

    @classmethod
    def model_validate(cls, obj: Any, **how: Any) -> "Spec":
        """The same from plain data. Raises SpecError with one sentence."""
        try:
            return super().model_validate(obj, **how)
        except ValidationError as error:
            raise make_spec_error(error, cls) from None

    def essence(self) -> dict[str, Any]:
        """The kind and whatever differs from the defaults, as plain data: what this description says, and no later field adds to it."""
        plain, said = self.model_dump(mode="json"), {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name == "kind" or value != field.get_default():
                said[name] = value.essence() if isinstance(value, Spec) else plain[name]
        return said


def union_of(registry: dict[str, type]) -> type | UnionType:
    """The union of all classes in a registry, as a type."""
    return reduce(or_, registry.values())


def by_kind(*classes: type) -> dict[str, type]:
    """A registry of specifications by their `kind`, in the order given, which is also the order of the forms.

    Raises
    ------
    ValueError
        Where two classes have the same kind.
    """
    registry: dict[str, type] = {}
    for cls in classes:
        kind = cls.model_fields["kind"].default
        if kind in registry:
            raise ValueError(f"kind {kind!r} is registered twice: {registry[kind].__name__} and {cls.__name__}")
        registry[kind] = cls
    return registry
