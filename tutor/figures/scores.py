"""Scores of studies: as a matrix beside the paper's, as bars with quartiles, as lines over a size, as a map of what survives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREEN, INK, faded, look
from tutor.figures.picture import Picture, bars, canvas, dots
from tutor.figures.ticks import plain

Cell = tuple[str, str]
TINT = [[0.0, faded(GREEN, 0.04)], [1.0, faded(GREEN, 0.55)]]
"""From the page to green, never so deep that words upon it cannot be read: more is better."""


def score_matrix(rows: Sequence[str], columns: Sequence[str], values: Float[np.ndarray, "R C"], reported: Mapping[Cell, float]) -> Picture:
    """Shares right (0 to 1; NaN where nothing was measured), with what the source reports beneath in brackets."""
    figure = canvas(height=90 + 58 * len(rows), showlegend=False, margin={"t": 70, "l": 10, "r": 10, "b": 10})
    theirs = [[reported.get((row, column)) for column in columns] for row in rows]
    text = [[_cell(mine, other) for mine, other in zip(*pair, strict=True)] for pair in zip(values.tolist(), theirs, strict=True)]
    hover = "%{y}, asked for %{x}: %{z:.1%}<extra></extra>"
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK}, "xgap": 3, "ygap": 3, "showscale": False, "hovertemplate": hover, "hoverongaps": False}
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


@dataclass(frozen=True)
class Score:
    """A median with its quartiles; and over how many runs, where that is to be said."""

    value: float
    q25: float
    q75: float
    runs: int | None = None


def score_bars(groups: Mapping[str, Mapping[str, Score]], *, measure: str, top: float | None = None) -> Picture:
    """One bar per way of doing it, a colour per group (a task), whiskers over the quartiles."""
    figure = canvas(y=measure, height=360, barmode="group", bargap=0.3, showlegend=len(groups) > 1)
    for place, (group, scores) in enumerate(groups.items()):
        names, values = list(scores), [score.value for score in scores.values()]
        whiskers = {"type": "data", "symmetric": False, "array": [s.q75 - s.value for s in scores.values()], "arrayminus": [s.value - s.q25 for s in scores.values()],
                    "thickness": 1.5}
        style = {"color": look(group, place).colour, "pattern": {"shape": ("", "/", "x")[place % 3]}}
        figure.add(bars(names, values, group, meta=names, marker=style, error_y=whiskers, hovertemplate=f"%{{x}}: %{{y:.3g}} {measure}<extra>{group}</extra>"))
    figure.y(range=[0, top] if top else None, rangemode="tozero")
    rows = [{"group": group, "way": name, "median": s.value, "q25": s.q25, "q75": s.q75} for group, scores in groups.items() for name, s in scores.items()]
    said = "; ".join(f"{group}: {max(scores, key=lambda name: scores[name].value)} is best with {max(s.value for s in scores.values()):.3g}" for group, scores in groups.items())
    return Picture(figure, f"{measure}. {said}.", pd.DataFrame(rows))


def score_lines(series: Mapping[str, Mapping[int, Score]], *, across: str, measure: str, level: Mapping[str, float] | None = None) -> Picture:
    """Median over a size on a logarithmic axis, a band over the quartiles; `level` are scores that do not depend on it."""
    figure = canvas(x=across, y=measure, height=360)
    for place, (name, scores) in enumerate(series.items()):
        sizes, style = sorted(scores), look(name, place)
        upper, lower = [scores[n].q75 for n in sizes], [scores[n].q25 for n in sizes]
        band = {"fill": "toself", "fillcolor": faded(style.colour, 0.15), "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        figure.add({"type": "scatter", "x": [*sizes, *sizes[::-1]], "y": [*upper, *lower[::-1]], "mode": "lines", "name": name, "legendgroup": name} | band)
        values, said = [scores[n].value for n in sizes], f"{name}, %{{x}}: %{{y:.3g}}<extra></extra>"
        figure.add(dots(sizes, values, mode="lines+markers", name=name, legendgroup=name, line=style.line, marker={"symbol": style.marker, "size": 8}, hovertemplate=said))
    spans = [min(map(min, series.values())), max(map(max, series.values()))]
    for place, (name, value) in enumerate((level or {}).items()):
        style = {"color": look(name, len(series) + place).colour, "dash": "dot", "width": 2}
        figure.add({"type": "scatter", "x": spans, "y": [value, value], "mode": "lines", "name": name, "line": style, "hovertemplate": f"{name}: {value:.3g}<extra></extra>"})
    figure.x(type="log", tickvals=sorted({n for scores in series.values() for n in scores}), ticktext=[f"{n:,.0f}" for n in sorted({n for scores in series.values() for n in scores})])
    figure.y(rangemode="tozero")
    rows = [{"series": name, across: n, "median": s.value, "q25": s.q25, "q75": s.q75} for name, scores in series.items() for n, s in scores.items()]
    rows += [{"series": name, across: None, "median": value, "q25": value, "q75": value} for name, value in (level or {}).items()]
    said = "; ".join(f"{name} from {scores[min(scores)].value:.3g} at {min(scores):,.0f} to {scores[max(scores)].value:.3g} at {max(scores):,.0f}" for name, scores in series.items())
    return Picture(figure, f"{measure}: {said}.", pd.DataFrame(rows))


def score_dots(groups: Mapping[str, Mapping[str, Score]], *, measure: str, of: str, log: bool = False) -> Picture:
    """One row per way of doing it (`of` says what that is), with a marker per group and whiskers over the quartiles; from zero on, or logarithmic."""
    names = list(dict.fromkeys(name for scores in groups.values() for name in scores))
    figure = canvas(x=measure, y=of, height=110 + 34 * len(names), hovermode="closest", showlegend=len(groups) > 1)
    for place, (group, scores) in enumerate(groups.items()):
        style, apart = look(group, place), 0.24 * (place - (len(groups) - 1) / 2)
        found = list(scores.values())
        whiskers = {"type": "data", "symmetric": False, "array": [s.q75 - s.value for s in found], "arrayminus": [s.value - s.q25 for s in found], "thickness": 1.5}
        marker = {"color": style.colour, "size": 10, "symbol": ("circle", "diamond", "square")[place % 3]}
        figure.add(dots([s.value for s in found], [names.index(name) + apart for name in scores], mode="markers", name=group, text=list(scores), meta=list(scores), marker=marker, error_x=whiskers,
                        hovertemplate=f"%{{text}}: %{{x:.3g}} {measure}<extra>{group}</extra>"))
    ends = [end for scores in groups.values() for score in scores.values() for end in (score.q25, score.value, score.q75)]
    figure.x(tickangle=0, **(plain(ends, 5) if log else {"rangemode": "tozero"}))
    figure.y(tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False, fixedrange=True)
    rows = [{"group": group, "way": name, "median": s.value, "q25": s.q25, "q75": s.q75} for group, scores in groups.items() for name, s in scores.items()]
    said = "; ".join(f"{group}: from {min(found):.3g} to {max(found):.3g}" for group, found in ((group, [s.value for s in scores.values()]) for group, scores in groups.items()))
    return Picture(figure, f"{measure[:1].upper()}{measure[1:]}. {said[:1].upper()}{said[1:]}.", pd.DataFrame(rows))


def _with_spread(score: Score, form: str) -> str:
    if score.runs == 1:
        return f"<b>{score.value:{form}}</b><br>1 run"
    spread = f"<br>± {(score.q75 - score.q25) / 2:{form}}" if score.q75 > score.q25 else ""
    return f"<b>{score.value:{form}}</b>{spread}"


def score_map(rows: Sequence[str], columns: Sequence[str], scores: Sequence[Sequence[Score]], *, across: str, measure: str) -> Picture:
    """A cell per way and setting, shaded by the median, with the median and the distance of the quartiles written in it."""
    values = np.array([[score.value for score in line] for line in scores])
    form = ".0%" if measure.endswith("(share)") else ".0f" if values.max() >= 20 else ".2f"
    text = [[_with_spread(score, form) for score in line] for line in scores]
    figure = canvas(x=across, height=130 + 60 * len(rows), showlegend=False)
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK}, "xgap": 3, "ygap": 3, "showscale": False, "hovertemplate": f"%{{y}}, %{{x}}: %{{z:.1f}} {measure}<extra></extra>"}
    shade = [[0.0, faded(BLUE, 0.04)], [1.0, faded(BLUE, 0.55)]]
    figure.add({"type": "heatmap", "x": list(columns), "y": list(rows), "z": values, "zmin": 0, "zmax": float(values.max()) or 1.0, "colorscale": shade} | cells)
    figure.x(showgrid=False, fixedrange=True, type="category").y(autorange="reversed", showgrid=False, fixedrange=True)
    worst = {name: float(line.min()) for name, line in zip(rows, values, strict=True)}
    said = ", ".join(f"{name} between {low:{form}} and {line.max():{form}}" for (name, low), line in zip(worst.items(), values, strict=True))
    table = pd.DataFrame([{"way": r, across: c, "median": s.value, "q25": s.q25, "q75": s.q75} for r, line in zip(rows, scores, strict=True) for c, s in zip(columns, line, strict=True)])
    return Picture(figure, f"{measure} over all settings: {said}.", table)
