"""Token space as a plane to put prompt vectors on: its corners, the simplex between them, and the landscape beneath."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, INK, RED, VERMILION
from tutor.figures.picture import Picture, bar_above, canvas, dots, line, nats

HANDLE = {"trace": 0}
"""The trace whose points a visitor drags."""
HEADROOM = 2.5
"""Nats above the best point at which the colours of a landscape end: far away it rises to many times what matters."""


def pad(
    rows: Float[np.ndarray, "K two"],
    *,
    landscape: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    path: Float[np.ndarray, "S two"] | None = None,
    reach: float = 4.0,
    height: int = 520,
) -> Picture:
    """Prompt vectors of a coin in token space; `landscape` is (across [J], up [I], regret [I, J] in nats) of one-vector prompts.

    `path` is where an optimiser went. Trace HANDLE holds the vectors themselves, drawn above everything else.
    """
    figure = canvas(x="amount of heads", y="amount of tails", height=height, hovermode="closest", showlegend=False)
    figure.add(_vectors(rows))
    if landscape is not None:
        figure.add(*_ground(*landscape))
    figure.add(*_flips())
    if path is not None:
        hover = "optimiser, step %{pointNumber}: heads %{x:.2f}, tails %{y:.2f}<extra></extra>"
        figure.add(line(path[:, 0], path[:, 1], "path of the optimiser", line={"color": INK, "width": 2}, hovertemplate=hover))
    far = max(reach, float(np.abs(rows).max(initial=0)) * 1.1)
    square = {"range": [-far, far], "zeroline": True, "constrain": "domain"}
    figure.x(**square).y(**square, scaleanchor="x")
    return Picture(figure, _placed(rows, landscape), _table(rows, landscape))


def _vectors(rows: np.ndarray) -> dict:
    words = {"mode": "markers+text", "text": [str(k + 1) for k in range(len(rows))], "textposition": "middle center"}
    style = {"color": RED, "size": 20, "line": {"color": "#FFFFFF", "width": 2}}
    hover = "vector %{text}: heads %{x:.2f}, tails %{y:.2f}<extra></extra>"
    # Traces are drawn in the order of zorder: the handle comes first in the list and lies on top of the picture.
    font = {"textfont": {"color": "#FFFFFF", "size": 11}, "zorder": 3}
    names = [f"vector {k + 1}" for k in range(len(rows))]
    return dots(rows[:, 0], rows[:, 1], name="prompt vectors", meta=names, marker=style, hovertemplate=hover, cliponaxis=False, **words, **font)


def _ground(across: np.ndarray, up: np.ndarray, regret: np.ndarray) -> tuple[dict, dict]:
    best = np.unravel_index(regret.argmin(), regret.shape)
    low = float(regret[best])
    hover = "heads %{x:.2f}, tails %{y:.2f}: regret %{z:.3f} nats<extra></extra>"
    bar = bar_above("regret after 50 flips (nats)")
    colours = {"colorscale": LANDSCAPE, "zmin": low, "zmax": low + HEADROOM, "zsmooth": "best", "colorbar": bar}
    star = {"color": "#FFFFFF", "size": 13, "symbol": "star", "line": {"color": INK, "width": 1}}
    said = f"lowest of the grid: {nats(low)} nats<extra></extra>"
    return (
        {"type": "heatmap", "x": across, "y": up, "z": regret, "name": "regret", "hovertemplate": hover} | colours,
        dots(across[best[1] : best[1] + 1], up[best[0] : best[0] + 1], mode="markers", name="lowest", marker=star, hovertemplate=said),
    )


LANDSCAPE = [[0.0, "#FDE725"], [0.15, "#5EC962"], [0.4, "#21918C"], [1.0, "#3B528B"]]
"""Viridis turned round, so that the valley is bright."""


def _flips() -> tuple[dict, dict]:
    """The two hard prompts and every share of a flip between them."""
    style = {"mode": "markers+text", "text": ["H", "T"], "textposition": "top right", "textfont": {"size": 15}}
    corner = {"color": [VERMILION, BLUE], "size": 11, "symbol": "square", "line": {"color": "#FFFFFF", "width": 1}}
    hover = "a whole flip: %{text}<extra></extra>"
    return (
        line([1, 0], [0, 1], "shares of a flip", line={"color": GREY, "width": 3}, hoverinfo="skip"),
        dots([1, 0], [0, 1], name="flips", marker=corner, hovertemplate=hover, **style),
    )


def _placed(rows: np.ndarray, landscape: tuple | None) -> str:
    said = f"{len(rows)} prompt vector{'s' if len(rows) != 1 else ''} in token space"
    if landscape is None:
        return f"{said}; whole flips are the corners at 1 heads and 1 tails."
    across, up, regret = landscape
    i, j = np.unravel_index(regret.argmin(), regret.shape)
    corners = [nats(regret[np.abs(up - y).argmin(), np.abs(across - x).argmin()]) for x, y in ((1, 0), (0, 1))]
    return (
        f"{said}; the best single vector of the grid has {across[j]:.1f} heads and {up[i]:.1f} tails and leaves {nats(regret[i, j])} nats, "
        f"a whole H leaves {corners[0]} and a whole T {corners[1]}."
    )


def _table(rows: np.ndarray, landscape: tuple | None) -> pd.DataFrame:
    if landscape is None:
        return pd.DataFrame({"vector": np.arange(1, len(rows) + 1), "heads": rows[:, 0], "tails": rows[:, 1]})
    across, up, regret = landscape
    x, y = np.meshgrid(across, up)
    return pd.DataFrame({"heads": x.ravel(), "tails": y.ravel(), "regret": regret.ravel()})
