"""Clusters of tasks on a map, how far apart they are layer by layer beside the controls, and a sentence's way through the space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer

from tutor.figures.palette import AMBER, BLUE, GREEN, GREY, INK, PALE, VERMILION, VIOLET, LineLook, fade_colour
from tutor.figures.picture import Drawing, Picture, bar_trace, empty_drawing, join_names, line_trace, scatter_trace

TASKS = (
    LineLook(BLUE, marker="circle"),
    LineLook(GREEN, marker="diamond"),
    LineLook(AMBER, marker="square"),
    LineLook(VERMILION, marker="triangle-up"),
)
"""Of stories, questions, gaps and sums; the colour is never alone."""
SERIES = {
    "trained": LineLook(BLUE, "solid", "circle"),
    "untrained": LineLook(GREY, "dash", "x"),
    "shuffled labels": LineLook(PALE, "dot", "cross"),
    "given": LineLook(INK, "solid", "circle"),
    "generated": LineLook(VIOLET, "dash", "diamond"),
    "given, untrained": LineLook(GREY, "dash", "x"),
}
ELLIPSE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 49)), np.sin(np.linspace(0, 2 * np.pi, 49))])
ROOM = np.array([0.2, 0.06])
"""What a word takes of a map's width and height on a phone."""
SHADE = [[0.0, fade_colour(BLUE, 0.04)], [1.0, fade_colour(BLUE, 0.55)]]


@dataclass(frozen=True)
class IntervalValue:
    """A number with the ends of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class TextCloud:
    """Points on a plane [N, 2], the task of each as a place in `names`, and what the two axes are."""

    points: Float[np.ndarray, "N two"]
    labels: Integer[np.ndarray, " N"]
    names: Sequence[str]
    axes: tuple[str, str]


def task_map(cloud: TextCloud, *, hulls: bool = True) -> Picture:
    """One dot per text, a colour and a marker per task; `hulls` draws where two standard deviations of each task end."""
    figure, points, labels, names = empty_drawing(x=cloud.axes[0], y=cloud.axes[1], height=420,
                                           hovermode="closest"), cloud.points, cloud.labels, cloud.names
    for place, name in enumerate(names):
        own = points[labels == place]
        if hulls:
            figure.add(_ellipse(own, name, TASKS[place]))
        figure.add(_texts(own, name, TASKS[place], np.flatnonzero(labels == place)))
    centres = np.stack([points[labels == place].mean(0) for place in range(len(names))])
    apart = np.linalg.norm(centres[:, None] - centres, axis=-1) + np.diag(np.full(len(names), np.inf))
    one, other = np.unravel_index(apart.argmin(), apart.shape)
    alt = (f"{len(points)} texts of {len(names)} tasks. The centres of {names[one]} and {names[other]} lie nearest on this map, "
           f"{apart.min():.2g} apart.")
    table = pd.DataFrame({"text": range(len(points)), "task": [names[label] for label in labels], "x": points[:, 0], "y": points[:, 1]})
    return Picture(figure, alt, table)


def _texts(own: np.ndarray, name: str, look: LineLook, places: np.ndarray) -> dict:
    style = {"color": look.colour, "symbol": look.marker, "size": 6, "opacity": 0.75}
    return scatter_trace(own[:, 0], own[:, 1], mode="markers", name=name, meta=places.tolist(), legendgroup=name, marker=style,
                hovertemplate=f"a text of {name}<extra></extra>")


def _ellipse(own: np.ndarray, name: str, look: LineLook) -> dict:
    sizes, directions = np.linalg.eigh(np.cov(own.T))
    x, y = own.mean(0)[:, None] + directions @ (2 * np.sqrt(np.maximum(sizes, 0))[:, None] * ELLIPSE)
    edge = {"color": fade_colour(look.colour, 0.5), "width": 1}
    return line_trace(x, y, name, fill="toself", fillcolor=fade_colour(look.colour, 0.08), line=edge, hoverinfo="skip", showlegend=False,
                legendgroup=name)


def layer_lines(
    series: Mapping[str, Mapping[int, IntervalValue]],
    *,
    measure: str,
    level: Mapping[str, IntervalValue],
    chance: float | None = None,
    chosen: int | None = None,
) -> Picture:
    """A measure layer by layer for a network and its controls, whiskers over 95 % intervals.

    Parameters
    ----------
    series
        Name -> layer -> value.
    level
        Name -> a value that has no layers.
    chance
        What no knowledge at all would give, dotted.
    chosen
        The layer that is marked.
    """
    layers = sorted({layer for values in series.values() for layer in values})
    figure = empty_drawing(x="layer", y=measure, height=380)
    for name, values in series.items():
        figure.add(_whiskered(name, values, measure))
    ends = [layers[0] - 0.25, layers[-1] + 0.25]
    for name, one in level.items():
        band = {"fill": "toself", "fillcolor": fade_colour(AMBER, 0.2), "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False,
                "legendgroup": name}
        figure.add(line_trace([*ends, *ends[::-1]], [one.low, one.low, one.high, one.high], name, **band))
        figure.add(line_trace(ends, [one.value] * 2, name, legendgroup=name, line={"color": AMBER, "dash": "longdash", "width": 2},
                        hovertemplate=f"{name}: {one.value:.3f}<extra></extra>"))
    if chance is not None:
        figure.add(line_trace(ends, [chance] * 2, "chance", line={"color": PALE, "dash": "dot", "width": 1.5},
                        hovertemplate=f"chance: {chance:.2f}<extra></extra>"))
    if chosen in layers:
        figure.layout["shapes"] = [{"type": "rect", "yref": "paper", "x0": chosen - 0.12, "x1": chosen + 0.12, "y0": 0, "y1": 1,
                                    "fillcolor": fade_colour(GREY, 0.12), "line": {"width": 0}, "layer": "below"}]
    figure.x(tickvals=layers, range=ends).y(rangemode="tozero")
    rows = [(name, layer, one) for name, values in series.items() for layer, one in values.items()] + [
        (name, None, one) for name, one in level.items()
    ]
    table = pd.DataFrame([{"series": name, "layer": layer, "value": one.value, "low": one.low, "high": one.high}
                          for name, layer, one in rows])
    said = [f"{name} {', '.join(_number(values[layer].value) for layer in sorted(values))}" for name, values in series.items()]
    said += [f"{name} {_number(one.value)}" for name, one in level.items()]
    return Picture(figure, f"{measure[:1].upper()}{measure[1:]}, layer by layer: {'; '.join(said)}.", table)


def _number(value: float) -> str:
    return "unknown" if isnan(value) else f"{value:.2f}"


def _whiskered(name: str, values: Mapping[int, IntervalValue], measure: str) -> dict:
    at, look = sorted(values), SERIES.get(name, SERIES["trained"])
    above, below = [values[n].high - values[n].value for n in at], [values[n].value - values[n].low for n in at]
    whiskers = {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1.5}
    style = {"symbol": look.marker, "size": 9, "color": look.colour}
    return scatter_trace(at, [values[n].value for n in at], mode="lines+markers", name=name, error_y=whiskers, line=look.line, marker=style,
                meta=[f"layer {n}" for n in at],
                hovertemplate=f"{name}, layer %{{x}}: %{{y:.3f}} {measure}<extra></extra>")


def distance_map(names: Sequence[str], pairs: Mapping[tuple[str, str], IntervalValue]) -> Picture:
    """The distance of every two tasks with its interval, a dark cell for a far pair."""
    values, text = np.full((len(names), len(names)), np.nan), [[""] * len(names) for _ in names]
    for (one, other), found in pairs.items():
        for i, j in ((names.index(one), names.index(other)), (names.index(other), names.index(one))):
            values[i, j] = found.value
            text[i][j] = "unknown" if isnan(found.value) else f"<b>{found.value:.2f}</b><br>{found.low:.2f} to {found.high:.2f}"
    known = {pair: found.value for pair, found in pairs.items() if not isnan(found.value)}
    figure = empty_drawing(height=380, showlegend=False)
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK}, "xgap": 3, "ygap": 3, "showscale": False,
             "hoverongaps": False}
    hover = "%{y} and %{x}: %{z:.2f} spreads apart<extra></extra>"
    figure.add({"type": "heatmap", "x": list(names), "y": list(names), "z": values, "zmin": 0, "zmax": max([1.0, *known.values()]),
                "colorscale": SHADE, "hovertemplate": hover} | cells)
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.x(side="top", tickangle=0, **plain).y(autorange="reversed", title={"text": "distance of centres, in spreads"}, **plain)
    alt = "No distance is known: no text differs from another of its label."
    if known:
        nearest, farthest = min(known, key=known.get), max(known, key=known.get)
        alt = (f"Nearest are {join_names(nearest)}, {known[nearest]:.2f} spreads apart, "
               f"farthest {join_names(farthest)}, {known[farthest]:.2f}.")
    table = pd.DataFrame([{"task": one, "other": other, "distance": m.value, "low": m.low, "high": m.high}
                          for (one, other), m in pairs.items()])
    return Picture(figure, alt, table)


@dataclass(frozen=True)
class SentencePath:
    """Where a sentence goes on a plane [W, 2], the word that was read at each place, and how many of the words were given."""

    points: Float[np.ndarray, "W two"]
    words: Sequence[str]
    given: int


def sentence_path(cloud: TextCloud, way: SentencePath) -> Picture:
    """The path of a sentence word by word over the cloud of single states; what the network wrote itself is dashed."""
    figure = empty_drawing(x=cloud.axes[0], y=cloud.axes[1], height=520, hovermode="closest")
    for place, name in enumerate(cloud.names):
        own, look = cloud.points[cloud.labels == place], TASKS[place]
        style = {"color": look.colour, "symbol": look.marker, "size": 5, "opacity": 0.4}
        figure.add(scatter_trace(own[:, 0], own[:, 1], mode="markers", name=name, marker=style, hoverinfo="skip"))
    named = find_nameable(way.points, np.ptp(np.concatenate([cloud.points, way.points]), axis=0))
    _walk(figure, way, slice(0, way.given), "given", named)
    _walk(figure, way, slice(max(way.given - 1, 0), None), "generated", named)
    long = np.linalg.norm(np.diff(way.points, axis=0), axis=1)
    far = int(long.argmax()) if len(long) else 0
    leap = (f" The longest step on this map leads from '{way.words[far]}' to '{way.words[far + 1]}', {long[far]:.2f} wide."
            if len(long) else "")
    alt = f"{way.given} words are given and the network writes {len(way.words) - way.given} more.{leap}"
    written = np.arange(len(way.words)) >= way.given
    table = pd.DataFrame({"place": range(1, len(way.words) + 1), "word": list(way.words), "written_by_the_network": written,
                          "x": way.points[:, 0], "y": way.points[:, 1]})
    return Picture(figure, alt, table)


def find_nameable(points: Float[np.ndarray, "W two"], size: Float[np.ndarray, " two"]) -> set[int]:
    """Which of these places, in their order, can be named on a map of this size without one name covering another."""
    named: list[int] = []
    for place, point in enumerate(points):
        if all((np.abs(point - points[other]) >= ROOM * size).any() for other in named):
            named.append(place)
    return set(named)


def _walk(figure: Drawing, way: SentencePath, part: slice, name: str, named: set[int]) -> None:
    """One part of the way; what is generated begins at the last given word, which is named there already."""
    points, words, look = way.points[part], list(way.words[part]), SERIES[name]
    every = range(len(way.words))[part]
    shown = [word if place in named and not (part.start and place == every[0]) else "" for place, word in zip(every, words, strict=True)]
    places = [f"word {place + 1}" for place in every]
    if len(points) > bool(part.start):
        style = {"color": look.colour, "symbol": look.marker, "size": 6}
        figure.add(
            scatter_trace(
                points[:, 0],
                points[:, 1],
                mode="lines+markers+text",
                name=name,
                text=shown,
                customdata=words,
                meta=places,
                textposition="top center",
                textfont={"size": 11, "color": look.colour},
                line=look.line | {"width": 1.6},
                marker=style,
                hovertemplate=f"%{{customdata}} ({name})<extra></extra>",
            )
        )


def step_bars(steps: Float[np.ndarray, " S"], words: Sequence[str], given: int) -> Picture:
    """Distance between a network's states before and after each word, where 1 is the distance of two states taken at random.

    Parameters
    ----------
    steps, words
        One more word than steps.
    given
        How many of the words were given; the others the network wrote.
    """
    places = np.arange(2, len(words) + 1)
    figure = empty_drawing(y="step, in distances of two random states", height=300, barmode="overlay", hovermode="closest")
    for name, kept, shape in (("given", places <= given, ""), ("generated", places > given, "/")):
        style, meta = {"color": SERIES[name].colour, "opacity": 0.8,
                       "pattern": {"shape": shape}}, [f"word {place}" for place in places[kept]]
        figure.add(
            bar_trace(
                places[kept],
                steps[kept],
                name,
                marker=style,
                meta=meta,
                customdata=[words[place - 1] for place in places[kept]],
                hovertemplate="to %{customdata}: %{y:.2f}<extra></extra>",
            )
        )
    figure.add(line_trace([1.5, len(words) + 0.5], [1, 1], "as far as chance", line={"color": GREY, "dash": "dash", "width": 1.5},
                    hoverinfo="skip"))
    figure.x(tickvals=places, ticktext=[words[place - 1] for place in places], tickangle=-60).y(rangemode="tozero")
    table = pd.DataFrame({"word": [words[place - 1] for place in places], "written_by_the_network": places > given, "step": steps})
    return Picture(figure, f"The {len(steps)} steps are {steps.mean():.2f} of the distance of two random states on average.", table)
