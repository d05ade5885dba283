"""Hidden states in the plane of a PCA: the grid of pretraining states, and where each prompt leads the network.

The basis is fitted once on the untuned network. A red dot is the state at the end of the prompt; how much of a
method's states lies off the plane is said in words, because the picture cannot show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, RED, SHARES, STEPS, faded, look
from tutor.figures.picture import Picture, canvas, dots, gapped, listed, thinned

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


@dataclass(frozen=True)
class Path:
    """Trajectories of one network in the plane [B, K+T, C]; `prompt_end` is the row of the last prompt vector.

    `off_plane` is the share of its variance that the plane does not show; without a prompt the start is drawn open.
    """

    label: str
    coordinates: Float[np.ndarray, "B KT C"]
    prompt_end: int
    off_plane: float
    prompted: bool = True


def state_grid(plane: Plane, values: Float[np.ndarray, "B T"], *, name: str, share: bool = False) -> Picture:
    """Untuned pretraining states coloured by `values`: flips seen, or a `share` between zero and one."""
    points, order = plane.pick(plane.grid), thinned(values.size, COLOURED_POINTS)
    x, y = points.reshape(-1, 2)[order].T
    shown = values.reshape(-1)[order]
    figure = canvas(x=plane.names()[0], y=plane.names()[1], height=420)
    scale = {"colorscale": SHARES, "cmin": 0, "cmax": 1} if share else {"colorscale": STEPS}
    figure.add_trace(
        dots(
            x,
            y,
            mode="markers",
            name=name,
            customdata=shown,
            hovertemplate=f"{name} %{{customdata:.2f}}<extra></extra>",
            marker=scale | {"color": shown, "size": 4.5, "opacity": 0.85, "colorbar": _colourbar(name)},
        )
    )
    along = [abs(np.corrcoef(points[..., axis].reshape(-1), values.reshape(-1))[0, 1]) for axis in (0, 1)]
    strongest = int(np.argmax(along))
    alt = f"States of the untuned network coloured by {name}: it runs mostly along component {plane.axes[strongest] + 1} (correlation {along[strongest]:.2f})."
    return Picture(figure, alt, _frame_of(points, {name: values}))


def trajectories(plane: Plane, paths: Sequence[Path], *, height: int = 420, legend: bool = True, title: str = "") -> Picture:
    """Paths of one or several networks over the grey grid, with a red dot where each prompt ends.

    Without a `title` of its own a picture without legend says how much of each path lies off the plane.
    """
    figure = canvas(x=plane.names()[0], y=plane.names()[1], height=height, hovermode="closest", showlegend=legend)
    figure.add_trace(_grey(plane))
    for place, path in enumerate(paths):
        for trace in _path_traces(plane, path, place):
            figure.add_trace(trace)
    for path in paths:
        figure.add_trace(_end(plane, path, named=legend))
    if not legend:
        figure.update_layout(title_text=title or "; ".join(f"{path.label}: {path.off_plane:.0%} off the plane" for path in paths))
    rows = [_frame_of(plane.pick(path.coordinates), {}).assign(method=path.label, prompt_end=path.prompt_end) for path in paths]
    return Picture(figure, _led(plane, paths), pd.concat(rows, ignore_index=True) if rows else pd.DataFrame())


def film(plane: Plane, frames: Sequence[Float[np.ndarray, "B T C"]]) -> Picture:
    """The last of several moments of training over the grid of the finished network; trace 1 is what a film replaces.

    The axes hold every moment, so that nothing jumps while the film is dragged.
    """
    figure = canvas(x=plane.names()[0], y=plane.names()[1], height=440, showlegend=False)
    figure.add_trace(_grey(plane))
    moment = plane.pick(frames[-1])
    figure.add_scatter(
        x=gapped(moment[..., 0]),
        y=gapped(moment[..., 1]),
        mode="lines+markers",
        name="states of fixed sequences",
        line={"color": faded(BLUE, 0.5), "width": 1.2},
        marker={"color": BLUE, "size": 3.5},
        hoverinfo="skip",
    )
    every = np.concatenate([plane.pick(part).reshape(-1, 2) for part in (plane.grid, *frames)])
    low, high = every.min(0), every.max(0)
    edge = 0.05 * (high - low)
    figure.update_xaxes(range=[low[0] - edge[0], high[0] + edge[0]])
    figure.update_yaxes(range=[low[1] - edge[1], high[1] + edge[1]])
    alt = f"The states of {len(moment)} fixed sequences on the finished network's plane, at {len(frames)} moments of training."
    return Picture(figure, alt, _frame_of(moment, {}))


def _grey(plane: Plane) -> go.Scatter:
    x, y = plane.pick(plane.grid).reshape(-1, 2)[thinned(plane.grid[..., 0].size, GRID_POINTS)].T
    return go.Scatter(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        mode="markers",
        name="untuned network",
        hoverinfo="skip",
        marker={"color": GREY, "size": 3, "opacity": 0.35},
    )


def _path_traces(plane: Plane, path: Path, place: int):
    style, points = look(path.label, place), plane.pick(path.coordinates).astype(np.float32)
    data, prompt = points[:, path.prompt_end :], points[:1, : path.prompt_end + 1]
    yield go.Scatter(
        x=gapped(data[..., 0]),
        y=gapped(data[..., 1]),
        mode="lines",
        name=path.label,
        legendgroup=path.label,
        hoverinfo="skip",
        line={"color": faded(style.colour, 0.55), "width": 1.2},
    )
    yield go.Scatter(
        x=prompt[0, :, 0],
        y=prompt[0, :, 1],
        mode="lines+markers",
        name=f"{path.label}, the prompt",
        legendgroup=path.label,
        showlegend=False,
        line={"color": style.colour, "width": 2.5, "dash": "dot"},
        marker={"color": style.colour, "size": 5, "symbol": style.marker},
        hovertemplate=f"{path.label}, prompt vector %{{pointNumber}}<extra></extra>",
    )


def _end(plane: Plane, path: Path, *, named: bool) -> go.Scatter:
    x, y = np.unique(plane.pick(path.coordinates)[:, path.prompt_end].round(5), axis=0).T
    text = f"{path.label}: end of the prompt" if path.prompted else f"{path.label}: before any flip"
    fill = (
        {"color": RED, "line": {"color": "#FFFFFF", "width": 1.5}}
        if path.prompted
        else {"color": GREY, "line": {"width": 2}, "symbol": "circle-open"}
    )
    return go.Scatter(
        x=x,
        y=y,
        mode="markers+text" if named else "markers",
        name=text,
        showlegend=False,
        legendgroup=path.label,
        marker={"size": 13} | fill,
        text=[path.label] * len(x),
        textposition="top center",
        hovertemplate=f"{text}<extra></extra>",
    )


def _led(plane: Plane, paths: Sequence[Path]) -> str:
    if not paths:
        return "Only the grid of the untuned network is drawn."
    start = plane.pick(plane.grid)[:, 0].mean(0)
    said = []
    for path in paths:
        away = np.linalg.norm(plane.pick(path.coordinates)[:, path.prompt_end].mean(0) - start)
        said.append(
            f"{path.label} starts the data {away:.1f} standard deviations from the untuned start with {path.off_plane:.0%} of its variance off the plane"
        )
    return f"{listed(said)}."


def _frame_of(points: Float[np.ndarray, "B T two"], values: dict[str, np.ndarray]) -> pd.DataFrame:
    B, T, _ = points.shape
    table = pd.DataFrame(
        {
            "sequence": np.repeat(np.arange(B), T),
            "row": np.tile(np.arange(T), B),
            "x": points[..., 0].reshape(-1),
            "y": points[..., 1].reshape(-1),
        }
    )
    return table.assign(**{name: value.reshape(-1) for name, value in values.items()})


def _colourbar(title: str) -> dict:
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 0.8,
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "title": {"text": title, "side": "top"},
        "outlinewidth": 0,
    }
