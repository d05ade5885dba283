"""Regret over the tokens of a sequence, and after 50, 100 and 200 of them: median, quartiles and every repetition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.conventions import AFTER
from tutor.figures.palette import GREY, faded, look
from tutor.figures.palette import place as place_of
from tutor.figures.picture import Picture, bars, canvas, gapped, line, nats, thinned

FLOOR = 1e-6
"""The least regret (nats) that a logarithmic axis shows; a curve that never rises above it, such as the optimum's, is left out."""

THIN = 100
"""Points kept of each thin line; the median keeps all."""


@dataclass(frozen=True)
class Curve:
    """The regret of one method over time, one row per repetition [N, T], in nats; an exact baseline has a single row."""

    label: str
    values: Float[np.ndarray, "N T"]
    exact: bool = False

    def at(self, n: int) -> Float[np.ndarray, " N"]:
        """Values after `n` tokens."""
        return self.values[:, n - 1]


def regret_curves(  # noqa: PLR0913 - what is drawn, and five words on how
    curves: Sequence[Curve],
    *,
    measure: str = "cumulative",
    against: str = "generator",
    thin_lines: bool = True,
    logarithmic: bool = False,
    difference: bool = False,
) -> Picture:
    """Median line, band between the quartiles and a thin line per repetition, for every curve.

    `measure` is "cumulative" or "instant", `against` who sets the zero: both are only words here. Instant regret falls over
    several powers of ten, so its axis is always logarithmic - unless the curves are a `difference`, which may lie below zero.
    """
    logarithmic = (logarithmic or measure == "instant") and not difference
    figure = canvas(x="flips seen", y=f"{measure} regret over the {against} (nats)", height=460, hovermode="closest", showlegend=True)
    shown = [curve for curve in _sorted(curves) if not logarithmic or curve.values.max() > FLOOR]
    floor = FLOOR if logarithmic else None
    figure.add(*(trace for place, curve in enumerate(shown) for trace in _traces(curve, place, thin_lines, floor=floor)))
    if logarithmic:
        figure.y(type="log", exponentformat="power", dtick=1)
    else:
        figure.y(rangemode="normal" if difference else "tozero", zeroline=difference)
    return Picture(figure, _said(curves, measure, against), table_of(curves, over_time=True))


def regret_bars(curves: Sequence[Curve], *, at: Sequence[int] = AFTER, against: str = "generator") -> Picture:
    """Cumulative regret after so many tokens: a bar per method and number, whiskers between the quartiles."""
    curves = _sorted(curves)
    at = _reached(at, min((curve.values.shape[1] for curve in curves), default=0))
    figure = canvas(x="", y=f"cumulative regret over the {against} (nats)", height=440, barmode="group", bargap=0.25)
    labels = [curve.label for curve in curves]
    for n, strength in zip(at, (1.0, 0.62, 0.32), strict=False):
        low, middle, high = np.array([np.quantile(curve.at(n), (0.25, 0.5, 0.75)) for curve in curves]).T.reshape(3, -1)
        colours = [faded(look(label, place).colour, strength) for place, label in enumerate(labels)]
        whiskers = {"array": high - middle, "arrayminus": middle - low, "thickness": 1.2, "width": 2, "color": GREY}
        hover = f"%{{x}} after {n}: %{{y:.3f}} nats<extra></extra>"
        style = {"marker": {"color": colours}, "showlegend": False, "error_y": whiskers, "hovertemplate": hover}
        key = {"marker": {"color": faded(GREY, strength)}, "hoverinfo": "skip"}
        figure.add(bars(labels, middle, f"after {n}", meta=labels, **style), bars(labels[:1], [None], f"after {n} flips", **key))
    figure.x(tickangle=-45 if len(labels) > 4 else 0)
    return Picture(figure, _said(curves, "cumulative", against), table_of(curves, at=at))


def table_of(curves: Sequence[Curve], *, at: Sequence[int] = AFTER, over_time: bool = False) -> pd.DataFrame:
    """Median and quartiles (nats) per method and number of tokens: after `at` tokens, or after every one."""
    columns: dict[str, list] = {name: [] for name in ("method", "n", "median", "q25", "q75", "repetitions")}
    for curve in _sorted(curves):
        n = np.arange(1, curve.values.shape[1] + 1) if over_time else np.array(_reached(at, curve.values.shape[1]))
        low, middle, high = np.quantile(curve.values[:, n - 1], (0.25, 0.5, 0.75), axis=0)
        found = ([curve.label] * len(n), n, middle, low, high, [len(curve.values)] * len(n))
        for column, values in zip(columns.values(), found, strict=True):
            column.extend(values)
    return pd.DataFrame(columns)


def _reached(at: Sequence[int], length: int) -> list[int]:
    """Those numbers of tokens that an evaluation of `length` tokens knows, or its end when it is shorter than all."""
    return [n for n in at if n <= length] or [length]


def _traces(curve: Curve, place: int, thin_lines: bool, floor: float | None) -> Iterator[dict]:
    """The band between the quartiles, the thin lines of the repetitions, and the median."""
    style, values = look(curve.label, place), curve.values if floor is None else np.maximum(curve.values, floor)
    n = np.arange(1, values.shape[1] + 1, dtype=np.float32)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), axis=0).astype(np.float32)
    behind = {"legendgroup": curve.label, "showlegend": False, "hoverinfo": "skip"}
    if len(values) > 2:
        x, y = np.concatenate([n, n[::-1]]), np.concatenate([high, low[::-1]])
        yield line(x, y, curve.label, fill="toself", fillcolor=faded(style.colour, 0.15), line={"width": 0}, **behind)
    if len(values) > 1 and thin_lines:
        kept = thinned(len(n), THIN)
        x, y = gapped(np.tile(n[kept], (len(values), 1))), gapped(values[:, kept].astype(np.float32))
        yield line(x, y, curve.label, opacity=0.35, line={"color": style.colour, "width": 0.8}, **behind)
    name = f"{curve.label} (exact)" if curve.exact else curve.label
    hover = f"{curve.label}, after %{{x}}: %{{y:.3f}} nats<extra></extra>"
    yield line(n, middle, name, line=style.line, legendgroup=curve.label, hovertemplate=hover)


def _sorted(curves: Sequence[Curve]) -> list[Curve]:
    return sorted(curves, key=lambda curve: place_of(curve.label))


def _said(curves: Sequence[Curve], measure: str, against: str) -> str:
    tuned = [curve for curve in curves if not curve.exact]
    if not tuned:
        return f"{len(curves)} exact baselines over the {against}." if curves else "Nothing is drawn yet."
    n = min(AFTER[0], tuned[0].values.shape[1])
    ends = {curve.label: float(np.median(curve.at(n))) for curve in tuned}
    best = min(ends, key=ends.get)
    worst = max(ends, key=ends.get)
    rest = f", and {worst} the highest, {nats(ends[worst])}" if worst != best else ""
    return f"After {n} flips {best} has the lowest {measure} regret over the {against}, {nats(ends[best])} nats{rest}."
