"""One field of a specification as one widget: its type chooses the widget, its metadata gives bounds, help and step.

Bounds in the browser are a courtesy. Nothing here decides whether a value is allowed; the specification does, afterwards.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tutor.core.field_types import field_bounds, kind_of, models_in, plain_type

WIDTH = 150       # pixels of one widget; as many stand in a row as fit
MAX_TEXT = 400     # characters of a list of numbers
OWN = "my own matrices"
MAX_TABLES = 8_000  # and of matrices as they are pasted

ABSENT = object()
"""The answer of a field that was left empty and is then not given."""


class FieldError(ValueError):
    """Text that a field cannot parse; the message is one sentence."""


def ask_field(name: str, info: FieldInfo, key: str, default: Any) -> Any:
    """Draw the widget of one field and return its value, or ABSENT where it was left empty.

    Raises
    ------
    FieldError
        Where a list of numbers cannot be parsed.
    """
    kind = plain_type(info.annotation)
    label, draw = name.replace("_", " "), _widget(kind)
    return draw(kind, info, {"label": label, "key": key, "help": info.description, "bind": "query-params"}, default)


def is_advanced(info: FieldInfo) -> bool:
    """Whether a field is shown under "More settings"."""
    return bool(_extra(info).get("advanced"))


def is_part(info: FieldInfo) -> bool:
    """Whether the type of a field is itself a specification."""
    kind = plain_type(info.annotation)
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def field_kinds(info: FieldInfo) -> dict[str, type[BaseModel]]:
    """Specifications that a field may hold, by kind; empty where its type is no union of several."""
    found = models_in(info.annotation)
    return {kind_of(part): part for part in found} if len(found) > 1 else {}


def _widget(kind: Any) -> Callable[..., Any]:
    if kind is bool:
        return _switch
    if kind in (int, float):
        return _number
    if get_origin(kind) is Literal:
        return _one_of
    if _depth(kind) > 2:
        return _tables
    if get_origin(kind) is tuple:
        return _several if get_origin(plain_type(get_args(kind)[0])) is Literal else _list
    return _text


def _switch(kind, info, common, default):
    return st.toggle(value=bool(default), **common)


def _number(kind, info, common, default):
    low, high = (None if bound is None else kind(bound) for bound in field_bounds(info))
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
    options = list(get_args(plain_type(get_args(kind)[0])))
    return tuple(st.multiselect(options=options, default=list(default), format_func=_worded, width=2 * WIDTH, **common))


def _list(kind, info, common, default):
    text = st.text_input(value=format_numbers(default), max_chars=MAX_TEXT, width=WIDTH, placeholder="none", **common)
    return parse_numbers(text or "", common["label"], rows=_holds_rows(kind), example=format_numbers(default) or "0.2, 0.8")


def _tables(kind, info, common, default):
    # By a name that the specification knows, or as text, which it reads.
    if names := _extra(info).get("names", ()):
        chosen = st.selectbox(options=[*names, OWN], format_func=str, width=2 * WIDTH, **common)
        if chosen != OWN:
            return chosen
        common |= {"key": f"{common['key']}_own", "label": f"my {common['label']}"}
    return st.text_area(value=format_numbers(default), max_chars=MAX_TABLES, width=3 * WIDTH, **common)


def _text(kind, info, common, default):
    return st.text_input(value=default or "", max_chars=MAX_TEXT, width=WIDTH, **common)


def format_numbers(values: tuple) -> str:
    """Format numbers as visitors type them: commas between numbers, semicolons between rows, bars between matrices."""
    if any(isinstance(part, tuple) for row in values if isinstance(row, tuple) for part in row):
        return " | ".join(format_numbers(rows) for rows in values)
    if any(isinstance(row, tuple) for row in values):
        return "; ".join(format_numbers(row) for row in values)
    return ", ".join(f"{value:g}" for value in values)


def parse_numbers(text: str, label: str, *, rows: bool, example: str) -> tuple:
    """Parse what `format_numbers` writes.

    Parameters
    ----------
    label, example
        Name of the field and a valid text, for the error.
    rows
        Whether the text is a list of rows.

    Raises
    ------
    FieldError
        Where a part is no finite number.
    """
    try:
        if rows:
            return tuple(tuple(_numbers(row)) for row in text.split(";") if row.strip())
        return tuple(_numbers(text))
    except ValueError:
        shape = "numbers with commas between them and a semicolon between rows" if rows else "numbers with commas between them"
        raise FieldError(f"{label} is '{text[:60]}'; write {shape}, like {example}") from None


def _numbers(text: str) -> Iterator[float]:
    for word in text.split(","):
        if word.strip():
            number = float(word)
            if not math.isfinite(number):
                raise ValueError(word)
            yield number


def _depth(kind: Any) -> int:
    """How many lists stand inside one another: 3 of a list of matrices."""
    return 1 + _depth(plain_type(get_args(kind)[0])) if get_origin(kind) is tuple else 0


def _holds_rows(kind: Any) -> bool:
    return get_origin(plain_type(get_args(kind)[0])) is tuple


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
