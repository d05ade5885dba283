"""Attention with and without a prefix: maps, what a prefix changes layer by layer, where it moves the output."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import BLUE, GREY, INK, RED, VERMILION, fade_colour, look_of
from tutor.figures.picture import Picture, bar_trace, empty_drawing, join_names, join_paths, line_trace, scatter_trace

SHADE = [[0.0, fade_colour(BLUE, 0.0)], [1.0, fade_colour(BLUE, 1.0)]]
"""From nothing, which is the page, to blue: on a dark page to a light one, so that more always stands out more."""
NUMBERED = 16
"""Columns up to which a cell has room for its number."""
FAINT, FULL = 0.005, 0.8
"""Weights from which a cell has a number, and from which that number is written in the colour of the page."""


def attention_map(weights: Float[np.ndarray, "T KT"], words: Sequence[str], *, prefix: int = 0, asked: int | None = None,
                  together: bool = False) -> Picture:
    """Attention weights as a map: row t is where the network stands, columns are the prefix and then what it has read.

    Parameters
    ----------
    weights
        [T, K + T] or [T, T]; each row sums to one at most.
    words
        What each of the T rows has read last.
    prefix
        Columns at the left that are vectors of a prefix.
    asked
        The first row whose answer counts; a line stands before it.
    together
        Draw the prefix as one column, the sum of its rows; the table has each of them all the same.
    """
    T, rows = len(words), 1 if together and prefix else prefix
    drawn = np.concatenate([weights[:, :prefix].sum(1, keepdims=True), weights[:, prefix:]], axis=1) if rows < prefix else weights
    columns = (["all p"] if rows < prefix else [f"p{k + 1}" for k in range(rows)] if rows > 1 else ["p"] * rows) + list(words)
    figure = empty_drawing(x="looks at", y="stands at", height=340, hovermode="closest", showlegend=False,
                    margin={"t": 62, "b": 14, "l": 44, "r": 6})
    shown = np.where(np.arange(len(columns))[None] - rows <= np.arange(T)[:, None], drawn, np.nan)
    hover = "at %{y}, looks at %{x}: %{z:.3f}<extra></extra>"
    figure.add({"type": "heatmap", "z": shown, "zmin": 0, "zmax": 1, "colorscale": SHADE, "showscale": False, "hovertemplate": hover,
                "xgap": 1, "ygap": 1})
    if len(columns) <= NUMBERED:
        figure.add(*_numbers(shown))
    figure.x(**_ticks(columns), side="top", range=[-0.5, len(columns) - 0.5]).y(**_ticks(words), range=[T - 0.5, -0.5])
    figure.layout["shapes"] = _fences(T, len(columns), rows, asked)
    row, column = np.unravel_index(np.nanargmax(np.where(np.arange(len(columns)) < rows, np.nan, shown)[1:]), (T - 1, len(columns)))
    paid = f" {weights[:, :prefix].sum(1).mean():.0%} of the attention goes to the prefix." if prefix else ""
    alt = f"Attention of {T} positions. The largest weight: {words[row + 1]} at {columns[column]}, {shown[row + 1, column]:.0%}.{paid}"
    return Picture(figure, alt, _weights(weights, words, prefix))


def _numbers(shown: Float[np.ndarray, "T C"]) -> list[dict]:
    """The weights as numbers in their cells."""
    rows, columns = np.nonzero(np.nan_to_num(shown) >= FAINT)
    values = shown[rows, columns]
    said = np.array([f"{value:.2f}"[1:] if value < 1 - FAINT else "1" for value in values], dtype=object)
    parts = [(values < FULL, INK), (values >= FULL, "#FFFFFF")]
    return [
        scatter_trace(
            columns[part], rows[part], mode="text", text=said[part].tolist(), textfont={"size": 9, "color": colour}, hoverinfo="skip"
        )
        for part, colour in parts
    ]


def _weights(weights: Float[np.ndarray, "T KT"], words: Sequence[str], prefix: int) -> pd.DataFrame:
    """Every weight that is no constant zero; the rows of the prefix stand before place 0."""
    at, column = np.nonzero(np.tri(len(words), weights.shape[1], prefix, dtype=bool))
    names = [f"p{k + 1}" for k in range(prefix)] + list(words)
    return pd.DataFrame({"stands_at": at, "reads": np.take(words, at), "looks_at": column - prefix, "word": np.take(names, column),
                         "weight": weights[at, column]})


def _ticks(words: Sequence[str]) -> dict:
    return {"tickvals": list(range(len(words))), "ticktext": list(words), "showgrid": False, "zeroline": False, "tickfont": {"size": 9},
            "tickangle": 0}


def _fences(rows: int, columns: int, prefix: int, asked: int | None) -> list[dict]:
    """Lines between prefix, input and answer."""
    style = {"type": "line", "line": {"color": VERMILION, "width": 1.5}, "layer": "above"}
    lines = [{"x0": prefix - 0.5, "x1": prefix - 0.5, "y0": -0.5, "y1": rows - 0.5}] if prefix else []
    if asked is not None:
        lines.append({"x0": -0.5, "x1": columns - 0.5, "y0": asked - 0.5, "y1": asked - 0.5})
    return [style | one for one in lines]


def effect_bars(content: Sequence[float], output: Sequence[float], *, rounding: float, numbers: Sequence[int] = ()) -> Picture:
    """How far a prefix changed each layer: the rescaled content attention and the two sides of the bias equation, logarithmic.

    Parameters
    ----------
    content, output
        Largest differences per layer (`measure.PrefixEffect`).
    rounding
        What is less counts as no change; a dashed line.
    numbers
        Of the layers, where these are not all of the network.
    """
    layers = [f"layer {i}" for i in numbers or range(1, len(content) + 1)]
    figure = empty_drawing(y="largest difference", height=330, barmode="group", bargap=0.3)
    for name, values, colour, shape in (("content attention, rescaled", content, BLUE, ""),
                                        ("output against the bias equation", output, VERMILION, "/")):
        style = {"color": colour, "pattern": {"shape": shape}}
        hover = f"{name}, %{{x}}: %{{customdata:.1e}}<extra></extra>"
        figure.add(
            bar_trace(layers, np.maximum(values, 1e-9), name, meta=layers, marker=style, customdata=list(values), hovertemplate=hover)
        )
    figure.y(**log_axis(range=[-9, 1]))
    figure.layout["shapes"] = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": rounding, "y1": rounding,
                                "line": {"color": GREY, "dash": "dash", "width": 1.5}}]
    same = [name for name, one, other in zip(layers, content, output, strict=True) if max(one, other) < rounding]
    changed = [f"{name} by {one:.2g}" for name, one in zip(layers, content, strict=True) if name not in same]
    alt = f"Behind the prefix the rescaled attention is the same in {join_names(same) if same else 'no layer'}" + (
        f"; it changes in {join_names(changed)}." if changed else "."
    )
    return Picture(figure, alt, pd.DataFrame({"layer": layers, "content_difference": content, "output_difference": output}))


def bias_scatter(without: Float[np.ndarray, "N two"], behind: Mapping[str, Float[np.ndarray, "N two"]], *, explained: float) -> Picture:
    """Outputs of one attention layer without a prefix (grey) and behind each prefix, an arrow from each to each."""
    figure = empty_drawing(x="first direction", y="second direction", height=430, hovermode="closest")
    for place, (name, moved) in enumerate(behind.items()):
        style = look_of(name, place)
        stretch = np.stack([without, moved], axis=1)                       # (N, 2, 2)
        thin = {"color": fade_colour(style.colour, 0.35), "width": 1}
        figure.add(
            line_trace(
                join_paths(stretch[..., 0]),
                join_paths(stretch[..., 1]),
                name,
                legendgroup=name,
                showlegend=False,
                hoverinfo="skip",
                line=thin,
            )
        )
    grey = {"color": GREY, "size": 5, "opacity": 0.7}
    figure.add(scatter_trace(*without.T, mode="markers", name="no prefix", meta=list(range(len(without))), marker=grey,
                    hovertemplate="no prefix<extra></extra>"))
    for place, (name, moved) in enumerate(behind.items()):
        style = {"color": look_of(name, place).colour, "size": 6, "symbol": look_of(name, place).marker}
        said = f"behind the prefix for {name}<extra></extra>"
        figure.add(scatter_trace(*moved.T, mode="markers", name=name, legendgroup=name, meta=list(range(len(moved))), marker=style,
                        hovertemplate=said))
    rows = [pd.DataFrame({"prefix": name, "input": range(len(points)), "x": points[:, 0], "y": points[:, 1]})
            for name, points in {"none": without, **behind}.items()]
    alt = (f"Behind each of {len(behind)} prefixes the outputs of the layer move towards a place of their own; the plane holds "
           f"{explained:.0%} of the variance.")
    return Picture(figure, alt, pd.concat(rows, ignore_index=True))


def pushed_traces(place: int, prefixes: int) -> list[int]:
    """The traces of `bias_scatter` that move when the prefix at `place` does: its arrows, the grey dots, its own dots."""
    return [place, prefixes, prefixes + 1 + place]


def pushed_positions(without: Float[np.ndarray, "N two"], behind: Float[np.ndarray, "N two"]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """x and y of these traces at one moment of tuning."""
    stretch = np.stack([without, behind], axis=1)
    parts = ([join_paths(stretch[..., axis]), without[:, axis], behind[:, axis]] for axis in (0, 1))
    return tuple([np.ascontiguousarray(part, np.float32).round(3) for part in each] for each in parts)


def table_bars(table: Sequence[int], names: Sequence[str], symbols: Sequence[str]) -> Picture:
    """A virtual token that holds a table: one bar per entry, as high as the number of the symbol that it stands for."""
    said = [symbols[value] for value in table]
    figure = empty_drawing(y="number in the virtual token", height=300, showlegend=False)
    hover = "entry %{x}: %{y}, which is %{text}<extra></extra>"
    style = {"color": RED}
    figure.add(bar_trace(list(range(len(table))), list(table), "virtual token", text=said, textposition="outside", marker=style,
                    hovertemplate=hover, cliponaxis=False))
    figure.x(tickvals=list(range(len(table))), ticktext=list(names)).y(rangemode="tozero")
    return Picture(figure, f"One virtual token of {len(table)} numbers, which say "
                           f"{''.join(said) if max(map(len, said), default=0) == 1 else join_names(said)}.",
                   pd.DataFrame({"entry": list(names), "number": list(table), "symbol": said}))
