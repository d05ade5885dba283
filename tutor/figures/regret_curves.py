"""Regret over the tokens of a sequence, and after 50, 100 and 200 of them: median, quartiles and every repetition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.core.types import REPORTED_AFTER
from tutor.figures.axis_ticks import log_axis
from tutor.figures.line_labels import LEGEND_HOLDS, End, name_at_ends
from tutor.figures.palette import GREY, LineLook, fade_colour, look_of
from tutor.figures.palette import sort_key as place_of
from tutor.figures.picture import (
    Drawing,
    Picture,
    bar_trace,
    empty_drawing,
    format_nats,
    join_paths,
    line_trace,
    pick_evenly,
    scatter_trace,
)
from tutor.methods.method_names import name_method, tag_method

FLOOR = 1e-6
"""The least regret (nats) that a logarithmic axis shows; a curve that never rises above it, such as the optimum's, is left out."""

FAR_APART = 30
"""Times the least regret that the greatest may be before a picture opens on a logarithmic axis: beyond it the best methods all lie on
zero."""

THIN = 100
"""Points kept of each thin line; the median keeps all."""


@dataclass(frozen=True)
class Curve:
    """The regret of one method over time, one row per repetition [N, T], in nats; an exact baseline has a single row.

    of: the method where the label is that of a variant.
    """

    label: str
    values: Float[np.ndarray, "N T"]
    exact: bool = False
    of: str = ""

    def look(self, place: int) -> LineLook:
        """How it is drawn as one of several, in this place among them."""
        return look_of(self.label, place, of=self.of)

    @property
    def name(self) -> str:
        """What it is called in the picture: the method in words."""
        return name_method(self.label, self.of)

    @property
    def tag(self) -> str:
        """The paper's label of the method; "" where there is none."""
        return tag_method(self.of or self.label)

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
    """Regret over time: median line, band between the quartiles and a thin line per repetition, for every curve.

    Parameters
    ----------
    measure, against
        "cumulative" or "instant", and who sets the zero: both are only words here. Instant regret falls over several powers of
        ten, so its axis is always logarithmic - unless the curves are a `difference`, which may lie below zero.
    thin_lines, logarithmic
        Draw each repetition; draw a logarithmic axis.
    """
    logarithmic = (logarithmic or measure == "instant") and not difference
    figure = empty_drawing(
        x="flips seen", y=f"{measure} regret over the {against} (nats)", height=460, hovermode="closest", showlegend=True
    )
    shown = [curve for curve in _sorted(curves) if not logarithmic or curve.values.max() > FLOOR]
    floor = FLOOR if logarithmic else None
    figure.add(*(trace for place, curve in enumerate(shown) for trace in _traces(curve, place, thin_lines, floor=floor)))
    if logarithmic:
        figure.y(**log_axis())
    else:
        figure.y(rangemode="normal" if difference else "tozero", zeroline=difference)
    if len(shown) > LEGEND_HOLDS:
        _name_ends(figure, shown, floor)
    return Picture(figure, _said(curves, measure, against), tabulate_curves(curves, over_time=True))


def ends_far_apart(curves: Sequence[Curve]) -> bool:
    """Whether the medians of these curves end so far apart, and above zero, that only a logarithmic axis tells the best from each other."""
    ends = [median for curve in curves if not curve.exact and (median := float(np.median(curve.values[:, -1]))) > FLOOR]
    return len(ends) > 1 and max(ends) > FAR_APART * min(ends)


def _name_ends(figure: Drawing, shown: Sequence[Curve], floor: float | None) -> None:
    """Names beside the curves' ends, on an axis from the least to the most of all repetitions."""
    drawn = [curve.values if floor is None else np.maximum(curve.values, floor) for curve in shown]
    ends = {curve.name: End(float(values.shape[1]), float(np.median(values[:, -1])), curve.look(place).colour)
            for place, (curve, values) in enumerate(zip(shown, drawn, strict=True))}
    low, high = min(float(values.min()) for values in drawn), max(float(values.max()) for values in drawn)
    name_at_ends(figure, ends, bounds=(low if floor else min(low, 0.0), high), log=floor is not None)


def regret_bars(
    curves: Sequence[Curve], *, at: Sequence[int] = REPORTED_AFTER, against: str = "generator", logarithmic: bool = False
) -> Picture:
    """Cumulative regret after some numbers of tokens: a bar per method and number, whiskers between the quartiles.

    A logarithmic axis has no zero that bars could stand on: there the medians are dots, and what is not above FLOOR has none.

    Parameters
    ----------
    at
        The numbers of tokens.
    against
        Who sets the zero, in words.
    """
    curves = _sorted(curves)
    at = _reached(at, min((curve.values.shape[1] for curve in curves), default=0))
    figure = empty_drawing(x="", y=f"cumulative regret over the {against} (nats)", height=440, barmode="group", bargap=0.25)
    labels = [curve.name for curve in curves]
    for n, strength in zip(at, (1.0, 0.62, 0.32), strict=False):
        low, middle, high = np.array([np.quantile(curve.at(n), (0.25, 0.5, 0.75)) for curve in curves]).T.reshape(3, -1)
        colours = [fade_colour(curve.look(place).colour, strength) for place, curve in enumerate(curves)]
        whiskers = {"array": high - middle, "arrayminus": middle - low, "thickness": 1.2, "width": 2, "color": GREY}
        hover = f"%{{x}} after {n}: %{{y:.3f}} nats<extra></extra>"
        style = {"marker": {"color": colours}, "showlegend": False, "error_y": whiskers, "hovertemplate": hover}
        key = {"marker": {"color": fade_colour(GREY, strength)}, "hoverinfo": "skip"}
        draw, values = (_on_stems, np.where(middle > FLOOR, middle, np.nan)) if logarithmic else (bar_trace, middle)
        group = {"offsetgroup": f"after {n}"} if logarithmic else {}
        figure.add(draw(labels, values, f"after {n}", meta=labels, **style, **group),
                   draw(labels[:1], [None], f"after {n} flips", **key, **group))
    if logarithmic:
        figure.layout["scattermode"] = "group"
        figure.y(**log_axis())
    figure.x(tickangle=-45 if len(labels) > 4 else 0)
    return Picture(figure, _said(curves, "cumulative", against), tabulate_curves(curves, at=at))


def _on_stems(x: Sequence[str], y: Sequence[float | None] | np.ndarray, name: str, **style) -> dict:
    """Dots in the place of bars, side by side like them."""
    return scatter_trace(x, y, mode="markers", name=name, **style | {"marker": style["marker"] | {"size": 9}})


def tabulate_curves(curves: Sequence[Curve], *, at: Sequence[int] = REPORTED_AFTER, over_time: bool = False) -> pd.DataFrame:
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
    style, values = curve.look(place), curve.values if floor is None else np.maximum(curve.values, floor)
    n = np.arange(1, values.shape[1] + 1, dtype=np.float32)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), axis=0).astype(np.float32)
    behind = {"legendgroup": curve.name, "showlegend": False, "hoverinfo": "skip"}
    if len(values) > 2:
        x, y = np.concatenate([n, n[::-1]]), np.concatenate([high, low[::-1]])
        yield line_trace(x, y, curve.name, fill="toself", fillcolor=fade_colour(style.colour, 0.15), line={"width": 0}, **behind)
    if len(values) > 1 and thin_lines:
        kept = pick_evenly(len(n), THIN)
        x, y = join_paths(np.tile(n[kept], (len(values), 1))), join_paths(values[:, kept].astype(np.float32))
        yield line_trace(x, y, curve.name, opacity=0.35, line={"color": style.colour, "width": 0.8}, **behind)
    name = f"{curve.name} (exact)" if curve.exact else curve.name
    hover = f"{curve.name}{tag_in_brackets(curve)}, after %{{x}}: %{{y:.3f}} nats<extra></extra>"
    yield line_trace(n, middle, name, line=style.line, legendgroup=curve.name, hovertemplate=hover)


def tag_in_brackets(curve: Curve) -> str:
    """The paper's label in brackets, for a reader who points at a line; "" where the name is the label."""
    return f" [{curve.tag}]" if curve.tag and name_method(curve.tag) != curve.tag else ""


def _sorted(curves: Sequence[Curve]) -> list[Curve]:
    """By method; variants of one stay in the order in which they were given."""
    return sorted(curves, key=lambda curve: place_of(curve.of or curve.label))


def _said(curves: Sequence[Curve], measure: str, against: str) -> str:
    tuned = [curve for curve in curves if not curve.exact]
    if not tuned:
        return f"{len(curves)} exact baselines over the {against}." if curves else "Nothing is drawn yet."
    n = min(REPORTED_AFTER[0], tuned[0].values.shape[1])
    ends = {curve.name: float(np.median(curve.at(n))) for curve in tuned}
    best = min(ends, key=ends.get)
    worst = max(ends, key=ends.get)
    rest = f", and {worst} the highest, {format_nats(ends[worst])}" if worst != best else ""
    return f"After {n} flips {best} has the lowest {measure} regret over the {against}, {format_nats(ends[best])} nats{rest}."
