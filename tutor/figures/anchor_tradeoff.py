"""Prompts pulled to a sentence: how many of their words are its, and how well they do their task, over the strength of the pull."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import GREY, look_of
from tutor.figures.picture import Picture, empty_drawing, line_trace, scatter_trace
from tutor.figures.scores import Score

SYMBOLS = ("circle", "square", "diamond")
LOWER = {"yaxis": "y2"}


@dataclass(frozen=True)
class AnchorScore:
    """Scores of a prompt that was anchored with one strength: share of vectors that read as the sentence, its score, that of a shuffle."""

    strength: float
    read: Score
    score: Score
    shuffled: float | None = None


def anchor_picture(curves: Mapping[str, Sequence[AnchorScore]], *, free: Mapping[str, float], nothing: float, measure: str,
                  log: bool = False) -> Picture:
    """The price of an anchor: share of vectors that read as each sentence, and below it the score, over the strength.

    Parameters
    ----------
    curves
        Per sentence its scores by strength; the axis is logarithmic, and zero stands apart on the left.
    free
        Per sentence the score of as many vectors without an anchor, dotted.
    nothing
        The score without a prompt, dashed grey.
    measure, log
        What the score is, and whether its axis is logarithmic.
    """
    strengths = sorted({one.strength for scores in curves.values() for one in scores})
    at = dict(zip(strengths, log_places(strengths), strict=True))
    below = {"title": {"text": measure}, "domain": [0, 0.53], "automargin": True} | (log_axis() if log else {"rangemode": "tozero"})
    figure = empty_drawing(y="words as wished", height=520, hovermode="closest", yaxis2=below)
    ends = [min(at.values()) - 0.15, max(at.values()) + 0.15]
    for place, (name, scores) in enumerate(curves.items()):
        figure.add(*_curve(name, scores, [at[one.strength] for one in scores], place, measure))
        level = {"color": look_of(name, place).colour, "dash": "dot", "width": 1.5}
        said = f"as many vectors without the pull: %{{y:.3g}} {measure}<extra></extra>"
        figure.add(
            line_trace(
                ends, [free[name]] * 2, f"{name}: no pull", legendgroup=name, showlegend=False, line=level, hovertemplate=said, **LOWER
            )
        )
    figure.add(line_trace(ends, [nothing] * 2, "no prompt", line={"color": GREY, "dash": "dash", "width": 1.5},
                    hovertemplate=f"no prompt: {nothing:.3g} {measure}<extra></extra>", **LOWER))
    figure.x(title={"text": "strength of the pull towards the words"}, anchor="y2", range=ends, tickvals=list(at.values()),
             ticktext=[f"{strength:g}" for strength in strengths], zeroline=False)
    figure.y(domain=[0.62, 1], range=[-0.06, 1.06], tickformat=".0%")
    return Picture(figure, _said(curves, free, measure), _table(curves, measure))


def log_places(strengths: Sequence[float]) -> list[float]:
    """Where strengths stand: at their logarithms, zero half a power of ten left of the least."""
    least = min((strength for strength in strengths if strength > 0), default=1.0)
    return [float(np.log10(strength)) if strength > 0 else float(np.log10(least)) - 0.5 for strength in strengths]


def _curve(name: str, scores: Sequence[AnchorScore], at: list[float], place: int, measure: str) -> list[dict]:
    """One sentence in both panels, and its vectors in another order where that was measured."""
    colour, said = look_of(name, place).colour, [f"strength {one.strength:g}" for one in scores]
    style = {"mode": "lines+markers", "line": {"color": colour, "width": 2},
             "marker": {"size": 9, "symbol": SYMBOLS[place % len(SYMBOLS)], "color": colour}, "legendgroup": name}
    panels = (("y", [one.read for one in scores], ":.0%} as wished"), ("y2", [one.score for one in scores], f":.3g}} {measure}"))
    drawn = [scatter_trace(at, [score.value for score in several], name=name, showlegend=axis == "y", yaxis=axis, text=said, meta=said,
                  error_y=_whiskers(several), hovertemplate=f"{name}, %{{text}}: %{{y{form}<extra></extra>", **style)
             for axis, several, form in panels]
    if all(one.shuffled is not None for one in scores):
        other = {"legendgroup": name, "showlegend": False, "line": {"color": colour, "dash": "dash", "width": 1.2}, "text": said, **LOWER}
        drawn.append(line_trace(at, [one.shuffled for one in scores], f"{name}: in another order",
                          hovertemplate=f"its vectors in another order, %{{text}}: %{{y:.3g}} {measure}<extra></extra>", **other))
    return drawn


def _whiskers(scores: Sequence[Score]) -> dict:
    above, below = [score.q75 - score.value for score in scores], [score.value - score.q25 for score in scores]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.2}


def _said(curves: Mapping[str, Sequence[AnchorScore]], free: Mapping[str, float], measure: str) -> str:
    ends = "; ".join(f"{name}: {free[name]:.3g} {measure} without the pull, {scores[-1].score.value:.3g} at strength "
                     f"{scores[-1].strength:g}, where {scores[-1].read.value:.0%} of the words are as wished"
                     for name, scores in curves.items())
    return f"{ends[:1].upper()}{ends[1:]}."


def _table(curves: Mapping[str, Sequence[AnchorScore]], measure: str) -> pd.DataFrame:
    return pd.DataFrame([{"sentence": name, "strength": one.strength, "read": one.read.value, measure: one.score.value,
                          "q25": one.score.q25, "q75": one.score.q75,
                          "in_another_order": one.shuffled} for name, scores in curves.items() for one in scores])
