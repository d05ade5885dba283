"""A map of what survives: a score for every way and every setting, each repetition in a cell of its own where it is known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tutor.figures.palette import BLUE, INK, fade_colour
from tutor.figures.picture import Picture, empty_drawing
from tutor.figures.scores import Score, break_name

SHADE = [[0.0, fade_colour(BLUE, 0.04)], [1.0, fade_colour(BLUE, 0.55)]]
GAP, SEAM = 0.4, 0.02
"""Between two settings, in cells: of several repetitions, or of one cell each."""


def score_map(  # noqa: PLR0913 - what is drawn, and three words on how
    rows: Sequence[str], columns: Sequence[str], scores: Sequence[Sequence[Score]], *, across: str, measure: str, share: bool = False
) -> Picture:
    """Scores as a map: a row per way, and per column a cell for each repetition, else one with the median and its quartiles.

    With `share` the scores lie between 0 and 1 and are written in percent.

    Raises
    ------
    ValueError
        Where one cell has more repetitions than another.
    """
    counts = {len(score.each) for line in scores for score in line}
    if len(counts) > 1:
        raise ValueError(f"the scores have {sorted(counts)} repetitions; a map needs as many of each")
    many = counts.pop()
    values = np.array([[score.each or (score.value,) for score in line] for line in scores])           # (rows, columns, repetitions)
    form = ".0%" if share else ".0f" if values.max() >= 20 else ".2f"
    z, width = values.reshape(len(rows), -1), max(1, many)
    text = [[f"{value * 100:.0f}" if share else f"{value:{form}}" for value in line]
            for line in z] if many else [[_with_quartiles(one, form) for one in line] for line in scores]
    figure = empty_drawing(x=f"{across}; one cell per repetition{', in percent' if share else ''}" if many else across,
                    height=130 + 60 * len(rows), showlegend=False)
    apart = width + (GAP if many > 1 else SEAM)
    places = [column * apart + one for column in range(len(columns)) for one in range(width)]
    for at in range(0, len(places), width):                # a trace per setting, because cells of one trace leave no gap between settings
        part = {"x": places[at:at + width], "z": z[:, at:at + width], "text": [line[at:at + width] for line in text]}
        figure.add(part | _style(rows, columns[at // width], values, measure))
    middles = [places[at] + (width - 1) / 2 for at in range(0, len(places), width)]
    figure.x(showgrid=False, zeroline=False, fixedrange=True, tickvals=middles, ticktext=list(columns))
    figure.y(autorange="reversed", showgrid=False, zeroline=False, fixedrange=True, tickvals=list(rows),
             ticktext=[break_name(name, 12) for name in rows])
    said = ", ".join(f"{name} between {min(one.value for one in line):{form}} and {max(one.value for one in line):{form}}"
                     for name, line in zip(rows, scores, strict=True))
    table = pd.DataFrame([{"way": r, across: c} | score.columns() for r, line in zip(rows, scores, strict=True)
                          for c, score in zip(columns, line, strict=True)])
    return Picture(figure, f"{measure} over all settings, medians: {said}.", table)


def _style(rows: Sequence[str], column: str, values: np.ndarray, measure: str) -> dict:
    return {"type": "heatmap", "y": list(rows), "zmin": 0, "zmax": float(values.max()) or 1.0, "colorscale": SHADE, "showscale": False,
            "xgap": 1, "ygap": 3,
            "texttemplate": "%{text}", "textfont": {"color": INK, "size": 11},
            "hovertemplate": f"%{{y}}, {column}: %{{z:.3g}} {measure}<extra></extra>"}


def _with_quartiles(score: Score, form: str) -> str:
    if score.runs == 1:
        return f"<b>{score.value:{form}}</b><br>1 run"
    spread = f"<br>{score.q25:{form}} to {score.q75:{form}}" if f"{score.q75:{form}}" != f"{score.q25:{form}}" else ""
    return f"<b>{score.value:{form}}</b>{spread}"
