"""What a picture is: a figure without page colours, the one sentence it says, and its numbers as a table.

Figures carry no text or background colour: the page's theme gives those. Legends stand above the plot, where they
cannot cover data, and every axis title names its unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

SVG_POINTS = 2000
"""Markers that a browser draws fluently as SVG; beyond it the canvas of WebGL takes over, of which a page bears two."""

CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Picture:
    """A figure, its takeaway in one sentence (`alt`) and the numbers behind it."""

    figure: go.Figure
    alt: str
    table: pd.DataFrame


def canvas(*, x: str = "", y: str = "", height: int = 420, **layout: Any) -> go.Figure:
    """An empty figure with axis titles, transparent on both papers, zoom kept over updates."""
    axes = {f"{letter}axis": {"title": {"text": title}, "automargin": True} for letter, title in (("x", x), ("y", y))}
    return go.Figure(layout=PLAIN | {"height": height} | axes | layout)


LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "title": {"text": ""}}
PLAIN = {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "template": "none", "uirevision": "kept", "legend": LEGEND}
"""What every figure starts from: nothing of Plotly's own look, because the page lays its template under the figure."""


def dots(x: Sequence | np.ndarray, y: np.ndarray, **style: Any) -> go.Scatter | go.Scattergl:
    """A scatter of markers or lines as SVG, or as WebGL where there are too many points for SVG."""
    kind = go.Scatter if len(x) <= SVG_POINTS else go.Scattergl
    return kind(x=x, y=y, **style)


def line(x: Any, y: Any, name: str, **style: Any) -> dict[str, Any]:
    """A line without markers, for a figure to check: a trace object of its own would be checked twice, at a millisecond each time."""
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines"} | style


def gapped(paths: np.ndarray) -> np.ndarray:
    """Many paths [B, T] as one line with a gap (NaN) after each, so that a browser holds one trace instead of B."""
    return np.concatenate([paths, np.full((len(paths), 1), np.nan)], axis=1).reshape(-1)[:-1]


def thinned(points: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `points` items, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, points - 1, min(points, max(2, most))).round().astype(int))


def nats(value: float) -> str:
    """A number of nats as text, to two digits that matter."""
    return f"{value:.2f}" if abs(value) >= 0.0995 else f"{value:.3f}" if abs(value) >= 0.0095 else f"{value:.1g}"


def listed(names: Sequence[str]) -> str:
    """A, B and C."""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


def bar_above(title: str) -> dict[str, Any]:
    """A colour bar lying above the plot, where a phone has room for it."""
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return place | {"thickness": 10, "len": 0.8, "title": {"text": title, "side": "top"}, "outlinewidth": 0}
