"""Where a prompt leads a network: its trajectories over the grid of untuned states, with a red dot where the prompt ends.

How much of them lies off the plane is said in words, because the picture cannot show it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREY, RED, fade_colour, look_of
from tutor.figures.picture import Picture, join_names, join_paths, line_trace, scatter_trace
from tutor.figures.state_plane import Plane, tabulate_points
from tutor.methods.method_names import name_method


@dataclass(frozen=True)
class Path:
    """Trajectories of one network in the plane [B, K+T, C]; `prompt_end` is the row of the last prompt vector.

    `off_plane` is the share of its variance that the plane does not show; without a prompt the start is drawn open. `of` is the method
    where the label is that of a variant.
    """

    label: str
    coordinates: Float[np.ndarray, "B KT C"]
    prompt_end: int
    off_plane: float
    prompted: bool = True
    of: str = ""

    @property
    def name(self) -> str:
        """What it is called in the picture: the method in words."""
        return name_method(self.label, self.of)


def trajectories(plane: Plane, paths: Sequence[Path], *, height: int = 420, legend: bool = True, title: str = "") -> Picture:
    """Trajectories of one or several networks over the grey states of the untuned one, with a red dot where each prompt ends.

    Parameters
    ----------
    plane
        The untuned states and the two axes.
    paths
        Each in the coordinates of that plane.
    title
        When not given, a picture without legend says how much of each path lies off the plane.
    """
    figure = plane.canvas(height, hovermode="closest", showlegend=legend)
    figure.add(plane.grey(named=not legend))
    for place, path in enumerate(paths):
        figure.add(*_walk(plane, path, place))
    figure.add(*(_end(plane, path) for path in paths))
    if legend:
        figure.add(plane.swatch())
    if not legend:
        figure.layout["title"] = {"text": title or "; ".join(f"{path.name}: {path.off_plane:.0%} off the plane" for path in paths)}
    rows = [tabulate_points(plane.pick(path.coordinates), {}).assign(method=path.label, prompt_end=path.prompt_end) for path in paths]
    return Picture(figure, _led(plane, paths), pd.concat(rows, ignore_index=True) if rows else pd.DataFrame())


WALKING = [1, 2, 3]
"""The traces of a picture of a single path that move when its prompt does: the data, the way through the prompt, and the red dot."""


def moment_traces(plane: Plane, coordinates: Float[np.ndarray, "B KT C"], prompt_end: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """x and y of the traces WALKING at one moment of tuning, with a gap (NaN) between two sequences."""
    points = plane.pick(coordinates).round(3).astype(np.float32)
    data, prompt, end = points[:, prompt_end:], points[0, : prompt_end + 1], points[:, prompt_end].mean(0, keepdims=True)
    return tuple([np.ascontiguousarray(part, np.float32) for part in (join_paths(data[..., axis]), prompt[:, axis], end[:, axis])]
                 for axis in (0, 1))


def _walk(plane: Plane, path: Path, place: int) -> Iterator[dict]:
    """The sequences of the data, and the dotted way through the prompt (the same for all of them)."""
    style, points = look_of(path.label, place, of=path.of), plane.pick(path.coordinates).astype(np.float32)
    data, prompt = points[:, path.prompt_end :], points[0, : path.prompt_end + 1]
    thin = {"color": fade_colour(style.colour, 0.55), "width": 1.2}
    yield line_trace(join_paths(data[..., 0]), join_paths(data[..., 1]), path.name, legendgroup=path.name, hoverinfo="skip", line=thin)
    dotted = {
        "line": {"color": style.colour, "width": 2.5, "dash": "dot"},
        "marker": {"color": style.colour, "size": 5, "symbol": style.marker},
    }
    hover = f"{path.name}, prompt vector %{{pointNumber}}<extra></extra>"
    vectors = {"meta": ["BOS", *(f"vector {k + 1}" for k in range(len(prompt) - 1))]}
    behind = vectors | {"name": f"{path.name}, the prompt", "legendgroup": path.name, "showlegend": False}
    yield scatter_trace(prompt[:, 0], prompt[:, 1], mode="lines+markers", hovertemplate=hover, **behind, **dotted)


def _end(plane: Plane, path: Path) -> dict:
    x, y = np.unique(plane.pick(path.coordinates)[:, path.prompt_end].round(5), axis=0).T
    said = f"{path.name}: end of the prompt" if path.prompted else f"{path.name}: before any flip"
    red = {"size": 13, "color": RED, "line": {"color": "#FFFFFF", "width": 1.5}}
    style = red if path.prompted else {"size": 13, "color": GREY, "line": {"width": 2}, "symbol": "circle-open"}
    hidden = {"mode": "markers", "name": said, "showlegend": False, "legendgroup": path.name, "hovertemplate": f"{said}<extra></extra>"}
    return scatter_trace(x, y, marker=style, **hidden)


def _led(plane: Plane, paths: Sequence[Path]) -> str:
    if not paths:
        return "Only the grid of the untuned network is drawn."
    start = plane.pick(plane.grid)[:, 0].mean(0)
    away = [np.linalg.norm(plane.pick(path.coordinates)[:, path.prompt_end].mean(0) - start) for path in paths]
    said = [
        f"{path.name} starts the data {distance:.1f} standard deviations from the untuned start with {path.off_plane:.0%} of its variance "
        "off the plane"
        for path, distance in zip(paths, away, strict=True)
    ]
    return f"{join_names(said)}."
