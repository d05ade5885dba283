"""One field of a specification as one widget: its type chooses the widget, its metadata gives bounds, help and step.

Bounds in the browser are a courtesy. Nothing here decides whether a value is allowed; the specification does, afterwards.
"""

import math
import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

WIDTH = 150       # pixels of one widget; as many stand in a row as fit
LONGEST = 400     # characters of a list of numbers

ABSENT = object()
"""The answer of a field that was left empty and is then not given."""


class Unreadable(ValueError):
    """Text that is not what the field asks for: one sentence."""


def ask(name: str, info: FieldInfo, key: str, default: Any) -> Any:
    """Draw the widget of one field and return what it says, ABSENT when it is empty. Raises Unreadable."""
    kind = plain(info.annotation)
    label, draw = name.replace("_", " "), _widget(kind)
    return draw(kind, info, {"label": label, "key": key, "help": info.description, "bind": "query-params"}, default)


def plain(annotation: Any) -> Any:
    """The type without Annotated and without the None of an optional field."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return plain(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def is_advanced(info: FieldInfo) -> bool:
    """Whether a field hides behind "more settings"."""
    return bool(_extra(info).get("advanced"))


def is_tag(info: FieldInfo) -> bool:
    """Whether a field has one possible value, so that there is nothing to ask (the `kind` of a specification)."""
    kind = plain(info.annotation)
    return get_origin(kind) is Literal and len(get_args(kind)) == 1


def is_part(info: FieldInfo) -> bool:
    """Whether a field is itself a specification."""
    kind = plain(info.annotation)
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def kinds(info: FieldInfo) -> dict[str, type[BaseModel]]:
    """The specifications among which a field chooses, by kind; none where it is no such choice."""
    found = [part for part in _members(info.annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    return {part.model_fields["kind"].default: part for part in found} if len(found) > 1 else {}


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _members(part)
    else:
        yield annotation


def _widget(kind: Any) -> Callable[..., Any]:
    if kind is bool:
        return _switch
    if kind in (int, float):
        return _number
    if get_origin(kind) is Literal:
        return _one_of
    if get_origin(kind) is tuple:
        return _several if get_origin(plain(get_args(kind)[0])) is Literal else _list
    return _text


def _switch(kind, info, common, default):
    return st.toggle(value=bool(default), **common)


def _number(kind, info, common, default):
    low, high = (None if bound is None else kind(bound) for bound in _bounds(info))
    settings = {"step": _extra(info).get("step") or _step(kind, default), "format": None if kind is int else "%g"}
    empty = _extra(info).get("empty", "not set")   # what a field means that is not given
    if "empty" in _extra(info) and default == info.default:
        default = None
    value = st.number_input(min_value=low, max_value=high, value=default, placeholder=empty, width=WIDTH, **settings, **common)
    return ABSENT if value is None else value


def _one_of(kind, info, common, default):
    options = list(get_args(kind))
    return st.selectbox(options=options, index=options.index(default), format_func=_worded, width=WIDTH, **common)


def _several(kind, info, common, default):
    options = list(get_args(plain(get_args(kind)[0])))
    return tuple(st.multiselect(options=options, default=list(default), format_func=_worded, width=2 * WIDTH, **common))


def _list(kind, info, common, default):
    text = st.text_input(value=written(default), max_chars=LONGEST, width=WIDTH, placeholder="none", **common)
    return read(text or "", common["label"], rows=_holds_rows(kind), example=written(default) or "0.2, 0.8")


def _text(kind, info, common, default):
    return st.text_input(value=default or "", max_chars=LONGEST, width=WIDTH, **common)


def written(values: tuple) -> str:
    """Numbers as a visitor writes them: commas between numbers, semicolons between rows."""
    if any(isinstance(row, tuple) for row in values):
        return "; ".join(written(row) for row in values)
    return ", ".join(f"{value:g}" for value in values)


def read(text: str, label: str, *, rows: bool, example: str) -> tuple:
    """The inverse of `written`. Raises Unreadable with a sentence that shows an example."""
    try:
        if rows:
            return tuple(tuple(_numbers(row)) for row in text.split(";") if row.strip())
        return tuple(_numbers(text))
    except ValueError:
        shape = "numbers with commas between them and a semicolon between rows" if rows else "numbers with commas between them"
        raise Unreadable(f"{label} is '{text[:60]}'; write {shape}, like {example}") from None


def _numbers(text: str) -> Iterator[float]:
    for word in text.split(","):
        if word.strip():
            number = float(word)
            if not math.isfinite(number):
                raise ValueError(word)
            yield number


def _holds_rows(kind: Any) -> bool:
    return get_origin(plain(get_args(kind)[0])) is tuple


def _bounds(info: FieldInfo) -> tuple[int | float | None, int | float | None]:
    low = [getattr(rule, name) for rule in info.metadata for cls, name in _LOW if isinstance(rule, cls)]
    high = [getattr(rule, name) for rule in info.metadata for cls, name in _HIGH if isinstance(rule, cls)]
    return (max(low) if low else None, min(high) if high else None)


_LOW = ((annotated_types.Ge, "ge"), (annotated_types.Gt, "gt"))
_HIGH = ((annotated_types.Le, "le"), (annotated_types.Lt, "lt"))


def _step(kind: type, default: int | float | None) -> int | float:
    """A step that a hand would take from the default: a quarter of a power of two, else one of the leading digit."""
    if not default:
        return 1 if kind is int else 0.01
    if kind is int:
        power_of_two = default >= 16 and default & (default - 1) == 0
        return default // 4 if power_of_two else max(1, 10 ** (math.floor(math.log10(default)) - 1))
    return 10.0 ** math.floor(math.log10(abs(default)))


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _worded(option: Any) -> str:
    return str(option).replace("_", " ")
