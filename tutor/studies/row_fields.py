"""What a row of a study is about, as typed fields: rows are selected by these, and their labels are only read by people."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from tutor.runs.spec import RunSpec
from tutor.sources import AbstractSource
from tutor.sources.task_mixture import TaskMixture

Value = str | int | float | bool | None
"""A field's value, as JSON has it."""
Fields = Mapping[str, Value]

PRETRAINED = "pretrained"
"""The method of a row about a network that nothing was done to; a tuned one has the kind of its method."""
REGRET = "regret"
"""The metric of a row that names none."""


@runtime_checkable
class HasFields(Protocol):
    """A row in memory; a stored row is a mapping with the same two entries."""

    metric: str
    fields: Fields


AnyRow = TypeVar("AnyRow", bound=HasFields | Mapping[str, Any])


def fields_of_source(source: AbstractSource) -> dict[str, Value]:
    """Fields that describe a source: `source`, its registered kind, and `task` where it has a single one."""
    single = isinstance(source, TaskMixture) and len(source.tasks) == 1
    return {"source": source.kind} | ({"task": source.tasks[0]} if single else {})


def fields_of_run(spec: RunSpec, on: AbstractSource) -> dict[str, Value]:
    """Fields of a run evaluated on `on`: `method` and `network` (registered kinds), those of the source, and the `length` of a prompt."""
    length = getattr(spec.method, "length", None)
    method = spec.method.kind if spec.is_tuning else PRETRAINED
    return {"method": method, "network": spec.body.kind} | fields_of_source(on) | ({} if length is None else {"length": length})


def select(rows: Iterable[AnyRow], /, **wanted: Value) -> list[AnyRow]:
    """Return the rows with these field values (a missing field counts as None) and this `metric`, in their original order."""
    metrics = {wanted.pop("metric")} if "metric" in wanted else None
    kept = []
    for row in rows:                               # without a function per row: pages select many times from hundreds
        stored = isinstance(row, Mapping)
        fields, metric = (row["fields"], row.get("metric", REGRET)) if stored else (row.fields, row.metric)
        if (metrics is None or metric in metrics) and all(fields.get(name) == value for name, value in wanted.items()):
            kept.append(row)
    return kept


def matches(row: HasFields | Mapping[str, Any], wanted: Fields) -> bool:
    """Whether a row has all of the wanted field values, as in `select`."""
    return bool(select([row], **wanted))


def find(rows: Iterable[AnyRow], /, **wanted: Value) -> AnyRow:
    """Return the only row with these field values.

    Raises
    ------
    KeyError
        Where no row or more than one row has them; the message names the values.
    """
    found = select(rows, **wanted)
    if len(found) != 1:
        raise KeyError(f"{len(found) or 'no'} rows with {wanted}")
    return found[0]
