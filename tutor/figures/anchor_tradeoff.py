"""Prompts on a leash to a sentence: how many of their words are its, and how well they do their task, over the strength of the leash."""

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
    strengths = sorted({leash.strength for leashes in curves.values() for leash in leashes})
    at = dict(zip(strengths, log_places(strengths), strict=True))
    below = {"title": {"text": measure}, "domain": [0, 0.53], "automargin": True} | (log_axis() if log else {"rangemode": "tozero"})
    figure = empty_drawing(y="words as wished", height=520, hovermode="closest", yaxis2=below)
    ends = [min(at.values()) - 0.15, max(at.values()) + 0.15]
    for place, (name, leashes) in enumerate(curves.items()):
        figure.add(*_curve(name, leashes, [at[leash.strength] for leash in leashes], place, measure))
        level = {"color": look_of(name, place).colour, "dash": "dot", "width": 1.5}
        said = f"as many vectors without a leash: %{{y:.3g}} {measure}<extra></extra>"
        figure.add(
            line_trace(
                ends, [free[name]] * 2, f"{name}: no leash", legendgroup=name, showlegend=False, line=level, hovertemplate=said, **LOWER
            )
        )
    figure.add(line_trace(ends, [nothing] * 2, "no prompt", line={"color": GREY, "dash": "dash", "width": 1.5},
                    hovertemplate=f"no prompt: {nothing:.3g} {measure}<extra></extra>", **LOWER))
    figure.x(title={"text": "strength of the leash"}, anchor="y2", range=ends, tickvals=list(at.values()),
             ticktext=[f"{strength:g}" for strength in strengths], zeroline=False)
    figure.y(domain=[0.62, 1], range=[-0.06, 1.06], tickformat=".0%")
    return Picture(figure, _said(curves, free, measure), _table(curves, measure))


def log_places(strengths: Sequence[float]) -> list[float]:
    """Where strengths stand: at their logarithms, zero half a power of ten left of the least."""
    least = min((strength for strength in strengths if strength > 0), default=1.0)
    return [float(np.log10(strength)) if strength > 0 else float(np.log10(least)) - 0.5 for strength in strengths]


def _curve(name: str, leashes: Sequence[AnchorScore], at: list[float], place: int, measure: str) -> list[dict]:
    """One sentence in both panels, and its vectors in another order where that was measured."""
    colour, said = look_of(name, place).colour, [f"strength {leash.strength:g}" for leash in leashes]
    style = {"mode": "lines+markers", "line": {"color": colour, "width": 2},
             "marker": {"size": 9, "symbol": SYMBOLS[place % len(SYMBOLS)], "color": colour}, "legendgroup": name}
    panels = (("y", [leash.read for leash in leashes], ":.0%} as wished"), ("y2", [leash.score for leash in leashes], f":.3g}} {measure}"))
    drawn = [scatter_trace(at, [score.value for score in scores], name=name, showlegend=axis == "y", yaxis=axis, text=said, meta=said,
                  error_y=_whiskers(scores), hovertemplate=f"{name}, %{{text}}: %{{y{form}<extra></extra>", **style)
             for axis, scores, form in panels]
    if all(leash.shuffled is not None for leash in leashes):
        other = {"legendgroup": name, "showlegend": False, "line": {"color": colour, "dash": "dash", "width": 1.2}, "text": said, **LOWER}
        drawn.append(line_trace(at, [leash.shuffled for leash in leashes], f"{name}: in another order",
                          hovertemplate=f"its vectors in another order, %{{text}}: %{{y:.3g}} {measure}<extra></extra>", **other))
    return drawn


def _whiskers(scores: Sequence[Score]) -> dict:
    above, below = [score.q75 - score.value for score in scores], [score.value - score.q25 for score in scores]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.2}


def _said(curves: Mapping[str, Sequence[AnchorScore]], free: Mapping[str, float], measure: str) -> str:
    ends = "; ".join(f"{name}: {free[name]:.3g} {measure} without a leash, {leashes[-1].score.value:.3g} at strength "
                     f"{leashes[-1].strength:g}, where {leashes[-1].read.value:.0%} of the words are as wished"
                     for name, leashes in curves.items())
    return f"{ends[:1].upper()}{ends[1:]}."


def _table(curves: Mapping[str, Sequence[AnchorScore]], measure: str) -> pd.DataFrame:
    return pd.DataFrame([{"sentence": name, "strength": leash.strength, "read": leash.read.value, measure: leash.score.value,
                          "q25": leash.score.q25, "q75": leash.score.q75,
                          "in_another_order": leash.shuffled} for name, leashes in curves.items() for leash in leashes])
