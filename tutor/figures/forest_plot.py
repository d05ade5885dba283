"""Claims side by side: the effect of each on every network, its interval, where the claim is true, and the work's own number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import pandas as pd

from tutor.figures.palette import GREEN, INK, PALE, fade_colour
from tutor.figures.picture import Picture, empty_drawing, scatter_trace
from tutor.figures.verdict_bars import LOOKS

ROW, ROOM = 78, 0.08
"""Pixels of a row, and the share of its width that stays free beyond the outermost mark on either side."""


@dataclass(frozen=True)
class ForestRow:
    """The primary check of one claim over several networks.

    low, high: where the claim is true; infinite where there is no bound. said, wanted: the measured value and the bounds in words.
    """

    title: str
    verdict: str
    values: tuple[float, ...]
    middle: float
    interval: tuple[float, float]
    low: float
    high: float
    said: str
    wanted: str
    reported: float | None = None
    answer: str = ""

    @property
    def scale(self) -> tuple[float, float]:
        """The numbers at the left and right edge of the row."""
        marks = [*self.values, *self.interval, self.low, self.high, *(() if self.reported is None else (self.reported,))]
        known = [mark for mark in marks if math.isfinite(mark)]
        least, most = min(known), max(known)
        room = ROOM * (most - least) or abs(most) or 1.0
        return least - room, most + room

    def place(self, value: float) -> float:
        """Where a number lies across the row, from 0 at the left edge to 1 at the right; an infinite one lies at its edge."""
        left, right = self.scale
        return float(np.clip((value - left) / (right - left), 0, 1))


def forest_plot(rows: Sequence[ForestRow]) -> Picture:
    """Draw a row per claim. Each has its own scale, because their units differ; the green band is where the claim is true."""
    figure = empty_drawing(height=80 + ROW * len(rows), showlegend=True, margin={"t": 40, "l": 10, "r": 10, "b": 10})
    places = np.arange(len(rows), dtype=float)
    figure.layout["shapes"] = [_band(row, at) for row, at in zip(rows, places, strict=True)]
    dots = [(row.place(value), at + spread, row, value) for row, at in zip(rows, places, strict=True)
            for value, spread in zip(row.values, _spread(len(row.values)), strict=True)]
    figure.add(scatter_trace([x for x, *_ in dots], [y for _, y, *_ in dots], name="one network", mode="markers",
                             marker={"color": PALE, "size": 7, "opacity": 0.8}, text=[f"{row.title}: {value:.4g}" for *_, row,
                                                                                      value in dots],
                             hovertemplate="%{text}<extra>one network</extra>"))
    figure.add(scatter_trace([None], [None], name="where the claim is true", mode="markers", hoverinfo="skip",
                             marker={"color": fade_colour(GREEN, 0.3), "size": 14, "symbol": "square"}))
    figure.add(_intervals(rows, places), *(_middles(rows, places,
                                                    verdict) for verdict in LOOKS if any(row.verdict == verdict for row in rows)))
    printed = [(row, at) for row, at in zip(rows, places, strict=True) if row.reported is not None]
    if printed:
        figure.add(scatter_trace([row.place(row.reported) for row, _ in printed], [at for _, at in printed], name="printed in the work",
                                 mode="markers", marker={"color": INK, "size": 12, "symbol": "x-thin", "line": {"width": 2.5,
                                                                                                                "color": INK}},
                                 text=[f"{row.title}: {row.reported:.4g}" for row, _ in printed],
                                 hovertemplate="%{text}<extra>printed in the work</extra>"))
    figure.x(range=[-0.02, 1.02], showticklabels=False, ticks="", showgrid=False, zeroline=False, fixedrange=True)
    figure.y(range=[len(rows) - 0.4, -0.6], tickvals=places.tolist(), ticktext=[_label(row) for row in rows], showgrid=False,
             zeroline=False,
             fixedrange=True)
    return Picture(figure, _say(rows), _tabulate(rows))


def _spread(many: int) -> np.ndarray:
    """How far each dot lies below its row's line, so that equal ones can be seen: three lanes in turn."""
    return 0.2 + 0.07 * (np.arange(many) % 3)


def _band(row: ForestRow, at: float) -> dict:
    """The region in which the claim is true."""
    return {"type": "rect", "x0": row.place(row.low), "x1": row.place(row.high), "y0": at - 0.36, "y1": at + 0.42, "layer": "below",
            "fillcolor": fade_colour(GREEN, 0.18), "line": {"width": 0}}


def _intervals(rows: Sequence[ForestRow], places: np.ndarray) -> dict:
    """All intervals as one line with gaps; one that has no end is not drawn."""
    drawn = [(row, at) for row, at in zip(rows, places, strict=True) if all(map(math.isfinite, row.interval))]
    x = [end for row, _ in drawn for end in (*map(row.place, row.interval), None)]
    y = [place for _, at in drawn for place in (at, at, None)]
    return scatter_trace(x, y, name="interval", mode="lines", line={"color": INK, "width": 3}, hoverinfo="skip", connectgaps=False)


def _middles(rows: Sequence[ForestRow], places: np.ndarray, verdict: str) -> dict:
    """The middles of the claims with one verdict."""
    mine = [(row, at) for row, at in zip(rows, places, strict=True) if row.verdict == verdict]
    symbol = {"reproduced": "diamond", "contradicted": "x", "answered": "circle", "undecided": "diamond-open"}.get(verdict, "square-open")
    return scatter_trace([row.place(row.middle) for row, _ in mine], [at for _, at in mine], name=verdict, mode="markers",
                         marker={"color": LOOKS[verdict][0], "size": 13, "symbol": symbol, "line": {"width": 2,
                                                                                                    "color": LOOKS[verdict][0]}},
                         text=[f"{row.title}: {row.said}, must be {row.wanted}" for row, _ in mine],
                         hovertemplate=f"%{{text}}<extra>{verdict}</extra>")


def _label(row: ForestRow) -> str:
    """Title, and beneath it the numbers, short enough for a phone."""
    told = wrap(f"{row.said}; must be {row.wanted}", 30)
    verdict = f"{row.verdict}{f': {row.answer}' if row.answer else ''}"
    return "<br>".join([f"<b>{line}</b>" for line in wrap(row.title,
                                                          24)] + [f"<span style='font-size:10px'>{line}</span>" for line in [*told,
                                                                                                                             verdict]])


def _say(rows: Sequence[ForestRow]) -> str:
    said = [f"{row.title}: {row.verdict}{f', {row.answer}' if row.answer else ''}" for row in rows]
    return f"{len(rows)} claims, each with its effect and interval. {'; '.join(said)}."


def _tabulate(rows: Sequence[ForestRow]) -> pd.DataFrame:
    return pd.DataFrame([{"claim": row.title, "verdict": row.verdict, "answer": row.answer, "middle": row.middle,
                          "interval low": row.interval[0], "interval high": row.interval[1], "must be at least": row.low,
                          "must be at most": row.high, "printed in the work": row.reported, "networks": len(row.values)} for row in rows])
