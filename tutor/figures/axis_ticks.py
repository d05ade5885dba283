"""A logarithmic axis whose every label says its value: Plotly's own writes 10, 5, 2, 1, 5, where the last one is 0.5."""

from typing import Any

LABELS = 4
"""Labels that Plotly aims at. With more it would label 7, 8, 9 and 10 on an axis of one or two powers of ten, where they overlap."""


def log_axis(**axis: Any) -> dict[str, Any]:
    """Options of a logarithmic axis: labels such as 0.05 and 0.1, set anew after every zoom, with ticks that show where the powers of ten
    are."""
    return {"type": "log", "nticks": LABELS, "tickformat": "~g", "minor": {"ticks": "outside", "ticklen": 2}} | axis
