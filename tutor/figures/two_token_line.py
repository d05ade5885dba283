"""Prompt vectors of a coin network: how far each is along the line from heads to tails, and how far off it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREY, look_of
from tutor.figures.picture import Picture, empty_drawing, join_names, line_trace, scatter_trace

LinePlaces = Float[np.ndarray, "K three"]
"""Along the line, off it, and off the plane of all amounts of heads and tails, in distances between heads and tails."""


def token_line_picture(prompts: Mapping[str, LinePlaces]) -> Picture:
    """Vectors of prompts by method, beside the line between two tokens: heads at 0 and tails at 1, distance from the line upwards."""
    figure = empty_drawing(x="along the line from heads (0) to tails (1)", y="off that line", height=380, hovermode="closest")
    figure.add(
        line_trace([0, 1], [0, 0], "shares of heads and tails", line={"color": GREY, "width": 3}, hoverinfo="skip", showlegend=False)
    )
    for method, placed in prompts.items():
        style = look_of(method)
        numbered = [f"vector {k + 1}" for k in range(len(placed))]
        hover = (f"{method}, %{{text}}<br>along %{{x:.2f}}, off the line %{{y:.2f}}, of it beyond heads and tails "
                 f"%{{customdata:.2f}}<extra></extra>")
        marker = {"color": style.colour, "symbol": style.marker, "size": 11, "opacity": 0.85, "line": {"color": "#FFFFFF", "width": 1}}
        figure.add(scatter_trace(*placed.T[:2], mode="markers", name=method, text=numbered, meta=numbered, customdata=placed[:, 2],
                        hovertemplate=hover, marker=marker, cliponaxis=False))
    figure.y(rangemode="tozero", zeroline=True)
    rows = [{"method": method, "vector": k + 1, "along": along, "off the line": off, "beyond heads and tails": beyond}
            for method, placed in prompts.items() for k, (along, off, beyond) in enumerate(placed)]
    return Picture(
        figure,
        "Off the line on average, in distances between heads and tails: "
        f"{join_names([f'{method} {placed[:, 1].mean():.1f}' for method, placed in prompts.items()])}.",
        pd.DataFrame(rows),
    )
