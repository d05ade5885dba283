"""Names at the ends of curves: where there are more of them than a legend can hold, each stands beside its own line."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from tutor.figures.picture import Drawing

LEGEND_HOLDS = 8
"""Entries that can be told apart in a legend."""
LETTERS, LINE, AWAY = 16, 13, 16
"""Letters in a line of a name; pixels from line to line, and from the end of a curve to its name."""
ROOM, AROUND = 118, 90
"""Pixels right of the plot that names take, and those of the picture's height that are not plot."""


@dataclass(frozen=True)
class End:
    """Where a curve ends, and its colour."""

    x: float
    y: float
    colour: str


def name_at_ends(figure: Drawing, ends: Mapping[str, End], *, bounds: tuple[float, float], log: bool = False) -> None:
    """Write every name beside the end of its curve instead of in a legend, moved up or down where two would touch.

    bounds: lowest and highest value on the vertical axis, which becomes the axis's range. The picture grows where the names need it.
    """
    scaled = np.log10 if log else np.asarray
    low, high = (float(scaled(bound)) for bound in bounds)
    low, high = low - 0.03 * (high - low), high + 0.05 * (high - low)
    names = sorted(ends, key=lambda name: ends[name].y)
    values = {name: float(scaled(ends[name].y)) for name in names}
    said = {name: wrap(name, LETTERS, break_long_words=False) for name in names}
    sizes = [LINE * len(said[name]) + 2.0 for name in names]
    tall = max(figure.layout["height"] - AROUND, math.ceil(sum(sizes)))
    at = [(values[name] - low) / (high - low) * tall for name in names]
    moved = spread_apart(at, sizes, float(tall))
    figure.layout["annotations"] = [
        {"x": ends[name].x, "y": values[name], "ax": AWAY, "ay": place - to, "xanchor": "left", "text": "<br>".join(said[name]),
         "align": "left", "borderpad": 0,
         "font": {"size": 11, "color": ends[name].colour}, "arrowcolor": ends[name].colour, "arrowhead": 0, "arrowwidth": 0.8}
        for name, place, to in zip(names, at, moved, strict=True)
    ]
    figure.layout |= {"showlegend": False, "margin": {"r": ROOM}, "height": tall + AROUND}
    figure.x(range=[1, max(end.x for end in ends.values())]).y(range=[low, high])


def spread_apart(places: Sequence[float], sizes: Sequence[float], room: float) -> list[float]:
    """Middles of things of these sizes, as near to their rising places as they can be without touching, within 0 and `room` if they fit
    there."""
    found, floor = [], 0.0
    for place, size in zip(places, sizes, strict=True):
        found.append(max(place, floor + size / 2))
        floor = found[-1] + size / 2
    ceiling = max(room, sum(sizes))
    for i in reversed(range(len(found))):
        found[i] = min(found[i], ceiling - sizes[i] / 2)
        ceiling = found[i] - sizes[i] / 2
    return found
