"""Things side by side, a few in a row."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Item = TypeVar("Item")


def in_rows(items: Iterable[Item], many: int, **style: Any) -> Iterator[tuple[DeltaGenerator, Item]]:
    """Lay items out in rows of `many` columns, and yield each item with its column.

    Parameters
    ----------
    style
        Further arguments of `st.columns`, the same for every row.
    """
    listed = list(items)
    for row in range(0, len(listed), many):
        yield from zip(st.columns(many, **style), listed[row : row + many], strict=False)
