"""Two measurements side by side: the numbers of now, and how they relate to those of a saved file."""


def compare_benches(now: dict, before: dict) -> dict[str, list[dict]]:
    """Set the figures of now beside those of a saved measurement.

    Parameters
    ----------
    now, before
        Rows by bench; rows are matched by their first two columns. `before` may lack benches and rows.

    Returns
    -------
    dict
        The rows of `now` by bench, each positive number followed by its ratio to the earlier one where there is one.
    """
    return {name: [_beside(row, {_name(old): old for old in before.get(name, [])}.get(_name(row), {})) for row in rows]
            for name, rows in now.items() if name != "machine"}


def _name(row: dict) -> tuple:
    """What a row is about: its first two columns."""
    return tuple(row.values())[:2]


def _beside(row: dict, old: dict) -> dict:
    return {column: f"{value} (x{value / old[column]:.2f})" if _number(value) and _number(old.get(column)) else value
            for column, value in row.items()}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and value > 0
