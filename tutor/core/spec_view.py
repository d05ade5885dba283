"""A specification as a small table, where a notebook shows it."""

from html import escape

from pydantic import BaseModel

from tutor.core.field_types import fields_of


def html_table(spec: BaseModel) -> str:
    """Every field with its value and meaning; bold where it is not the default."""
    rows = []
    for one in fields_of(type(spec)):
        value = getattr(spec, one.name)
        said = escape(repr(value))
        default = type(spec).model_fields[one.name].get_default(call_default_factory=True)
        shown = said if value == default else f"<b>{said}</b>"
        rows.append(f"<tr><td>{escape(one.name)}</td><td>{shown}</td><td>{escape(one.meaning)}</td></tr>")
    return f"<table><caption>{escape(type(spec).__name__)}</caption>{''.join(rows)}</table>"
