"""Retrieval pipelines: what is answered behind them, how alike a store's entries are, their training, their loss, and the map of dials and
verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.analysis.question_trace import LossLandscape, NextWord, StoreCrowding
from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import BLUE, GREEN, GREY, INK, PALE, VERMILION, VIOLET, LineLook, fade_colour, look_of
from tutor.figures.picture import LEGEND, Picture, bar_trace, empty_drawing, join_names, line_trace, scatter_trace

LOOKS = {"as it is": LineLook(BLUE, "solid"), "store shuffled": LineLook(VERMILION, "dash"), "its constant alone": LineLook(GREEN, "dot"),
         "encoder": LineLook(BLUE, "solid", "circle"), "curator": LineLook(VIOLET, "dash", "square"),
         "projection": LineLook(VERMILION, "dot", "diamond")}
"""Of the curves over a training."""
SIGNS = {"retrieves": ("✓", "retrieves"), "partly": ("◐", "partly"), "a soft prompt in disguise": ("✗", "prompt"),
         "inconclusive": ("?", "unclear")}
"""Verdict -> its sign and one short word for a cell."""
FROM_STORE_TO_PROMPT = [[0.0, fade_colour(BLUE, 0.5)], [0.5, fade_colour(PALE, 0.12)], [1.0, fade_colour(VERMILION, 0.5)]]
LESS_IS_GREENER = [[0.0, fade_colour(GREEN, 0.6)], [1.0, fade_colour(GREEN, 0.02)]]
ROOM = 0.07
"""Probability of a word for which there is room in a bar."""
BINS = np.linspace(-0.5, 1.0, 61)


def answer_bars(answers: Mapping[str, NextWord], truth: str) -> Picture:
    """A bar of probability per context: the true word first, the likeliest others, and all the rest."""
    figure = empty_drawing(x="probability of the next word", height=90 + 48 * len(answers), barmode="stack", bargap=0.25)
    names = list(answers)
    parts = [("the true word", GREEN, [(f"✓ {truth}", one.truth) for one in answers.values()])]
    places = max(len(one.others) for one in answers.values())
    parts += [("likeliest other words", GREY, [one.others[i] if i < len(one.others) else ("", 0.0) for one in answers.values()])
              for i in range(places)]
    for place, (name, colour, said) in enumerate(parts):
        text = {"text": [word if value >= ROOM else "" for word, value in said], "textposition": "inside", "insidetextanchor": "middle",
                "textangle": 0}
        style = {"orientation": "h", "meta": names, "marker": {"color": colour, "line": {"color": PALE, "width": 1}},
                 "customdata": [word for word, _ in said], "hovertemplate": "%{y}: %{customdata} %{x:.1%}<extra></extra>"}
        figure.add(bar_trace([value for _, value in said], names, name, showlegend=place < 2, **style, **text))
    figure.layout |= {"legend": LEGEND | {"traceorder": "normal"}, "uniformtext": {"minsize": 10, "mode": "hide"}}
    figure.x(range=[0, 1], tickformat=".0%").y(autorange="reversed", title={"text": "in front of the question"})
    said = join_names([f"{one.truth:.0%} {name}" for name, one in answers.items()])
    rows = [{"context": name, "word": word, "probability": value, "true": word == truth} for name, one in answers.items()
            for word, value in ((truth, one.truth), *one.others)]
    return Picture(figure, f"The true answer, {truth}, gets {said}.", pd.DataFrame(rows))


def crowd_bars(crowd: StoreCrowding) -> Picture:
    """How alike entries are: cosines of each to its nearest others, and to others taken by lot."""
    figure = empty_drawing(x="cosine of two entries", y="share of the pairs", height=340, barmode="overlay", bargap=0)
    middles, rows = (BINS[1:] + BINS[:-1]) / 2, []
    for name, values, colour, shape in (("any two entries", crowd.others, GREY, "/"), ("nearest neighbours", crowd.nearest, BLUE, "")):
        share = np.histogram(np.clip(values, BINS[0], BINS[-1] - 1e-9), BINS)[0] / len(values)
        figure.add(bar_trace(middles, share, name, opacity=0.7, marker={"color": colour, "pattern": {"shape": shape}},
                        hovertemplate=f"{name}, cosine about %{{x:.2f}}: %{{y:.1%}}<extra></extra>"))
        rows += [{"pairs": name, "cosine": x, "share": y} for x, y in zip(middles, share, strict=True)]
    figure.x(range=[BINS[0], BINS[-1]]).y(tickformat=".0%")
    alt = (f"Nearest neighbours have a cosine of {np.median(crowd.nearest):.2f}, any two entries one of {np.median(crowd.others):.2f} "
           "(medians).")
    return Picture(figure, alt, pd.DataFrame(rows))


def crowd_lines(densities: Sequence[float], crowds: Sequence[StoreCrowding], *, k: int, chosen: float) -> Picture:
    """What an untrained search makes of denser and denser stores; shares from 0 to 1."""
    figure = empty_drawing(x="density of the store", y="share", height=340)
    series = {"entry is found": [one.found for one in crowds], "entry is nearest": [one.first for one in crowds],
              "entries that share the weight, of k": [one.sharing / k for one in crowds]}
    for place, (name, values) in enumerate(series.items()):
        style = (LineLook(BLUE, "solid", "circle"), LineLook(GREEN, "dash", "square"), LineLook(VERMILION, "dot", "diamond"))[place]
        figure.add(scatter_trace(list(densities), values, mode="lines+markers", name=name, line=style.line,
                        marker={"symbol": style.marker, "size": 7, "color": style.colour},
                        hovertemplate=f"{name}: %{{y:.0%}} at density %{{x:.2f}}<extra></extra>"))
    figure.layout["shapes"] = [{"type": "line", "yref": "paper", "x0": chosen, "x1": chosen, "y0": 0, "y1": 1,
                                "line": {"color": GREY, "dash": "dash", "width": 1}}]
    figure.y(range=[0, 1.03], tickformat=".0%")
    first, last = crowds[0], crowds[-1]
    alt = (f"From density {densities[0]:.2f} to {densities[-1]:.2f} the needed entry is found for {first.found:.0%} and {last.found:.0%} "
           f"of the questions, and the weight is shared by {first.sharing:.1f} and {last.sharing:.1f} of {k} entries.")
    rows = [{"density": d, "found": one.found, "first": one.first, "sharing": one.sharing}
            for d, one in zip(densities, crowds, strict=True)]
    return Picture(figure, alt, pd.DataFrame(rows))


def training_lines(curves: Mapping[str, Float[np.ndarray, "N S"]], *, measure: str, levels: Mapping[str, float] | None = None,
                  log: bool = False, steps: int = 0) -> Picture:
    """Curves over training steps (logarithmic): medians of the repetitions, bands from the least to the most.

    Lines come first, in the order given, so that a live feed finds them; then bands and levels.

    Parameters
    ----------
    curves
        Name -> [N, S], NaN where nothing was measured.
    levels
        Name -> a value to hold the curves against.
    """
    figure = empty_drawing(x="training step", y=measure, height=380)
    lines, bands, rows = [], [], []
    for place, (name, own) in enumerate(curves.items()):
        seen = np.flatnonzero(~np.isnan(own).any(axis=0))
        at, values, style = seen + 1, own[:, seen], LOOKS.get(name) or look_of(name, place)
        median = np.median(values, axis=0) if len(own) else values.sum(0)
        lines.append(line_trace(at, median, name, legendgroup=name, line=style.line,
                          hovertemplate=f"{name}, step %{{x}}: %{{y:.3g}}<extra></extra>"))
        if len(own) > 1:
            band = {"fill": "toself", "fillcolor": fade_colour(style.colour, 0.12), "line": {"width": 0}, "hoverinfo": "skip",
                    "showlegend": False, "legendgroup": name}
            bands.append(line_trace(np.concatenate([at, at[::-1]]), np.concatenate([values.max(0), values.min(0)[::-1]]), name, **band))
        rows += [{"curve": name, "step": int(s), "median": m, "least": lo, "most": hi}
                 for s, m, lo, hi in zip(at, median, values.min(0), values.max(0), strict=True)] if len(own) else []
    last = max([steps, *(own.shape[1] for own in curves.values())])
    for place, (name, value) in enumerate((levels or {}).items()):
        style = {"color": (INK, GREY)[place % 2], "dash": ("dash", "dot")[place % 2], "width": 1.5}
        bands.append(line_trace([1, last], [value] * 2, name, line=style, hovertemplate=f"{name}: {value:.2f}<extra></extra>"))
    figure.add(*lines, *bands)
    figure.x(**log_axis(range=[0, float(np.log10(max(2, last)))])).y(**(log_axis() if log else {"rangemode": "tozero"}))
    table = pd.DataFrame(rows, columns=["curve", "step", "median", "least", "most"])
    ends = {name: float(own["median"].iloc[-1]) for name, own in table.groupby("curve", sort=False)}
    said = join_names([f"{value:.3g} {name}" for name, value in ends.items()]) if ends else "nothing yet at step 0"
    return Picture(figure, f"At the end, {measure}: {said}.", table)


CORNERS = {(0.0, 0.0): "zeros", (1.0, 0.0): "its constant", (1.0, 1.0): "as trained"}
"""Places (a, b) on the surface that have names."""


def loss_surface(surface: LossLandscape) -> Picture:
    """The loss over how much of the mean context (up) and of each question's own part (across) stands in front; greener is less."""
    figure = empty_drawing(x="share of the part that differs by question (b)", y="share of the constant (a)", height=440, showlegend=False)
    contours = {"coloring": "heatmap", "showlabels": True, "labelfont": {"size": 11, "color": INK}}
    figure.add({"type": "contour", "x": surface.b, "y": surface.a, "z": surface.loss, "colorscale": LESS_IS_GREENER, "contours": contours,
                "showscale": False, "ncontours": 12,
                "line": {"color": GREY, "width": 0.6},
                "hovertemplate": "constant %{y:.2f}, question's part %{x:.2f}: %{z:.2f} nats<extra></extra>"})
    at = {name: float(surface.loss[np.abs(surface.a - a).argmin(), np.abs(surface.b - b).argmin()]) for (a, b), name in CORNERS.items()}
    style = {"color": VERMILION, "symbol": ["x", "circle", "star"], "size": 12}
    figure.add(
        scatter_trace(
            [b for _, b in CORNERS],
            [a for a, _ in CORNERS],
            mode="markers",
            name="places",
            marker=style,
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    # A plate stands over the contours' own numbers.
    plate = {"showarrow": False, "font": {"color": INK}, "bgcolor": "var(--st-background-color)", "opacity": 0.85, "borderpad": 2,
             "xanchor": "left", "xshift": 10, "yshift": 14}
    figure.layout["annotations"] = [plate | {"x": b, "y": a, "text": f"<b>{name}</b><br>{at[name]:.2f} nats"}
                                    for (a, b), name in CORNERS.items()]
    least = np.unravel_index(surface.loss.argmin(), surface.loss.shape)
    alt = (f"With zeros in front {at['zeros']:.2f} nats are lost, behind the constant alone {at['its constant']:.2f}, as trained "
           f"{at['as trained']:.2f}; least, {surface.loss.min():.2f}, with {surface.a[least[0]]:.2f} of the constant and "
           f"{surface.b[least[1]]:.2f} of the question's own part.")
    rows = [{"a": float(a), "b": float(b), "loss": float(surface.loss[i, j])} for i, a in enumerate(surface.a)
            for j, b in enumerate(surface.b)]
    return Picture(figure, alt, pd.DataFrame(rows))


@dataclass(frozen=True)
class PhaseCell:
    """One cell of the map: the verdict, those of all repetitions in words and whether they agree, and what the shuffled store keeps.

    kept is a share of the gain, NaN where there was none.
    """

    verdict: str
    each: str
    agree: bool
    kept: float
    gain: float


def phase_map(cells: Mapping[tuple[float, float], PhaseCell]) -> Picture:
    """Density across, embedding quality up; the colour is the share of the gain that the shuffled store keeps, sign and word the
    verdict."""
    densities, qualities = (sorted({cell[axis] for cell in cells}) for axis in (0, 1))
    figure = empty_drawing(x="density of the store", y="embedding quality", height=110 + 70 * len(qualities), showlegend=False)
    grid = [[cells.get((d, q)) for d in densities] for q in qualities]
    text = [[_cell(one) for one in row] for row in grid]
    kept = np.array([[np.nan if one is None else np.clip(one.kept, 0, 1) for one in row] for row in grid])
    custom = [["" if one is None else f"{one.each}; gain {one.gain:.2f} nats" for one in row] for row in grid]
    style = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK, "size": 11.5}, "xgap": 3, "ygap": 3, "showscale": False,
             "hoverongaps": False, "customdata": custom}
    figure.add({"type": "heatmap", "x": [f"{d:g}" for d in densities], "y": [f"{q:g}" for q in qualities], "z": kept, "zmin": 0, "zmax": 1,
                "colorscale": FROM_STORE_TO_PROMPT,
                "hovertemplate": "density %{x}, quality %{y}: %{customdata}<extra></extra>"} | style)
    plain = {"type": "category", "showgrid": False, "zeroline": False, "fixedrange": True}
    figure.x(**plain).y(**plain)
    counted = {verdict: sum(one.verdict == verdict for one in cells.values()) for verdict in SIGNS}
    alt = f"Of {len(cells)} settings, " + join_names([f"{count} {'are' if count != 1 else 'is'} '{verdict}'"
                                                  for verdict, count in counted.items() if count]) + "."
    table = pd.DataFrame([{"density": d, "quality": q, "verdict": one.verdict, "repetitions": one.each, "kept": one.kept, "gain": one.gain}
                          for (d, q), one in cells.items()])
    return Picture(figure, alt, table)


def _cell(one: PhaseCell | None) -> str:
    if one is None:
        return ""
    sign, word = SIGNS[one.verdict]
    return f"<b>{sign}</b><br>{word}{'' if one.agree else ' *'}<br>" + ("no gain" if np.isnan(one.kept) else f"{one.kept:.0%}")
