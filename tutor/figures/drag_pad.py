"""Token space as a plane to put prompt vectors on: its corners, the simplex between them, and the landscape beneath."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, INK, RED, VERMILION
from tutor.figures.picture import Picture, colour_bar_above, empty_drawing, format_nats, group_places, line_trace, scatter_trace

HANDLE = {"trace": 0}
"""The trace whose points a visitor drags."""
NEAR = 0.06
"""Vectors nearer than this share of the axis lie under one dot."""
HEADROOM = 2.5
"""Nats above the best point at which the colours of a landscape end: far away it rises to many times what matters."""


def prompt_pad(
    rows: Float[np.ndarray, "K two"],
    *,
    landscape: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    path: Float[np.ndarray, "S two"] | None = None,
    reach: float = 4.0,
    height: int = 520,
) -> Picture:
    """Prompt vectors of a coin in token space, as points that can be dragged.

    Parameters
    ----------
    rows
        [K, 2] amounts of heads and tails; trace HANDLE holds them, above everything else.
    landscape
        (across [J], up [I], regret [I, J] in nats) of one-vector prompts.
    path
        [S, 2] where an optimiser went.
    reach
        The axes go from minus this to this, or farther where a vector lies outside.
    """
    figure = empty_drawing(x="amount of heads", y="amount of tails", height=height, hovermode="closest", showlegend=False)
    far = max(reach, float(np.abs(rows).max(initial=0)) * 1.1)
    figure.add(_vectors(rows, NEAR * far))
    if landscape is not None:
        figure.add(*_ground(*landscape))
    figure.add(*_flips())
    if path is not None:
        hover = "optimiser, step %{pointNumber}: heads %{x:.2f}, tails %{y:.2f}<extra></extra>"
        figure.add(line_trace(path[:, 0], path[:, 1], "path of the optimiser", line={"color": INK, "width": 2}, hovertemplate=hover))
    square = {"range": [-far, far], "zeroline": True, "constrain": "domain"}
    figure.x(**square).y(**square, scaleanchor="x")
    return Picture(figure, _placed(rows, landscape), _table(rows, landscape))


def _numbers(rows: np.ndarray, near: float) -> dict:
    """One number on every vector; of several in one place only the first is written, with how many more there are."""
    said = [""] * len(rows)
    for first, *others in group_places(rows, near):
        said[first] = f"{first + 1}{f' +{len(others)}' if others else ''}"
    return {"text": said}


def _vectors(rows: np.ndarray, near: float) -> dict:
    words = {"mode": "markers+text", "textposition": "middle center"} | _numbers(rows, near)
    style = {"color": RED, "size": 20, "line": {"color": "#FFFFFF", "width": 2}}
    hover = "%{meta}: heads %{x:.2f}, tails %{y:.2f}<extra></extra>"
    # Traces are drawn in the order of zorder: the handle comes first in the list and lies on top of the picture.
    font = {"textfont": {"color": "#FFFFFF", "size": 11}, "zorder": 3}
    names = [f"vector {k + 1}" for k in range(len(rows))]
    return scatter_trace(
        rows[:, 0], rows[:, 1], name="prompt vectors", meta=names, marker=style, hovertemplate=hover, cliponaxis=False, **words, **font
    )


def _ground(across: np.ndarray, up: np.ndarray, regret: np.ndarray) -> tuple[dict, dict]:
    best = np.unravel_index(regret.argmin(), regret.shape)
    low = float(regret[best])
    hover = "heads %{x:.2f}, tails %{y:.2f}: regret %{z:.3f} nats<extra></extra>"
    bar = colour_bar_above("regret after 50 flips (nats)")
    colours = {"colorscale": LANDSCAPE, "zmin": low, "zmax": low + HEADROOM, "zsmooth": "best", "colorbar": bar}
    star = {"color": "#FFFFFF", "size": 13, "symbol": "star", "line": {"color": INK, "width": 1}}
    said = f"lowest of the grid: {format_nats(low)} nats<extra></extra>"
    return (
        {"type": "heatmap", "x": across, "y": up, "z": regret, "name": "regret", "hovertemplate": hover} | colours,
        scatter_trace(
            across[best[1] : best[1] + 1], up[best[0] : best[0] + 1], mode="markers", name="lowest", marker=star, hovertemplate=said
        ),
    )


LANDSCAPE = [[0.0, "#FDE725"], [0.15, "#5EC962"], [0.4, "#21918C"], [1.0, "#3B528B"]]
"""Viridis turned round, so that the valley is bright."""


def _flips() -> tuple[dict, dict]:
    """The two hard prompts and every share of a flip between them."""
    style = {"mode": "markers+text", "text": ["H", "T"], "textposition": "top right", "textfont": {"size": 15}}
    corner = {"color": [VERMILION, BLUE], "size": 11, "symbol": "square", "line": {"color": "#FFFFFF", "width": 1}}
    hover = "a whole flip: %{text}<extra></extra>"
    return (
        line_trace([1, 0], [0, 1], "shares of a flip", line={"color": GREY, "width": 3}, hoverinfo="skip"),
        scatter_trace([1, 0], [0, 1], name="flips", marker=corner, hovertemplate=hover, **style),
    )


def _placed(rows: np.ndarray, landscape: tuple | None) -> str:
    said = f"{len(rows)} prompt vector{'s' if len(rows) != 1 else ''} in token space"
    if landscape is None:
        return f"{said}; whole flips are the corners at 1 heads and 1 tails."
    across, up, regret = landscape
    i, j = np.unravel_index(regret.argmin(), regret.shape)
    corners = [format_nats(regret[np.abs(up - y).argmin(), np.abs(across - x).argmin()]) for x, y in ((1, 0), (0, 1))]
    return (
        f"{said}; the best single vector of the grid has {across[j]:.1f} heads and {up[i]:.1f} tails "
        f"and leaves {format_nats(regret[i, j])} nats, "
        f"a whole H leaves {corners[0]} and a whole T {corners[1]}."
    )


def _table(rows: np.ndarray, landscape: tuple | None) -> pd.DataFrame:
    if landscape is None:
        return pd.DataFrame({"vector": np.arange(1, len(rows) + 1), "heads": rows[:, 0], "tails": rows[:, 1]})
    across, up, regret = landscape
    x, y = np.meshgrid(across, up)
    return pd.DataFrame({"heads": x.ravel(), "tails": y.ravel(), "regret": regret.ravel()})
