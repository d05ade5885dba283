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


def fields_of(row: HasFields | Mapping[str, Any]) -> dict[str, Value]:
    """Return the fields of a row (in memory or stored), including its `metric`."""
    if isinstance(row, Mapping):
        return {"metric": row.get("metric", REGRET)} | row["fields"]
    return {"metric": row.metric} | dict(row.fields)


def matches(row: HasFields | Mapping[str, Any], wanted: Fields) -> bool:
    """Whether a row has all of the wanted field values; a missing field counts as None."""
    fields = fields_of(row)
    return all(fields.get(name) == value for name, value in wanted.items())


def select(rows: Iterable[AnyRow], /, **wanted: Value) -> list[AnyRow]:
    """Return the rows with these field values, in their original order."""
    return [row for row in rows if matches(row, wanted)]


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
