"""Conditions on runs as people write them, such as `method.kind=SoftPT` or `state=done`."""

import difflib
from collections.abc import Iterable
from dataclasses import replace

import orjson
from pydantic import BaseModel

from tutor.methods import METHODS
from tutor.methods.retrieval import PIPELINES
from tutor.predictors import BODIES, PRETRAINED
from tutor.runs.run_info import RunFilter
from tutor.runs.spec import Evaluation, RunSpec, Seeds, SpecError
from tutor.sources import EVERY_SOURCE
from tutor.training.recipe import Recipe

LINE = ("state", "kind", "network", "method", "base")
"""What a list says of a run beside its specification."""
CHOICES = {"source": EVERY_SOURCE, "on": EVERY_SOURCE, "body": BODIES | PRETRAINED, "method": METHODS | PIPELINES}
PARTS: dict[str, tuple[type[BaseModel], ...]] = {
    "recipe": (Recipe,), "tuning": (Recipe,), "evaluation": (Evaluation,), "seeds": (Seeds,)}


def filter_from(conditions: Iterable[str], wanted: RunFilter) -> RunFilter:
    """Add conditions of the form field=value to a filter.

    Parameters
    ----------
    conditions
        Such as "recipe.steps=400", "method.kind=SoftPT" or "state=done"; all must hold.
    wanted
        The filter to add them to; it stays as it is.

    Raises
    ------
    SpecError
        With one sentence, where a condition has another form or names an unknown field or kind.
    """
    for condition in conditions:
        field, equals, text = condition.partition("=")
        if not equals:
            raise SpecError(f"--where {condition} is no condition; it must look like method.kind=SoftPT")
        if field in LINE:
            wanted = replace(wanted, **{field: text})
        else:
            wanted = replace(wanted, where=(*wanted.where, (_known(field), _value(field, text))))
    return wanted


def specification_fields() -> set[str]:
    """List the fields of a specification that a condition may name, such as "recipe.steps"; deeper ones follow after another dot."""
    parts = PARTS | {part: tuple(classes.values()) for part, classes in CHOICES.items()}
    assert parts.keys() == RunSpec.model_fields.keys()
    return {f"{part}.{name}" for part, classes in parts.items() for cls in classes for name in cls.model_fields}


def _known(field: str) -> str:
    known = specification_fields()
    if ".".join(field.split(".")[:2]) in known and all(part.isidentifier() for part in field.split(".")):
        return field
    near = difflib.get_close_matches(field, [*known, *LINE], n=3)
    raise SpecError(f"{field[:60] or 'nothing'} is not a field of a run" + (f"; did you mean {' or '.join(near)}?" if near else
                                                                           "; fields look like recipe.steps, method.kind, state"))


def _value(field: str, text: str) -> object:
    """A number, a list or true and false as in JSON, else the text; a kind also by the name that tables and pictures use."""
    part, _, name = field.partition(".")
    if name == "kind" and part in CHOICES:
        return _kind(field, text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _kind(field: str, text: str) -> str:
    classes = CHOICES[field.partition(".")[0]]
    names = {kind: kind for kind in classes} | {cls.__name__: kind for kind, cls in classes.items()}
    if text not in names:
        near = difflib.get_close_matches(text, names, n=3) or sorted(names)
        raise SpecError(f"{field} is {text[:60] or 'nothing'}; it must be one of {', '.join(near)}")
    return names[text]
