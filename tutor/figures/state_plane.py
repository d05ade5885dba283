"""Hidden states in the plane of a PCA: the grid of an untuned network's states.

The basis is fitted once, on the untuned network's own pretraining states.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREY, SHARES, STEPS
from tutor.figures.picture import Drawing, Picture, colour_bar_above, empty_drawing, pick_evenly, scatter_trace

GRID_POINTS = 900
"""Points drawn of the grey grid; the basis is fitted on all."""

COLOURED_POINTS = 1900

FLIPS = 50
"""The longest sequences that are drawn; the scale of colours reaches from the first to the last of their flips."""


@dataclass(frozen=True)
class Plane:
    """Whitened PCA coordinates of untuned states [B, T, C], each component's share of their variance, and two axes."""

    grid: Float[np.ndarray, "B T C"]
    explained: Float[np.ndarray, " C"]
    axes: tuple[int, int] = (0, 1)

    def names(self) -> tuple[str, str]:
        """Axis titles with the explained variance, where it is told."""
        return tuple(f"component {axis + 1}" + ("" if np.isnan(self.explained[axis]) else f" ({self.explained[axis]:.0%} of the spread)")
                     for axis in self.axes)

    def pick(self, coordinates: Float[np.ndarray, "*any C"]) -> Float[np.ndarray, "*any two"]:
        """The two chosen axes."""
        return coordinates[..., list(self.axes)]

    def canvas(self, height: int, **layout) -> Drawing:
        """An empty drawing with this plane's axes."""
        across, up = self.names()
        return empty_drawing(x=across, y=up, height=height, **layout)

    def grey(self, *, named: bool = True) -> dict:
        """The untuned states as a backdrop, with or without an entry in the legend."""
        x, y = self.pick(self.grid).reshape(-1, 2)[pick_evenly(self.grid[..., 0].size, GRID_POINTS)].T.astype(np.float32)
        style = {"color": GREY, "size": 3, "opacity": 0.35}
        return scatter_trace(x, y, mode="markers", name="untuned network", hoverinfo="skip", marker=style, showlegend=named)

    def swatch(self) -> dict:
        """The backdrop's entry in a legend: its own dots are too small and pale to be seen there."""
        return scatter_trace([None], [None], mode="markers", name="untuned network", hoverinfo="skip",
                    marker={"color": GREY, "size": 7, "opacity": 0.6})


def state_grid(plane: Plane | None, values: Float[np.ndarray, "B T"] | None, *, name: str, share: bool = False) -> Picture:
    """States coloured by `values`: flips seen, or a `share` between zero and one. Without a plane an empty picture, for states to come."""
    if plane is None:
        figure = empty_drawing(x="component 1", y="component 2", height=420)
        figure.add(_coloured(np.empty((0, 2)), np.empty(0), name, share))
        return Picture(figure, "The states appear as soon as training has begun.",
                       pd.DataFrame(columns=["sequence", "row", "x", "y", name]))
    points, chosen = plane.pick(plane.grid), pick_evenly(values.size, COLOURED_POINTS)
    figure = plane.canvas(420)
    figure.add(_coloured(points.reshape(-1, 2)[chosen], values.reshape(-1)[chosen], name, share))
    along = [abs(np.corrcoef(points[..., axis].reshape(-1), values.reshape(-1))[0, 1]) for axis in (0, 1)]
    most = int(np.argmax(along))
    alt = (f"States of the untuned network by {name}, which runs mostly along component {plane.axes[most] + 1} (correlation "
           f"{along[most]:.2f}).")
    return Picture(figure, alt, tabulate_points(points, {name: values}))


def _coloured(points: Float[np.ndarray, "N two"], shown: Float[np.ndarray, " N"], name: str, share: bool) -> dict:
    hover = f"{name} %{{customdata:.2f}}<extra></extra>"
    return coloured_dots(*points.T, shown, name, share=share, name=name, hovertemplate=hover)


def coloured_dots(x: Float[np.ndarray, " N"], y: Float[np.ndarray, " N"], shown: Float[np.ndarray, " N"], bar: str, *, share: bool = False,
           **trace) -> dict:
    """Dots coloured by `shown`, which the bar names; they stand for their places, so that pictures of the same states find each other's."""
    scale = {"colorscale": SHARES, "cmin": 0, "cmax": 1} if share else {"colorscale": STEPS, "cmin": 0, "cmax": FLIPS}
    style = scale | {"color": shown, "size": 4.5, "opacity": 0.85, "colorbar": colour_bar_above(bar)}
    return scatter_trace(x, y, mode="markers", meta=list(range(len(x))), customdata=shown, marker=style, **trace)


def tabulate_points(points: Float[np.ndarray, "B T two"], values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One line per sequence and row, with whatever is known of each."""
    B, T, _ = points.shape
    places = {"sequence": np.repeat(np.arange(B), T), "row": np.tile(np.arange(T), B)}
    known = {name: value.reshape(-1) for name, value in values.items()}
    return pd.DataFrame(places | {"x": points[..., 0].reshape(-1), "y": points[..., 1].reshape(-1)} | known)
