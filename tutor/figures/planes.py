"""Hidden states in the plane of a PCA: the grid of an untuned network's states, and how it came about while training.

The basis is fitted once, on the untuned network's own pretraining states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, SHARES, STEPS, faded
from tutor.figures.picture import Drawing, Picture, bar_above, canvas, dots, gapped, thinned

GRID_POINTS = 900
"""Points drawn of the grey grid; the basis is fitted on all."""

COLOURED_POINTS = 1900


@dataclass(frozen=True)
class Plane:
    """Whitened PCA coordinates of untuned states [B, T, C], each component's share of their variance, and two axes."""

    grid: Float[np.ndarray, "B T C"]
    explained: Float[np.ndarray, " C"]
    axes: tuple[int, int] = (0, 1)

    def names(self) -> tuple[str, str]:
        """Axis titles with the explained variance."""
        return tuple(f"component {axis + 1} ({self.explained[axis]:.0%} of variance)" for axis in self.axes)

    def pick(self, coordinates: Float[np.ndarray, "*any C"]) -> Float[np.ndarray, "*any two"]:
        """The two chosen axes."""
        return coordinates[..., list(self.axes)]

    def canvas(self, height: int, **layout) -> Drawing:
        """An empty drawing with this plane's axes."""
        across, up = self.names()
        return canvas(x=across, y=up, height=height, **layout)

    def grey(self) -> dict:
        """The untuned states as a backdrop."""
        x, y = self.pick(self.grid).reshape(-1, 2)[thinned(self.grid[..., 0].size, GRID_POINTS)].T.astype(np.float32)
        style = {"color": GREY, "size": 3, "opacity": 0.35}
        return dots(x, y, mode="markers", name="untuned network", hoverinfo="skip", marker=style)


def state_grid(plane: Plane, values: Float[np.ndarray, "B T"], *, name: str, share: bool = False) -> Picture:
    """Untuned pretraining states coloured by `values`: flips seen, or a `share` between zero and one."""
    points, chosen = plane.pick(plane.grid), thinned(values.size, COLOURED_POINTS)
    x, y = points.reshape(-1, 2)[chosen].T
    shown = values.reshape(-1)[chosen]
    scale = {"colorscale": SHARES, "cmin": 0, "cmax": 1} if share else {"colorscale": STEPS}
    style = scale | {"color": shown, "size": 4.5, "opacity": 0.85, "colorbar": bar_above(name)}
    hover = f"{name} %{{customdata:.2f}}<extra></extra>"
    figure = plane.canvas(420)
    figure.add(dots(x, y, mode="markers", name=name, customdata=shown, hovertemplate=hover, marker=style))
    along = [abs(np.corrcoef(points[..., axis].reshape(-1), values.reshape(-1))[0, 1]) for axis in (0, 1)]
    most = int(np.argmax(along))
    alt = f"States of the untuned network by {name}, which runs mostly along component {plane.axes[most] + 1} (correlation {along[most]:.2f})."
    return Picture(figure, alt, table_of_points(points, {name: values}))


def film(plane: Plane, frames: Sequence[Float[np.ndarray, "B T C"]]) -> Picture:
    """The last of several moments of training over the grid of the finished network; trace 1 is what a film replaces.

    The axes hold every moment, so that nothing jumps while the film is dragged.
    """
    figure, moment = plane.canvas(440, showlegend=False), plane.pick(frames[-1])
    figure.add(plane.grey())
    style = {"line": {"color": faded(BLUE, 0.5), "width": 1.2}, "marker": {"color": BLUE, "size": 3.5}}
    x, y = gapped(moment[..., 0]), gapped(moment[..., 1])
    figure.add(dots(x, y, mode="lines+markers", name="states of fixed sequences", hoverinfo="skip", **style))
    every = np.concatenate([plane.pick(part).reshape(-1, 2) for part in (plane.grid, *frames)])
    low, high = every.min(0), every.max(0)
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    figure.x(range=[low[0], high[0]]).y(range=[low[1], high[1]])
    alt = f"The states of {len(moment)} fixed sequences on the finished network's plane, at {len(frames)} moments of training."
    return Picture(figure, alt, table_of_points(moment, {}))


def table_of_points(points: Float[np.ndarray, "B T two"], values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One line per sequence and row, with whatever is known of each."""
    B, T, _ = points.shape
    places = {"sequence": np.repeat(np.arange(B), T), "row": np.tile(np.arange(T), B)}
    known = {name: value.reshape(-1) for name, value in values.items()}
    return pd.DataFrame(places | {"x": points[..., 0].reshape(-1), "y": points[..., 1].reshape(-1)} | known)
