"""How the claims of each work came out: a bar per work, divided by verdict."""

from collections.abc import Mapping

import pandas as pd

from tutor.figures.palette import AMBER, BLUE, GREEN, GREY, VERMILION
from tutor.figures.picture import Picture, bar_trace, empty_drawing, join_names

LOOKS = {"reproduced": (GREEN, ""), "answered": (BLUE, "."), "undecided": (AMBER, "/"), "not testable here": (GREY, "-"),
         "contradicted": (VERMILION, "x")}
"""Verdict -> colour and pattern, so that colour is never alone."""


def verdict_bars(counts: Mapping[str, Mapping[str, int]]) -> Picture:
    """Draw the number of claims per work and verdict; the first work stands at the top.

    Parameters
    ----------
    counts
        Work -> verdict -> number of its claims.
    """
    works = list(counts)
    figure = empty_drawing(x="claims", height=110 + 30 * len(works), barmode="stack", bargap=0.3)
    for verdict, (colour, shape) in LOOKS.items():
        many = [counts[work].get(verdict, 0) for work in works]
        style = {"color": colour, "pattern": {"shape": shape, "size": 6, "fillmode": "replace"}} if shape else {"color": colour}
        figure.add(bar_trace(many, works, verdict, orientation="h", marker=style, hovertemplate=f"%{{y}}: %{{x}} {verdict}<extra></extra>"))
    figure.layout["legend"] = figure.layout["legend"] | {"traceorder": "normal"}
    figure.y(autorange="reversed").x(dtick=2, rangemode="tozero")
    sums = {verdict: sum(each.get(verdict, 0) for each in counts.values()) for verdict in LOOKS}
    said = join_names([f"{many} {verdict}" for verdict, many in sums.items() if many])
    table = pd.DataFrame([{"work": work, **{verdict: counts[work].get(verdict, 0) for verdict in LOOKS}} for work in works])
    return Picture(figure, f"Of {sum(sums.values())} claims: {said}.", table)
