"""What is wrong with a specification, in one sentence: the field, its value, and what is allowed."""

import difflib
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from tutor.core.field_types import kind_of, models_in


class SpecError(ValueError):
    """A specification that cannot be: one sentence with the field, the value and what is allowed; and the two alone, where known."""

    def __init__(self, said: str, field: str = "", value: object = None):
        super().__init__(said)
        self.field, self.value = field, value


def make_spec_error(error: ValidationError, model: type[BaseModel]) -> SpecError:
    """The first problem of a pydantic error about `model`, to be raised in its place."""
    first = error.errors(include_url=False)[0]
    return SpecError(describe_error(error, model), ".".join(_walked(first["loc"], model)[0]), first["input"])


def describe_error(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """The first problem of a pydantic error as one sentence.

    model: the specification that was asked for, by whose fields a name that is none is told what was perhaps meant.
    """
    first = error.errors(include_url=False)[0]
    names, inner = _walked(first["loc"], model)
    place, message = ".".join(names), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(names[-1], inner.model_fields if inner else (), n=1)
        return f"{place} is not a field" + (f"; did you mean {near[0]}?" if near else "")
    if first["type"] == "union_tag_invalid":
        return f"{place}.kind is {show_value(first['ctx']['tag'])}; it must be one of {first['ctx']['expected_tags'].replace(chr(39), '')}"
    if first["type"] in ("missing", "union_tag_not_found"):
        return f"{place}{'' if first['type'] == 'missing' else '.kind'} is missing"
    if first["type"] == "value_error":
        return f"{place}: {message}" if place else message
    return f"{place} is {show_value(first['input'])}; {message[0].lower()}{message[1:]}"


def show_value(value: object) -> str:
    """A value as it fits into a sentence."""
    return " ".join(str(value).split())[:60]


def _walked(path: Sequence[str | int], model: type[BaseModel] | None) -> tuple[list[str], type[BaseModel] | None]:
    """The fields on the way to a problem, without the kinds that pydantic puts behind a field that chooses among several; and the
    specification in which the last of them is, or should be."""
    names, among, inner = [], [model] if model else [], model
    for part in path:
        chosen = [one for one in among if len(among) > 1 and kind_of(one) == part]
        if chosen:
            inner, among = chosen[0], chosen
            continue
        names.append(str(part))
        inner = among[0] if len(among) == 1 else None
        info = inner.model_fields.get(str(part)) if inner else None
        among = models_in(info.annotation) if info else []
    return names, inner
