"""Both sides of the equation by which a prefix is a bias, number by number."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, PALE
from tutor.figures.picture import Picture, empty_drawing, line_trace, scatter_trace

Outputs = Float[np.ndarray, "T dh"]


def bias_sides(without: Outputs, behind: Outputs, right: Outputs, share: Float[np.ndarray, " T"]) -> Picture:
    """Each number of each position's output behind a prefix (left side) over  (1 - a) t + a W_V mu  (right side), and over t alone.

    without: t. share: a. On the diagonal both sides are the same; the old output lies off it by what the prefix did.
    """
    T, width = without.shape
    figure = empty_drawing(x="right side, or the old output alone", y="left side: behind the prefix", height=400, hovermode="closest")
    ends = np.array([min(part.min() for part in (without, behind, right)), max(part.max() for part in (without, behind, right))])
    figure.add(line_trace(ends, ends, "both the same", line={"color": PALE, "width": 1}, hoverinfo="skip"))
    place = [f"position {t}, number {d + 1}" for t in range(T) for d in range(width)]
    looks = (("t alone", without, {"color": GREY, "size": 4, "symbol": "circle-open"}),
             ("(1 − a) t + a W<sub>V</sub> μ", right, {"color": BLUE, "size": 5}))
    for name, values, style in looks:
        said = "%{customdata}: left %{y:.3f}, " + name + " %{x:.3f}<extra></extra>"
        figure.add(
            scatter_trace(values.ravel(), behind.ravel(), mode="markers", name=name, customdata=place, marker=style, hovertemplate=said)
        )
    off, old = (float(np.abs(behind - values).max()) for values in (right, without))
    alt = (f"{T * width} numbers behind the prefix: the right side of the equation differs by at most {off:.1e}, the output without the "
           f"prefix by {old:.2g}.")
    at, number = np.indices((T, width)).reshape(2, -1)
    table = {"position": at, "number": number + 1, "share": share[at], "without_prefix": without.ravel(), "right_side": right.ravel(),
             "left_side": behind.ravel()}
    return Picture(figure, alt, pd.DataFrame(table))
