"""Prompt vectors among words: on a plane with where they started and ended, as a tape of nearest words, and what they lose on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.cluster_map import ELLIPSE, TASKS
from tutor.figures.palette import GREEN, GREY, INK, OLIVE, RED, SKY, LineLook, fade_colour
from tutor.figures.picture import Picture, colour_bar_above, empty_drawing, join_names, join_paths, line_trace, scatter_trace
from tutor.figures.prompt_looks import assign_looks

TINT = [[0.0, fade_colour(GREEN, 0.04)], [1.0, fade_colour(GREEN, 0.55)]]
MOVING = (1, 2)
"""Traces that a film of one prompt moves: its way so far, and where its vectors are."""
TEXTS = dict(zip(("stories", "questions", "gaps", "sums"), TASKS, strict=True)) | {"summaries": LineLook(OLIVE, marker="bowtie"),
                                                                                   "tables": LineLook(SKY, marker="star-diamond")}
"""Of words in texts, as on the map of texts."""


@dataclass(frozen=True)
class WordCloud:
    """Words on a plane [V, 2], what each is, and what the two axes are."""

    points: Float[np.ndarray, "V two"]
    words: Sequence[str]
    axes: tuple[str, str]


@dataclass(frozen=True)
class PlacedPrompt:
    """The K vectors of a prompt on the same plane, at every moment that is known [F, K, 2]: at least where they are."""

    label: str
    moments: Float[np.ndarray, "F K two"]
    others: Float[np.ndarray, "M two"] | None = None
    """Where the vectors of other repetitions ended."""


def prompt_map(cloud: WordCloud, prompts: Sequence[PlacedPrompt], texts: Mapping[str, Float[np.ndarray, "M two"]] | None = None) -> Picture:
    """Prompts among the words: open markers where vectors started, filled ones where they are, a line along the path.

    Parameters
    ----------
    cloud
        The words and their plane.
    prompts
        Vectors on the same plane, at every moment that is known; those of other repetitions are faint.
    texts
        For each task where the words of its texts lie, drawn faintly with an ellipse at two standard deviations.
    """
    figure = empty_drawing(x=cloud.axes[0], y=cloud.axes[1], height=480, hovermode="closest")
    style = {"color": GREY, "size": 5, "opacity": 0.35}
    figure.add(scatter_trace(*cloud.points.T, mode="markers", name="words", text=list(cloud.words), meta=list(cloud.words),
                    hovertemplate="%{text}<extra></extra>", marker=style))
    styles = assign_looks([prompt.label for prompt in prompts])
    for prompt in prompts:
        style = styles[prompt.label]
        figure.add(*(_prompt(prompt, RED, "circle") if len(prompts) == 1 else _prompt(prompt, style.colour, style.marker)))
    for name, points in (texts or {}).items():
        figure.add(*_texts(name, points))
    rows = [{"prompt": prompt.label, "vector": k + 1, "moment": "end" if f else "start", "x": x, "y": y}
            for prompt in prompts for f in sorted({0, len(prompt.moments) - 1}) for k, (x, y) in enumerate(prompt.moments[f])]
    rows += [{"prompt": prompt.label, "vector": "", "moment": "end of another repetition", "x": x, "y": y} for prompt in prompts
             if prompt.others is not None for x, y in prompt.others]
    rows += [{"prompt": "words", "vector": word, "moment": "", "x": x, "y": y}
             for word, (x, y) in zip(cloud.words, cloud.points, strict=True)]
    rows += [{"prompt": f"texts: {name}", "vector": "", "moment": "", "x": x, "y": y} for name, points in (texts or {}).items()
             for x, y in points]
    width = float(np.linalg.norm(cloud.points - cloud.points.mean(0), axis=1).mean())
    away = {prompt.label: float(np.linalg.norm(prompt.moments[-1] - cloud.points.mean(0), axis=1).mean()) / width for prompt in prompts}
    far = join_names([f"{label} {value:.1f}" for label, value in away.items()] or [""])
    alt = (f"{len(cloud.words)} words and {len(prompts)} prompts. Distance from the middle, compared with an average word: {far}."
           if prompts else f"{len(cloud.words)} words.")
    return Picture(figure, f"{alt} Also drawn: words in texts of {join_names(list(texts))}." if texts else alt, pd.DataFrame(rows))


def _texts(name: str, points: Float[np.ndarray, "M two"]) -> list[dict]:
    """Behind all else, though added last: a film counts the traces of its prompt from the first."""
    style = TEXTS[name]
    sizes, directions = np.linalg.eigh(np.cov(points.T))
    x, y = points.mean(0)[:, None] + directions @ (2 * np.sqrt(np.maximum(sizes, 0))[:, None] * ELLIPSE)
    shared = {"legendgroup": f"texts: {name}", "hoverinfo": "skip", "zorder": -1}
    edge = line_trace(x, y, f"texts: {name}", line={"color": fade_colour(style.colour, 0.6), "width": 1.2, "dash": "dot"}, **shared)
    return [edge, scatter_trace(*points.T, mode="markers", name=f"texts: {name}", showlegend=False,
                       marker={"color": style.colour, "symbol": style.marker, "size": 5, "opacity": 0.35}, **shared)]


def _prompt(prompt: PlacedPrompt, colour: str, symbol: str) -> list[dict]:
    (x, y), now = join_vector_paths(prompt.moments), prompt.moments[-1]
    name, numbered = {"name": prompt.label, "legendgroup": prompt.label}, [f"vector {k + 1}" for k in range(len(now))]
    hover = f"{prompt.label}, %{{text}}<extra></extra>"
    marker = {"color": colour, "symbol": symbol, "size": 9}
    path = line_trace(x, y, prompt.label, legendgroup=prompt.label, showlegend=False, hoverinfo="skip",
                line={"color": fade_colour(colour, 0.4), "width": 1.2})
    here = scatter_trace(*now.T, mode="markers", text=numbered, meta=numbered, hovertemplate=hover, marker=marker, **name)
    drawn, quiet = [path, here], {"legendgroup": prompt.label, "showlegend": False}
    if len(prompt.moments) > 1:
        began = {"color": colour, "symbol": f"{symbol}-open", "size": 7}
        drawn.append(scatter_trace(*prompt.moments[0].T, mode="markers", text=numbered,
                          hovertemplate=f"{prompt.label}, start of %{{text}}<extra></extra>", marker=began, name=f"{prompt.label}: start",
                          **quiet))
    if prompt.others is not None:
        faint = {"color": colour, "symbol": symbol, "size": 5, "opacity": 0.35}
        drawn.append(scatter_trace(*prompt.others.T, mode="markers", name=f"{prompt.label}: other repetitions", marker=faint,
                          hovertemplate=f"{prompt.label}, another repetition<extra></extra>", **quiet))
    return drawn


def join_vector_paths(moments: Float[np.ndarray, "F K two"]) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """The ways of all vectors as one line with gaps."""
    return tuple(join_paths(np.moveaxis(moments, 0, 1)[..., axis]) for axis in (0, 1))


def token_tape(steps: Sequence[int], words: Sequence[Sequence[str]], values: Float[np.ndarray, "F K"], *,
               measure: str = "cosine") -> Picture:
    """The word nearest to every vector (a row) at every filmed step (a column), shaded by how near it is.

    Parameters
    ----------
    words, values
        Per step the word of each vector, and [F, K] how near it is by `measure`.
    """
    count = len(values[0])
    figure = empty_drawing(y="vector", height=180 + 30 * count, showlegend=False, margin={"t": 80, "b": 60})
    columns, rows = [f"{step:,}" for step in steps], [str(k + 1) for k in range(count)]
    text = [[f"<b>{words[f][k]}</b>" if f == 0 or words[f][k] != words[f - 1][k] else words[f][k] for f in range(len(steps))]
            for k in range(count)]
    nearer = values.T if measure == "cosine" else -values.T
    cells = {"text": text, "texttemplate": "%{text}", "textfont": {"color": INK, "size": 10.5}, "xgap": 1, "ygap": 2,
             "customdata": values.T} | _nearness(values, measure)
    hover = f"vector %{{y}}, step %{{x}}: %{{text}}, {measure} %{{customdata:.2f}}<extra></extra>"
    figure.add({"type": "heatmap", "x": columns, "y": rows, "z": nearer, "colorscale": TINT, "hovertemplate": hover} | cells)
    figure.x(type="category", showgrid=False, fixedrange=True, title={"text": "tuning step", "standoff": 38}).y(
        autorange="reversed", type="category", showgrid=False, fixedrange=True
    )
    changes = sum(words[f][k] != words[f - 1][k] for f in range(1, len(steps)) for k in range(count))
    alt = (f"At step {steps[-1]:,} the prompt reads '{' '.join(words[-1])}', mean {measure} {values[-1].mean():.2f}; nearest words "
           f"changed {changes} times on the way.")
    table = pd.DataFrame([{"step": step, "vector": k + 1, "word": words[f][k], measure: values[f, k]} for f, step in enumerate(steps)
                          for k in range(count)])
    return Picture(figure, alt, table)


def _nearness(values: Float[np.ndarray, "F K"], measure: str) -> dict:
    """Colours that mean the same in every tape: cosines from 0 to 1; distances from 0, the greenest, to the farthest of the tape."""
    if measure == "cosine":
        return {"zmin": 0, "zmax": 1, "colorbar": colour_bar_above("cosine with the nearest word") | {"tickvals": [0, 0.5, 1]}}
    far = max(float(values.max()), 1e-6)
    ticks = [0.0, far / 2, far]
    return {
        "zmin": -far,
        "zmax": 0,
        "colorbar": colour_bar_above("distance to the nearest word")
        | {"tickvals": [-tick for tick in ticks], "ticktext": [f"{tick:.2g}" for tick in ticks]},
    }


def tuning_loss_curves(
    curves: Mapping[str, Float[np.ndarray, "N S"]], *, level: float | None = None, like: Mapping[str, str] | None = None
) -> Picture:
    """Training losses of tunings (nats per token, logarithmic): median over repetitions, a band from the least to the most.

    Parameters
    ----------
    curves
        Name -> [N, S] loss per repetition and step.
    level
        The network's loss without a prompt.
    like
        Controls, and the curve whose colour each shares.
    """
    figure, styles = empty_drawing(x="tuning step", y="training loss (nats per token)", height=420), assign_looks(list(curves), like)
    for name, own in curves.items():
        steps, style = np.arange(1, own.shape[1] + 1), styles[name]
        band = {
            "fill": "toself",
            "fillcolor": fade_colour(style.colour, 0.4 / max(4, len(curves))),
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
            "legendgroup": name,
        }
        figure.add(line_trace(np.concatenate([steps, steps[::-1]]), np.concatenate([own.max(0), own.min(0)[::-1]]), name, **band))
        figure.add(
            line_trace(
                steps,
                np.median(own, axis=0),
                name,
                legendgroup=name,
                line={"color": style.colour, "width": 2, "dash": style.dash},
                hovertemplate=f"{name}, step %{{x}}: %{{y:.3f}} nats<extra></extra>",
            )
        )
    if level is not None:
        last = max(values.shape[1] for values in curves.values())
        figure.add(line_trace([1, last], [level] * 2, "no prompt", line={"color": INK, "dash": "dash", "width": 1.5},
                        hovertemplate=f"no prompt: {level:.2f} nats<extra></extra>"))
    figure.y(**log_axis())
    ends = {name: float(np.median(values[:, -1])) for name, values in curves.items()}
    best, worst = min(ends, key=ends.get), max(ends, key=ends.get)
    alt = f"In the end {best} has the lowest loss, {ends[best]:.3f} nats per token, and {worst} the highest, {ends[worst]:.3f}."
    rows = [{"start": name, "step": s + 1, "median": float(m), "least": float(lo), "most": float(hi)} for name, values in curves.items()
            for s, (m, lo, hi) in enumerate(zip(np.median(values, axis=0), values.min(0), values.max(0), strict=True))
            if s % 4 == 3 or s == values.shape[1] - 1]
    return Picture(figure, alt, pd.DataFrame(rows))
