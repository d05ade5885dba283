"""Scores of studies: as a matrix beside the paper's, as bars, as lines over a size; with every repetition where it is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import GREEN, GREY, INK, LineLook, fade_colour, look_of
from tutor.figures.picture import Drawing, Picture, bar_trace, empty_drawing, scatter_trace
from tutor.studies.measured_rows import format_bound

Cell = tuple[str, str]
TINT = [[0.0, fade_colour(GREEN, 0.04)], [1.0, fade_colour(GREEN, 0.55)]]
"""From the page to green, never so deep that words upon it cannot be read: more is better."""


def score_matrix(rows: Sequence[str], columns: Sequence[str], values: Float[np.ndarray, "R C"], reported: Mapping[Cell, float]) -> Picture:
    """Shares right (0 to 1; NaN where nothing was measured), with what the source reports beneath in brackets."""
    figure = empty_drawing(height=90 + 58 * len(rows), showlegend=False, margin={"t": 70, "l": 10, "r": 10, "b": 10})
    theirs = [[reported.get((row, column)) for column in columns] for row in rows]
    text = [[_cell(mine, other) for mine, other in zip(*pair, strict=True)] for pair in zip(values.tolist(), theirs, strict=True)]
    hover = "%{y}, asked for %{x}: %{z:.1%}<extra></extra>"
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK, "size": 12}, "xgap": 3, "ygap": 3, "showscale": False,
             "hovertemplate": hover, "hoverongaps": False}
    figure.add({"type": "heatmap", "x": list(columns), "y": list(rows), "z": values, "zmin": 0, "zmax": 1, "colorscale": TINT,
                "meta": list(rows)} | cells)
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.x(side="top", tickangle=0, tickvals=list(columns), ticktext=[break_name(name, 10) for name in columns], **plain)
    figure.y(autorange="reversed", tickvals=list(rows), ticktext=[break_name(name) for name in rows], **plain)
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    low = np.unravel_index(np.nanargmin(values), values.shape)
    alt = (f"{rows[row]} does {columns[column].lower()} in {values[row, column]:.0%} of all cases, {rows[low[0]]} does "
           f"{columns[low[1]].lower()} in {values[low]:.0%}.")
    table = pd.DataFrame([{"method": r, "asked_for": c, "measured": values[i, j], "reported": theirs[i][j]} for i, r in enumerate(rows)
                          for j, c in enumerate(columns)])
    return Picture(figure, alt, table)


def break_name(name: str, width: int = 14) -> str:
    """A name over several lines, so that a phone has room beside it."""
    return "<br>".join(wrap(name, width, break_long_words=False))


def _cell(mine: float, theirs: float | None) -> str:
    if np.isnan(mine):
        return ""
    return f"<b>{mine:.0%}</b>" + (f"<br>({theirs:.0%})" if theirs is not None else "")


@dataclass(frozen=True)
class Score:
    """A median with its quartiles; each repetition's own where they are known.

    Also over how many runs, where that is to be said, and which of the three are only lower bounds.
    """

    value: float
    q25: float
    q75: float
    each: tuple[float, ...] = ()
    runs: int | None = None
    at_least: tuple[str, ...] = ()

    def said(self, name: str, form: str) -> str:
        """One of the three as text, with a word where it is only a lower bound."""
        return format_bound(format(getattr(self, name), form), name, self.at_least)

    def columns(self) -> dict[str, float]:
        """These numbers for a table, repetitions under their own numbers."""
        return {"median": self.value, "q25": self.q25, "q75": self.q75} | {f"repetition {i}": value for i, value in enumerate(self.each, 1)}


SEED = {"mode": "markers", "showlegend": False, "marker": {"color": INK, "size": 7, "symbol": "circle-open",
                                                           "line": {"width": 1.8, "color": INK}}}
"""How a single repetition is drawn."""


def draw_levels(figure: Drawing, marks: Mapping[str, float]) -> None:
    """Draw named levels across a picture of scores, thin and dotted, their names and heights in the legend."""
    for place, (name, height) in enumerate(marks.items()):
        style = {"color": GREY, "width": 1.5, "dash": ("dot", "dash", "dashdot", "longdash")[place % 4]}
        line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "line": style, "layer": "below"}
        figure.layout.setdefault("shapes", []).append(line | {"showlegend": True, "name": f"{name}: {height:.3g}"})
    figure.layout["showlegend"] |= bool(marks)


def score_bars(groups: Mapping[str, Mapping[str, Score]], *, measure: str, top: float | None = None,
               marks: Mapping[str, float] | None = None) -> Picture:
    """One bar per way of doing it, a colour per group (a task); whiskers over the quartiles, or a ring for each repetition.

    Parameters
    ----------
    groups
        Group -> way -> score.
    measure, top
        What the axis says and where it ends.
    marks
        Named levels to hold the bars against.
    """
    figure = empty_drawing(
        y=measure, height=360, barmode="group", bargap=0.3, scattermode="group", scattergap=0.3, showlegend=len(groups) > 1
    )
    for place, (group, scores) in enumerate(groups.items()):
        names, values = list(scores), [score.value for score in scores.values()]
        whiskers = {"type": "data", "symmetric": False, "array": [s.q75 - s.value for s in scores.values()],
                    "arrayminus": [s.value - s.q25 for s in scores.values()],
                    "thickness": 1.5}
        seeds = [(name, value) for name, score in scores.items() for value in score.each]
        colour, side = look_of(group, place).colour, {"offsetgroup": group, "alignmentgroup": "all"}
        style = {"color": fade_colour(colour, 0.55) if seeds else colour, "pattern": {"shape": ("", "/", "x")[place % 3]}}
        spread = side | {"showlegend": len(groups) > 1} | ({} if seeds else {"error_y": whiskers})
        figure.add(
            bar_trace(
                names,
                values,
                group,
                meta=names,
                marker=style,
                hovertemplate=f"%{{x}}: %{{y:.3g}} {measure}<extra>{group}</extra>",
                **spread,
            )
        )
        if seeds:
            x, y = zip(*seeds, strict=True)
            figure.add(
                scatter_trace(
                    list(x),
                    list(y),
                    name=group,
                    hovertemplate=f"one repetition of %{{x}}: %{{y:.3g}}<extra>{group}</extra>",
                    **SEED,
                    **side,
                )
            )
    draw_levels(figure, marks or {})
    ways = list(dict.fromkeys(name for scores in groups.values() for name in scores))
    lines = [break_name(name, 12 if len(ways) <= 4 else 8) for name in ways]
    figure.x(**({"tickvals": ways, "ticktext": lines, "tickangle": 0 if len(ways) <= 5 else None} if lines != ways else {})).y(
        range=[0, top] if top else None, rangemode="tozero"
    )
    rows = [{"group": group, "way": name} | s.columns() for group, scores in groups.items() for name, s in scores.items()]
    said = "; ".join(f"{group}: {max(scores, key=lambda name: scores[name].value)} is best with "
                     f"{max(s.value for s in scores.values()):.3g}" for group, scores in groups.items())
    return Picture(figure, f"{measure}. {said}.", pd.DataFrame(rows))


@dataclass(frozen=True)
class ReferenceLevels:
    """What lines over a size are held against: measured scores that do not depend on it, and marks, such as a guess."""

    measured: Mapping[str, float] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)


def score_lines(series: Mapping[str, Mapping[int, Score]], *, across: str, measure: str, top: float | None = None,
                levels: ReferenceLevels | None = None) -> Picture:
    """Median over a size on a logarithmic axis, a band over the quartiles, or a ring for each repetition."""
    levels, sizes = levels or ReferenceLevels(), sorted({n for scores in series.values() for n in scores})
    figure = empty_drawing(x=across, y=measure, height=360, showlegend=len(series) > 1 or bool(levels.measured))
    for place, (name, scores) in enumerate(series.items()):
        _line(figure, name, dict(sorted(scores.items())), look_of(name, place))
    for place, (name, value) in enumerate(levels.measured.items(), len(series)):
        style = {"color": look_of(name, place).colour, "dash": "dot", "width": 2}
        figure.add({"type": "scatter", "x": [sizes[0], sizes[-1]], "y": [value, value], "mode": "lines", "name": name, "line": style,
                    "hovertemplate": f"{name}: {value:.3g}<extra></extra>"})
    draw_levels(figure, levels.marks)
    figure.x(type="log", tickvals=sizes, ticktext=[f"{n:,.0f}" for n in sizes], fixedrange=True).y(
        range=[0, top] if top else None, rangemode="tozero"
    )
    rows = [{"series": name, across: n} | s.columns() for name, scores in series.items() for n, s in scores.items()]
    rows += [{"series": name, across: None, "median": value, "q25": value, "q75": value} for name, value in levels.measured.items()]
    said = "; ".join(f"{name} from {scores[min(scores)].value:.3g} at {min(scores):,.0f} to {scores[max(scores)].value:.3g} at "
                     f"{max(scores):,.0f}" for name, scores in series.items())
    return Picture(figure, f"{measure}: {said}.", pd.DataFrame(rows))


def _line(figure: Drawing, name: str, scores: Mapping[int, Score], style: LineLook) -> None:
    """One series: its band or its rings, and its medians above them."""
    sizes, found = list(scores), list(scores.values())
    seeds = [(n, value) for n, score in scores.items() for value in score.each]
    if seeds:
        x, y = zip(*seeds, strict=True)
        ring = SEED | {"marker": SEED["marker"] | {"color": style.colour, "line": {"width": 1.8, "color": style.colour}}}
        figure.add(scatter_trace(list(x), list(y), name=name, legendgroup=name,
                        hovertemplate=f"one repetition, %{{x}}: %{{y:.3g}}<extra>{name}</extra>", **ring))
    else:
        band = {
            "fill": "toself",
            "fillcolor": fade_colour(style.colour, 0.15),
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        edge = [score.q75 for score in found] + [score.q25 for score in found[::-1]]
        figure.add({"type": "scatter", "x": [*sizes, *sizes[::-1]], "y": edge, "mode": "lines", "name": name, "legendgroup": name} | band)
    figure.add(scatter_trace(sizes, [score.value for score in found], mode="lines+markers", name=name, legendgroup=name, line=style.line,
                    marker={"symbol": style.marker, "size": 8},
                    hovertemplate=f"{name}, %{{x}}: %{{y:.3g}}<extra></extra>"))


def score_dots(groups: Mapping[str, Mapping[str, Score]], *, measure: str, of: str, log: bool = False) -> Picture:
    """One row per way of doing it (`of` says what that is), with a marker per group and whiskers over the quartiles; from zero on, or
    logarithmic."""
    names = list(dict.fromkeys(name for scores in groups.values() for name in scores))
    figure = empty_drawing(x=measure, y=of, height=110 + 34 * len(names), hovermode="closest", showlegend=len(groups) > 1)
    for place, (group, scores) in enumerate(groups.items()):
        style, apart = look_of(group, place), 0.24 * (place - (len(groups) - 1) / 2)
        found = list(scores.values())
        whiskers = {"type": "data", "symmetric": False, "array": [s.q75 - s.value for s in found],
                    "arrayminus": [s.value - s.q25 for s in found], "thickness": 1.5}
        marker = {"color": style.colour, "size": 10, "symbol": ("circle", "diamond", "square")[place % 3]}
        figure.add(scatter_trace([s.value for s in found], [names.index(name) + apart for name in scores], mode="markers", name=group,
                        text=list(scores), meta=list(scores), marker=marker, error_x=whiskers,
                        hovertemplate=f"%{{text}}: %{{x:.3g}} {measure}<extra>{group}</extra>"))
    figure.x(tickangle=0, **(log_axis(nticks=3) if log else {"rangemode": "tozero"}))      # a phone has room for three
    figure.y(tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False, fixedrange=True)
    rows = [{"group": group, "way": name, "median": s.value, "q25": s.q25, "q75": s.q75} for group, scores in groups.items()
            for name, s in scores.items()]
    said = "; ".join(f"{group}: from {min(found):.3g} to {max(found):.3g}"
                     for group, found in ((group, [s.value for s in scores.values()]) for group, scores in groups.items()))
    return Picture(figure, f"{measure[:1].upper()}{measure[1:]}. {said[:1].upper()}{said[1:]}.", pd.DataFrame(rows))
