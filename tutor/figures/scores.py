"""Scores as a matrix: who was trained for what, across, what it was asked for, and what the paper found."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREEN
from tutor.figures.picture import Picture, canvas

Cell = tuple[str, str]
TINT = [[0.0, "rgba(0,158,115,0.04)"], [1.0, GREEN]]
"""From the page to green: more is better."""


def score_matrix(rows: Sequence[str], columns: Sequence[str], values: Float[np.ndarray, "R C"], reported: Mapping[Cell, float]) -> Picture:
    """Shares right (0 to 1; NaN where nothing was measured), with what the source reports beneath in brackets."""
    figure = canvas(height=90 + 58 * len(rows), showlegend=False, margin={"t": 70, "l": 10, "r": 10, "b": 10})
    theirs = [[reported.get((row, column)) for column in columns] for row in rows]
    text = [[_cell(mine, other) for mine, other in zip(*pair, strict=True)] for pair in zip(values.tolist(), theirs, strict=True)]
    hover = "%{y}, asked for %{x}: %{z:.1%}<extra></extra>"
    cells = {"text": text, "texttemplate": "%{text}", "xgap": 3, "ygap": 3, "showscale": False, "hovertemplate": hover, "hoverongaps": False}
    figure.add({"type": "heatmap", "x": list(columns), "y": list(rows), "z": values, "zmin": 0, "zmax": 1, "colorscale": TINT, "meta": list(rows)} | cells)
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.x(side="top", tickangle=0, **plain).y(autorange="reversed", **plain)
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    low = np.unravel_index(np.nanargmin(values), values.shape)
    alt = f"{rows[row]} does {columns[column].lower()} in {values[row, column]:.0%} of all cases, {rows[low[0]]} does {columns[low[1]].lower()} in {values[low]:.0%}."
    table = pd.DataFrame([{"method": r, "asked_for": c, "measured": values[i, j], "reported": theirs[i][j]} for i, r in enumerate(rows) for j, c in enumerate(columns)])
    return Picture(figure, alt, table)


def _cell(mine: float, theirs: float | None) -> str:
    if np.isnan(mine):
        return ""
    return f"<b>{mine:.0%}</b>" + (f"<br>({theirs:.0%})" if theirs is not None else "")
