"""Prompt vectors among words: on a plane with where they started and ended, as a tape of nearest words, and what they lose on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREEN, GREY, INK, RED, faded, look
from tutor.figures.picture import Picture, bar_above, canvas, dots, gapped, line, listed

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star", "hexagon", "cross", "triangle-down")
"""One per prompt of a picture, so that colour is never alone."""
TINT = [[0.0, faded(GREEN, 0.04)], [1.0, faded(GREEN, 0.55)]]
MOVING = (1, 2)
"""Traces that a film of one prompt moves: its way so far, and where its vectors are."""


@dataclass(frozen=True)
class WordCloud:
    """Words on a plane [V, 2], what each is, and what the two axes are."""

    points: Float[np.ndarray, "V two"]
    words: Sequence[str]
    axes: tuple[str, str]


@dataclass(frozen=True)
class Placed:
    """The K vectors of a prompt on the same plane, at every moment that is known [F, K, 2]: at least where they are."""

    label: str
    moments: Float[np.ndarray, "F K two"]


def prompt_map(cloud: WordCloud, prompts: Sequence[Placed]) -> Picture:
    """Prompts among the words: open markers where vectors started, filled ones where they are, a line along the way."""
    figure = canvas(x=cloud.axes[0], y=cloud.axes[1], height=480, hovermode="closest")
    style = {"color": GREY, "size": 5, "opacity": 0.35}
    figure.add(dots(*cloud.points.T, mode="markers", name="words", text=list(cloud.words), meta=list(cloud.words), hovertemplate="%{text}<extra></extra>", marker=style))
    for place, prompt in enumerate(prompts):
        figure.add(*_prompt(prompt, RED if len(prompts) == 1 else look(prompt.label, place).colour, SYMBOLS[place % len(SYMBOLS)]))
    rows = [{"prompt": prompt.label, "vector": k + 1, "moment": "end" if f else "start", "x": x, "y": y}
            for prompt in prompts for f in sorted({0, len(prompt.moments) - 1}) for k, (x, y) in enumerate(prompt.moments[f])]
    rows += [{"prompt": "words", "vector": word, "moment": "", "x": x, "y": y} for word, (x, y) in zip(cloud.words, cloud.points, strict=True)]
    width = float(np.linalg.norm(cloud.points - cloud.points.mean(0), axis=1).mean())
    away = {prompt.label: float(np.linalg.norm(prompt.moments[-1] - cloud.points.mean(0), axis=1).mean()) / width for prompt in prompts}
    far = listed([f"{label} {value:.1f}" for label, value in away.items()] or [""])
    alt = f"{len(cloud.words)} words and {len(prompts)} prompts. As far from the middle as so many average words: {far}." if prompts else f"{len(cloud.words)} words."
    return Picture(figure, alt, pd.DataFrame(rows))


def _prompt(prompt: Placed, colour: str, symbol: str) -> list[dict]:
    (x, y), now = way(prompt.moments), prompt.moments[-1]
    name, numbered = {"name": prompt.label, "legendgroup": prompt.label}, [f"vector {k + 1}" for k in range(len(now))]
    hover = f"{prompt.label}, %{{text}}<extra></extra>"
    marker = {"color": colour, "symbol": symbol, "size": 9}
    path = line(x, y, prompt.label, legendgroup=prompt.label, showlegend=False, hoverinfo="skip", line={"color": faded(colour, 0.4), "width": 1.2})
    here = dots(*now.T, mode="markers", text=numbered, meta=numbered, hovertemplate=hover, marker=marker, **name)
    if len(prompt.moments) == 1:
        return [path, here]
    began = {"color": colour, "symbol": f"{symbol}-open", "size": 7}
    return [path, here, dots(*prompt.moments[0].T, mode="markers", text=numbered, hovertemplate=f"{prompt.label}, start of %{{text}}<extra></extra>",
                             marker=began, legendgroup=prompt.label, name=f"{prompt.label}: start", showlegend=False)]


def way(moments: Float[np.ndarray, "F K two"]) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """The ways of all vectors as one line with gaps."""
    return tuple(gapped(np.moveaxis(moments, 0, 1)[..., axis]) for axis in (0, 1))


def token_tape(steps: Sequence[int], words: Sequence[Sequence[str]], values: Float[np.ndarray, "F K"], *, measure: str = "cosine") -> Picture:
    """The word nearest to every vector (a row) at every filmed step (a column), shaded by how near it is."""
    count = len(values[0])
    figure = canvas(y="vector", height=180 + 30 * count, showlegend=False, margin={"t": 80, "b": 60})
    columns, rows = [f"{step:,}" for step in steps], [str(k + 1) for k in range(count)]
    text = [[f"<b>{words[f][k]}</b>" if f == 0 or words[f][k] != words[f - 1][k] else words[f][k] for f in range(len(steps))] for k in range(count)]
    nearer = values.T if measure == "cosine" else -values.T
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK, "size": 10.5}, "xgap": 1, "ygap": 2, "customdata": values.T} | _nearness(values, measure)
    hover = f"vector %{{y}}, step %{{x}}: %{{text}}, {measure} %{{customdata:.2f}}<extra></extra>"
    figure.add({"type": "heatmap", "x": columns, "y": rows, "z": nearer, "colorscale": TINT, "hovertemplate": hover} | cells)
    figure.x(type="category", showgrid=False, fixedrange=True, title={"text": "tuning step", "standoff": 38}).y(autorange="reversed", type="category", showgrid=False, fixedrange=True)
    changes = sum(words[f][k] != words[f - 1][k] for f in range(1, len(steps)) for k in range(count))
    alt = f"At step {steps[-1]:,} the prompt reads '{' '.join(words[-1])}', mean {measure} {values[-1].mean():.2f}; nearest words changed {changes} times on the way."
    table = pd.DataFrame([{"step": step, "vector": k + 1, "word": words[f][k], measure: values[f, k]} for f, step in enumerate(steps) for k in range(count)])
    return Picture(figure, alt, table)


def _nearness(values: Float[np.ndarray, "F K"], measure: str) -> dict:
    """Colours that mean the same in every tape: cosines from 0 to 1; distances from 0, the greenest, to the farthest of the tape."""
    if measure == "cosine":
        return {"zmin": 0, "zmax": 1, "colorbar": bar_above("cosine with the nearest word") | {"tickvals": [0, 0.5, 1]}}
    far = max(float(values.max()), 1e-6)
    ticks = [0.0, far / 2, far]
    return {"zmin": -far, "zmax": 0, "colorbar": bar_above("distance to the nearest word") | {"tickvals": [-tick for tick in ticks], "ticktext": [f"{tick:.2g}" for tick in ticks]}}


def losing(curves: Mapping[str, Float[np.ndarray, "N S"]], *, level: float | None = None) -> Picture:
    """What tunings lose (nats per token, logarithmic) step by step: median over repetitions, a band from the least to the most.

    level: what the network loses without a prompt.
    """
    figure = canvas(x="tuning step", y="loss (nats per token)", height=420)
    for place, (name, own) in enumerate(curves.items()):
        steps, style = np.arange(1, own.shape[1] + 1), look(name, place)
        band = {"fill": "toself", "fillcolor": faded(style.colour, 0.12), "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "legendgroup": name}
        figure.add(line(np.concatenate([steps, steps[::-1]]), np.concatenate([own.max(0), own.min(0)[::-1]]), name, **band))
        dash = ("solid", "dash", "dot")[place // 8 % 3]
        figure.add(line(steps, np.median(own, axis=0), name, legendgroup=name, line={"color": style.colour, "width": 2, "dash": dash}, hovertemplate=f"{name}, step %{{x}}: %{{y:.3f}} nats<extra></extra>"))
    if level is not None:
        last = max(values.shape[1] for values in curves.values())
        figure.add(line([1, last], [level] * 2, "no prompt", line={"color": INK, "dash": "dot", "width": 1.5}, hovertemplate=f"no prompt: {level:.2f} nats<extra></extra>"))
    figure.y(type="log")
    ends = {name: float(np.median(values[:, -1])) for name, values in curves.items()}
    best, worst = min(ends, key=ends.get), max(ends, key=ends.get)
    alt = f"Least is lost in the end from {best}, {ends[best]:.3f} nats per token, most from {worst}, {ends[worst]:.3f}."
    rows = [{"start": name, "step": s + 1, "median": float(m), "least": float(lo), "most": float(hi)} for name, values in curves.items()
            for s, (m, lo, hi) in enumerate(zip(np.median(values, axis=0), values.min(0), values.max(0), strict=True)) if s % 4 == 3 or s == values.shape[1] - 1]
    return Picture(figure, alt, pd.DataFrame(rows))
