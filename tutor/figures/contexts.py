"""What a retrieval pipeline puts in front: how much of it changes with the input, and what it tells about the entry that was needed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tutor.figures.diagnosis_bars import dot_offset, measure_columns
from tutor.figures.palette import BLUE, GREEN, GREY, INK
from tutor.figures.picture import Drawing, Picture, bar_trace, empty_drawing, join_names, scatter_trace
from tutor.measure.diagnosis_report import Measure, Report

MOST_VECTORS = 24
WHOLE = {"variance": "all", "query_variance": "queries", "cosine": "cosine"}
"""Measures that stand behind those of the single vectors -> what they are called there."""


def vectors_picture(reports: Sequence[Report], names: Sequence[str]) -> Picture:
    """Relative variance of every context vector, of all and of the queries, and the mean cosine; controls as grey marks.

    Of several reports the vectors stand in the order in which they change, since the third of one seed has nothing to do with that of
    another.
    """
    several = len(reports) > 1
    columns = {name: _columns(report, several) for name, report in zip(names, reports, strict=True)}
    values = {label: [column[label] for column in columns.values() if label in column] for label in _labels(columns.values())}
    middles = {label: float(np.median(own)) for label, own in values.items()}
    figure = empty_drawing(
        x="context vectors, the one that changes most first" if several else "context vectors",
        y="relative variance or cosine",
        height=340,
        bargap=0.35,
        hovermode="closest",
    )
    for name, labels, colour, shape in (("relative variance", [label for label in middles if label != "cosine"], BLUE, ""),
                                        ("cosine", ["cosine"], GREEN, "/")):
        heights = [middles.get(label) for label in labels]
        figure.add(bar_trace(labels, heights, f"{name}{', median' * several}", meta=labels,
                        marker={"color": colour, "opacity": 0.75, "pattern": {"shape": shape}},
                        hovertemplate="%{x}: %{y:.3f}<extra></extra>"))
    if several:
        spread = [(label, name, column[label]) for name, column in columns.items() for label in column]
        figure.add(scatter_trace([one[0] for one in spread], [one[2] for one in spread], mode="markers", name="each repetition",
                        meta=[one[0] for one in spread], marker={"color": INK, "size": 6},
                        customdata=[one[1] for one in spread], hovertemplate="%{customdata}, %{x}: %{y:.3f}<extra></extra>"))
    blank = {WHOLE[key]: one.chance_high for report in reports for key in WHOLE if (one := report.find(key)) is not None}
    mark = {"symbol": "line-ew", "size": 26, "color": GREY, "line": {"color": GREY, "width": 2.5}}
    figure.add(scatter_trace(list(blank), list(blank.values()), mode="markers", name="entries shuffled", marker=mark,
                    hovertemplate="%{x}, entries shuffled: %{y:.3f}<extra></extra>"))
    figure.x(type="category", tickangle=0 if len(middles) < 10
             else -60).y(range=[min(0.0, *middles.values()) - 0.02, max(1.08, *middles.values())])
    table = pd.DataFrame([{"report": name, "what": label, "value": value} for name, column in columns.items()
                          for label, value in column.items()])
    said = join_names([f"{middles[label]:.2g} for {name}" for label, name in (("all", "all vectors together"), ("queries", "the queries"))
                   if label in middles])
    return Picture(figure, f"Relative variance over inputs: {said}; the mean cosine of two inputs is {middles['cosine']:.2g}.", table)


def _columns(report: Report, ordered: bool) -> dict[str, float]:
    """Values of one report by their label; of very many vectors those that change most."""
    found = list(enumerate(report.vector_variances, 1))
    if ordered or len(found) > MOST_VECTORS:
        found = sorted(found, key=lambda pair: -pair[1])[:MOST_VECTORS]
    single = {str(at if ordered else number): value for at, (number, value) in enumerate(found, 1)}
    return single | {WHOLE[key]: one.value for key in WHOLE if (one := report.find(key)) is not None}


def _labels(columns) -> list[str]:
    """Single vectors first, what stands for all of them behind."""
    found = list(dict.fromkeys(label for column in columns for label in column))
    return [label for label in found if label not in WHOLE.values()] + [label for label in WHOLE.values() if label in found]


@dataclass(frozen=True)
class DotPanel:
    """One of two plots side by side: a measure, what its axis says, and where it stands."""

    key: str
    title: str
    axes: dict
    format: str


PANELS = (DotPanel("information", "mutual information (nats)", {}, ".3g"),
          DotPanel("hit_rate", "needed entry found (share)", {"xaxis": "x2", "yaxis": "y2"}, ".1%"))


def retrieval_picture(reports: Sequence[Report], names: Sequence[str]) -> Picture:
    """What retrieval finds beside chance: information about the needed entry (nats) and how often that entry is found; a dot per report.

    Raises
    ------
    ValueError
        Where no report has either.
    """
    found = {panel.key: [(name, one) for name, report in zip(names, reports, strict=True) if (one := report.find(panel.key)) is not None]
             for panel in PANELS}
    found = {key: own for key, own in found.items() if own}
    if not found:
        raise ValueError("it is not known which entry was needed and which were retrieved")
    places = {"tickvals": [0, 1], "ticktext": ["found", "by chance"], "range": [-0.6, 1.6], "showgrid": False, "zeroline": False}
    second = {"xaxis2": places | {"anchor": "y2", "domain": [0.62, 1]},
              "yaxis2": {"anchor": "x2", "automargin": True, "rangemode": "tozero", "title": {"text": PANELS[1].title}}}
    figure = empty_drawing(y=PANELS[0].title, height=340, hovermode="closest", **second).x(domain=[0, 0.38], **places).y(rangemode="tozero")
    for panel in PANELS:
        if panel.key in found:
            _panel(figure, panel, found[panel.key], legend=panel.key == next(iter(found)))
    table = pd.DataFrame([{"report": name, "what": key} | measure_columns(one) for key, own in found.items() for name, one in own])
    return Picture(figure, _in_words(found), table)


def _panel(figure: Drawing, panel: DotPanel, own: Sequence[tuple[str, Measure]], *, legend: bool) -> None:
    said = [name for name, _ in own]
    both = (("as found", BLUE, "circle", [(one.value, one.low, one.high) for _, one in own]),
            ("by chance", GREY, "diamond-open", [((one.chance_low + one.chance_high) / 2, one.chance_low, one.chance_high)
                                                 for _, one in own]))
    for at, (title, colour, symbol, ends) in enumerate(both):
        x, (middle, low, high) = [at + 1.6 * dot_offset(place, len(own)) for place in range(len(own))], np.array(ends, float).T
        whiskers = {"type": "data", "symmetric": False, "thickness": 2.5, "width": 0, "color": colour,
                    "array": np.maximum(high - middle, 0), "arrayminus": np.maximum(middle - low, 0)}
        style = {"marker": {"color": colour, "symbol": symbol, "size": 9}, "legendgroup": title, "showlegend": legend} | panel.axes
        figure.add(scatter_trace(x, middle, mode="markers", name=title, error_y=whiskers, meta=said, customdata=said,
                        hovertemplate=f"%{{customdata}}, {title}: %{{y:{panel.format}}}<extra></extra>", **style))
        if len(own) > 1:
            mark = {"symbol": "line-ew", "size": 44, "color": INK, "line": {"color": INK, "width": 2}}
            figure.add(scatter_trace([at], [float(np.median(middle))], mode="markers", name="median", marker=mark, legendgroup="median",
                            showlegend=legend and not at, hovertemplate=f"median %{{y:{panel.format}}}<extra></extra>", **panel.axes))


def _in_words(found: dict[str, list[tuple[str, Measure]]]) -> str:
    words = {"information": "the first entry retrieved tells {:.2g} nats about the one that was needed, {:.2g} by chance",
             "hit_rate": "the needed entry is among those retrieved for {:.0%} of the questions, {:.1%} by chance"}
    said = "; ".join(words[key].format(np.median([one.value for _, one in own]), np.median([one.chance_high for _, one in own]))
                     for key, own in found.items())
    return f"{said[:1].upper()}{said[1:]}."
