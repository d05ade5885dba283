"""What a picture is: a drawing without page colours, the one sentence it says, and its numbers as a table.

Drawings carry no text or background colour: the page's theme gives those. Legends stand above the plot, where they
cannot cover data, and every axis title names its unit. Nothing here checks a trace: Plotly takes a millisecond for each,
half of the time between a click and its picture, so that is done in the tests and where somebody asks for a `figure`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SVG_POINTS = 2000
"""Markers that a browser draws fluently as SVG; beyond it the canvas of WebGL takes over, of which a page bears two."""

CLEAR = "rgba(0,0,0,0)"


@dataclass
class Drawing:
    """Traces and a layout as plotly.js reads them: plain values, lists and arrays. Floats are kept in single precision."""

    layout: dict[str, Any]
    data: list[dict[str, Any]] = field(default_factory=list)

    def add(self, *traces: dict[str, Any]) -> "Drawing":
        """Draw these over what is there."""
        self.data += [_single(trace) for trace in traces]
        return self

    def x(self, **options: Any) -> "Drawing":
        """Say more about the horizontal axis; None says nothing."""
        return self._axis("xaxis", options)

    def y(self, **options: Any) -> "Drawing":
        """Say more about the vertical axis; None says nothing."""
        return self._axis("yaxis", options)

    def _axis(self, name: str, options: dict[str, Any]) -> "Drawing":
        self.layout[name] |= {option: value for option, value in options.items() if value is not None}
        return self

    def to_json(self) -> str:
        """What the browser gets; a number that is none becomes null, which is a gap."""
        return orjson.dumps({"data": self.data, "layout": self.layout}, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _single(value: Any) -> Any:
    """The same with floats in single precision: half as many digits to send, more than a screen can show."""
    if isinstance(value, dict):
        return {name: _single(part) for name, part in value.items()}
    if isinstance(value, np.ndarray | pd.Series):
        array = np.ascontiguousarray(value)
        return array.astype(np.float32) if array.dtype == np.float64 else array
    return value


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawing, its takeaway in one sentence (`alt`) and the numbers behind it."""

    drawing: Drawing
    alt: str
    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook shows: the drawing, and the sentence where it cannot draw."""
        return {"application/vnd.plotly.v1+json": orjson.loads(self.drawing.to_json()), "text/plain": repr(self)}

    @cached_property
    def figure(self) -> "Figure":
        """The same as a Plotly figure, to be changed or shown elsewhere; ValueError where plotly knows no such thing."""
        from plotly.graph_objects import Figure  # noqa: PLC0415 - a second and 60 MB that no page needs

        return Figure(data=self.drawing.data, layout=self.drawing.layout)


def empty_drawing(*, x: str = "", y: str = "", height: int = 420, **layout: Any) -> Drawing:
    """An empty drawing with axis titles, transparent on both papers, zoom kept over updates."""
    axes = {f"{letter}axis": {"title": {"text": title}, "automargin": True} for letter, title in (("x", x), ("y", y))}
    return Drawing(PLAIN | {"height": height} | axes | layout)


LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "title": {"text": ""}}
PLAIN = {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "template": {}, "uirevision": "kept", "legend": LEGEND}
"""What every drawing starts from: nothing of Plotly's own look, because the page lays its template under it."""


def scatter_trace(x: Any, y: Any, **style: Any) -> dict[str, Any]:
    """A scatter of markers or lines as SVG, or as WebGL where there are too many points for SVG.

    As in every trace, `meta` may say which thing each point stands for; pictures of one link light up the same things.
    """
    return {"type": "scatter" if len(x) <= SVG_POINTS else "scattergl", "x": x, "y": y} | style


def line_trace(x: Any, y: Any, name: str, **style: Any) -> dict[str, Any]:
    """A line without markers."""
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines"} | style


def bar_trace(x: Any, y: Any, name: str, **style: Any) -> dict[str, Any]:
    """A bar per place."""
    return {"type": "bar", "x": x, "y": y, "name": name} | style


def join_paths(paths: np.ndarray) -> np.ndarray:
    """Many paths [B, T] as one line with a gap (NaN) after each, so that a browser holds one trace instead of B."""
    return np.concatenate([paths, np.full((len(paths), 1), np.nan)], axis=1).reshape(-1)[:-1]


def pick_evenly(points: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `points` items, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, points - 1, min(points, max(2, most))).round().astype(int))


def group_places(places: np.ndarray, near: float) -> list[list[int]]:
    """Indices of places [K, 2] in groups: everything within `near` of a group's first place, so that one label can stand for all of
    them."""
    groups: list[list[int]] = []
    for k, place in enumerate(places):
        home = next((group for group in groups if np.linalg.norm(places[group[0]] - place) <= near), None)
        if home is None:
            groups.append([k])
        else:
            home.append(k)
    return groups


def format_nats(value: float) -> str:
    """A number of nats as text, to two digits that matter."""
    return f"{value:.2f}" if abs(value) >= 0.0995 else f"{value:.3f}" if abs(value) >= 0.0095 else f"{value:.1g}"


def join_names(names: Sequence[str]) -> str:
    """A, B and C."""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


def colour_bar_above(title: str) -> dict[str, Any]:
    """A colour bar lying above the plot, where a phone has room for it."""
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return place | {"thickness": 10, "len": 0.8, "ypad": 0, "title": {"text": title, "side": "top"}, "outlinewidth": 0}
