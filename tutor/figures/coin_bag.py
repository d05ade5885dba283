"""A bag of coins as a skyline that can be pulled up and down."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tutor.figures.palette import BLUE, fade_colour
from tutor.figures.picture import Picture, bar_trace, empty_drawing, scatter_trace


def bag_picture(biases: np.ndarray, heights: Sequence[int], *, highest: int) -> Picture:
    """How likely each coin is, as a bar with a handle on top; trace 0 holds the handles."""
    figure = empty_drawing(x="probability of heads", y="how many of these coins", height=260, hovermode="closest", showlegend=False)
    shares = np.array(heights) / max(1, sum(heights))
    hover = "coin %{x}: %{customdata:.1%} of the bag<extra></extra>"
    handle = {"color": BLUE, "size": 11, "line": {"color": "#FFFFFF", "width": 1}}
    figure.add(
        scatter_trace(
            biases,
            list(heights),
            mode="markers",
            name="handles",
            marker=handle,
            customdata=shares,
            hovertemplate=hover,
            zorder=2,
            cliponaxis=False,
        ),
        bar_trace(biases, list(heights), "coins", marker={"color": fade_colour(BLUE, 0.35)}, hoverinfo="skip", width=0.04),
    )
    figure.x(range=[0, 1]).y(range=[-0.3, highest + 0.5], dtick=3)
    mean = float((shares * biases).sum())
    alt = f"A bag of {int(np.count_nonzero(heights))} kinds of coins, which show heads with probability {mean:.2f} on average."
    return Picture(figure, alt, pd.DataFrame({"bias": biases, "height": list(heights), "share": shares}))
