"""What the fields of a specification hold, in words: for help texts, tables and forms."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_LOW = ((annotated_types.Ge, "ge", "at least {:g}"), (annotated_types.Gt, "gt", "above {:g}"))
_HIGH = ((annotated_types.Le, "le", "at most {:g}"), (annotated_types.Lt, "lt", "below {:g}"))
_WORDS = {bool: "yes or no", int: "whole number", float: "number", str: "text"}


class FieldText(NamedTuple):
    """One field of a specification in words."""

    name: str
    holds: str
    """What kind of value, and within which limits."""
    default: str
    """What it is where nothing is said."""
    meaning: str


def fields_of(model: type[BaseModel]) -> list[FieldText]:
    """Every field of a specification but its tag `kind`, in order."""
    fields = {name: info for name, info in model.model_fields.items() if not is_tag(info)}
    return [FieldText(name, _holds(info), _default(info), info.description or "") for name, info in fields.items()]


def plain_type(annotation: Any) -> Any:
    """The type without Annotated and without the None of an optional field."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return plain_type(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def is_tag(info: FieldInfo) -> bool:
    """Whether a field has one possible value, so that there is nothing to ask (the `kind` of a specification)."""
    kind = plain_type(info.annotation)
    return get_origin(kind) is Literal and len(get_args(kind)) == 1


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The specifications that a field of this type may hold."""
    return [part for part in _members(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]


def kind_of(model: type[BaseModel]) -> str | None:
    """The tag by which a specification is told from others of its registry; None where it is in none."""
    return model.model_fields["kind"].default if "kind" in model.model_fields and is_tag(model.model_fields["kind"]) else None


def field_bounds(info: FieldInfo) -> tuple[int | float | None, int | float | None]:
    """The least and the largest number that a field takes, None where there is no limit."""
    low = [getattr(rule, name) for rule in info.metadata for cls, name, _ in _LOW if isinstance(rule, cls)]
    high = [getattr(rule, name) for rule in info.metadata for cls, name, _ in _HIGH if isinstance(rule, cls)]
    return (max(low) if low else None, min(high) if high else None)


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _members(part)
    else:
        yield annotation


def _holds(info: FieldInfo) -> str:
    kind, models = plain_type(info.annotation), models_in(info.annotation)
    if models:
        return f"one of {', '.join(kind_of(model) or model.__name__ for model in models)}" if len(models) > 1 else models[0].__name__
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    said = [words.format(getattr(rule, name)) for rule in info.metadata for cls, name, words in (*_LOW, *_HIGH) if isinstance(rule, cls)]
    return ", ".join([_WORDS.get(kind, "list" if get_origin(kind) is tuple else "value"), *said])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "must be given"
    default = info.get_default(call_default_factory=True)
    return "may be left out" if default is None else f"default {default!r}" if isinstance(default, BaseModel) else f"default {default}"
