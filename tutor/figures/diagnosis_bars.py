"""What stays of a retrieval pipeline's gain with each ablated store and with a soft prompt, between the thresholds of the verdict."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tutor.figures.palette import BLUE, GREEN, GREY, INK, PALE, VERMILION, fade_colour
from tutor.figures.picture import Drawing, Picture, empty_drawing, join_names, scatter_trace
from tutor.measure.diagnosis_report import SOFT_SHARE, Measure, Report
from tutor.measure.verdict import CONTENT, FORM, KEPT_LITTLE, KEPT_MOST

FIRST, LAST = -0.5, 1.4
"""Shares between which they are drawn; what lies beyond stands at the edge as an arrow."""
LABELS = {"shuffled": "shuffled store", "other_domain": "another domain", "zeroed": "store of zeros", "random": "random vectors"}
SOFT = "soft prompt"
ARTICLES = {SOFT: "a", LABELS["shuffled"]: "the", LABELS["zeroed"]: "a", LABELS["random"]: "a store of"}
"""What stands before a label in a sentence; before any other store, "entries of"."""
MAX_LETTERS = 16
"""Letters of a name beside the picture: a phone has no room for more."""
CHANCE = {"color": PALE, "width": 9}


def shares_of(report: Report) -> dict[str, Measure]:
    """Every share of the gain by what stands in front instead of the pipeline: stores that decide first, the soft prompt last."""
    found = {one.store: one for one in report.measures if one.store is not None}
    order = [*(name for name in (*CONTENT, *FORM) if name in found), *(name for name in found if name not in LABELS)]
    soft = report.find(SOFT_SHARE)
    return {LABELS.get(name, name): found[name] for name in order} | ({SOFT: soft} if soft else {})


def kept_gain_picture(reports: Sequence[Report], names: Sequence[str]) -> Picture:
    """Share of the pipeline's gain that stays with each ablated store and with a soft prompt; a dot per report, with its interval.

    Dashed are the thresholds of the verdict, grey bands what chance would give.

    Raises
    ------
    ValueError
        Where no report has shares.
    """
    found = {name: shares_of(report) for name, report in zip(names, reports, strict=True) if shares_of(report)}
    labels = list(dict.fromkeys(label for shares in found.values() for label in shares))
    if not labels:
        raise ValueError("no share of the gain was measured: the pipeline gains nothing beyond chance, or no replacement for it was tried")
    figure = empty_drawing(
        x="share of the pipeline's gain",
        y="context from",
        height=150 + (44 if len(found) == 1 else 56) * (len(labels) + 1),
        hovermode="closest",
    )
    rows = [(at, label, name, shares[label]) for at, label in enumerate(labels, 1) for name, shares in found.items() if label in shares]
    heights = [at + dot_offset(list(found).index(name), len(found)) for at, _, name, _ in rows]
    _chance_bands(figure, [at for at, *_ in rows], [one for *_, one in rows])
    for soft, colour, symbol, title in ((False, BLUE, "circle", "with another store"), (True, VERMILION, "square", "soft prompt")):
        own = [(y, row) for y, row in zip(heights, rows, strict=True) if (row[1] == SOFT) == soft]
        if own:
            figure.add(_shares([y for y, _ in own], [row for _, row in own], colour, symbol, title))
    figure.add(scatter_trace([1.0], [0], mode="markers", name="the pipeline", meta=["the pipeline"],
                    marker={"color": GREY, "symbol": "diamond", "size": 10}, hovertemplate="the pipeline: 1, by definition<extra></extra>"))
    if len(found) > 1:
        _medians(figure, [(at, [one.value for place, *_, one in rows if place == at]) for at in range(1, len(labels) + 1)])
    figure.x(range=[FIRST - 0.05, LAST + 0.05], tickvals=[-0.5, 0, KEPT_LITTLE, 0.5, KEPT_MOST, 1],
             ticktext=["-0.5", "0", f"{KEPT_LITTLE:g}", "0.5", f"{KEPT_MOST:g}", "1"], zeroline=True)
    figure.y(
        range=[len(labels) + 0.6, -0.95],
        tickvals=list(range(len(labels) + 1)),
        ticktext=["the pipeline", *(label if len(label) <= MAX_LETTERS else f"{label[:MAX_LETTERS]}…" for label in labels)],
        showgrid=False,
        zeroline=False,
    )
    _thresholds(figure)
    table = pd.DataFrame([{"report": name, "context_from": label} | measure_columns(one) for _, label, name, one in rows])
    return Picture(figure, _kept_in_words(found, labels), table)


def dot_offset(place: int, count: int) -> float:
    """How far from the middle of its row the dot of one report of `count` stands."""
    return (place - (count - 1) / 2) * min(0.2, 0.6 / count)


def measure_columns(one: Measure) -> dict[str, float]:
    """A measure as columns of a table."""
    return {"value": one.value, "low": one.low, "high": one.high, "chance_low": one.chance_low, "chance_high": one.chance_high}


def _chance_bands(figure: Drawing, places: Sequence[int], measures: Sequence[Measure]) -> None:
    """One grey band per row, as wide as the widest of its controls; nothing answers to the pointer here."""
    x, y = [], []
    for at in dict.fromkeys(places):
        own = [one for place, one in zip(places, measures, strict=True) if place == at]
        x += [max(FIRST, min(one.chance_low for one in own)), min(LAST, max(one.chance_high for one in own)), None]
        y += [at, at, None]
    figure.add({"type": "scatter", "x": x, "y": y, "mode": "lines", "name": "by chance", "line": CHANCE, "opacity": 0.45,
                "hoverinfo": "skip"})


def _shares(heights: Sequence[float], rows: Sequence[tuple[int, str, str, Measure]], colour: str, symbol: str, title: str) -> dict:
    measures = [row[3] for row in rows]
    shown = np.clip([one.value for one in measures], FIRST, LAST)
    high, low = (np.clip([getattr(one, end) for one in measures], FIRST, LAST) for end in ("high", "low"))
    ends = {"array": np.maximum(high - shown, 0), "arrayminus": np.maximum(shown - low, 0)}
    symbols = ["triangle-left" if one.value < FIRST else "triangle-right" if one.value > LAST else symbol for one in measures]
    said = [f"{label}, {name}: {one.value:.3g} ({one.low:.3g} to {one.high:.3g})" for _, label, name, one in rows]
    whiskers = {"type": "data", "symmetric": False, "thickness": 2.5, "width": 0, "color": colour} | ends
    return scatter_trace(shown, heights, mode="markers", name=title, meta=[row[1] for row in rows], error_x=whiskers,
                marker={"color": colour, "size": 9, "symbol": symbols}, customdata=said, hovertemplate="%{customdata}<extra></extra>")


def _medians(figure: Drawing, rows: Sequence[tuple[int, Sequence[float]]]) -> None:
    x = np.clip([np.median(values) for _, values in rows], FIRST, LAST)
    mark = {"symbol": "line-ns", "size": 26, "color": INK, "line": {"color": INK, "width": 2}}
    figure.add(
        scatter_trace(x, [at for at, _ in rows], mode="markers", name="median", marker=mark, hovertemplate="median %{x:.3g}<extra></extra>")
    )


def _thresholds(figure: Drawing) -> None:
    lines = [{"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": GREY, "dash": "dash", "width": 1.5}}
             for at in (KEPT_LITTLE, KEPT_MOST)]
    shade = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}, "layer": "below"}
    zones = [shade | {"x0": FIRST - 0.05, "x1": KEPT_LITTLE, "fillcolor": fade_colour(GREEN, 0.07)},
             shade | {"x0": KEPT_MOST, "x1": LAST + 0.05, "fillcolor": fade_colour(VERMILION, 0.07)}]
    words = {"showarrow": False, "y": -0.7, "font": {"size": 12}}
    figure.layout |= {"shapes": zones + lines, "annotations": [words
                                                               | {"x": KEPT_LITTLE - 0.03, "text": "it retrieves", "xanchor": "right"},
                                                               words | {"x": KEPT_MOST + 0.03, "text": "soft prompt", "xanchor": "left"}]}


def _kept_in_words(found: dict[str, dict[str, Measure]], labels: Sequence[str]) -> str:
    said = []
    for label in labels:
        own = [shares[label] for shares in found.values() if label in shares]
        low, high = (own[0].low, own[0].high) if len(own) == 1 else (min(one.value for one in own), max(one.value for one in own))
        said.append(f"with {ARTICLES.get(label, 'entries of')} {label} "
                    f"{np.median([one.value for one in own]):.2g} ({low:.2g} to {high:.2g})")
    how = "medians with the range" if len(found) > 1 else "with 95 % intervals"
    return f"Of the pipeline's gain there stays, {how}: {join_names(said)}."
