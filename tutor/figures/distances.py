"""How far vectors lie from the middle of all words, in every dimension: what a map of two dimensions cannot show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import GREY, RED, LineLook
from tutor.figures.picture import Picture, empty_drawing, join_names, scatter_trace
from tutor.figures.prompt_looks import assign_looks
from tutor.figures.vector_map import TEXTS

Distances = Float[np.ndarray, " N"]
START, END, OTHER = 0.2, -0.05, -0.28
"""Where in its row each kind of marker stands, so that they do not cover each other."""


@dataclass(frozen=True)
class PromptDistances:
    """How far the K vectors of a prompt are and, where it was tuned, were at the start; and those of its other repetitions at the end."""

    label: str
    ends: Float[np.ndarray, " K"]
    starts: Float[np.ndarray, " K"] | None = None
    others: Float[np.ndarray, " M"] | None = None


def distance_strips(crowds: Mapping[str, Distances], prompts: Sequence[PromptDistances]) -> Picture:
    """Distances of vectors from the middle of all words, in radii: a row of dots per crowd, then one per prompt.

    Parameters
    ----------
    crowds
        Name -> distances of words or of words in texts, faint.
    prompts
        Open markers where vectors started, filled ones where they are.
    """
    crowds = {(f"texts: {name}" if name in TEXTS else name): (away, TEXTS.get(name, LineLook(GREY))) for name, away in crowds.items()}
    names = [*crowds, *(prompt.label for prompt in prompts)]
    figure = empty_drawing(x="distance from the middle of words (radii)", y="vectors of", height=80 + 34 * len(names), hovermode="closest",
                    showlegend=False, margin={"t": 16})
    for place, (name, (away, style)) in enumerate(crowds.items()):
        figure.add(_row(float(place), away, f"{name}: %{{x:.1f}} radii<extra></extra>",
                        {"color": style.colour, "symbol": style.marker, "size": 5, "opacity": 0.35}, name))
    colours = assign_looks([prompt.label for prompt in prompts])
    for place, prompt in enumerate(prompts, start=len(crowds)):
        style = colours[prompt.label]
        figure.add(*(_prompt(place, prompt, RED, "circle") if len(prompts) == 1 else _prompt(place, prompt, style.colour, style.marker)))
    figure.x(rangemode="tozero").y(tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False,
                                   zeroline=False, fixedrange=True)
    said = join_names([f"{prompt.label} {prompt.ends.mean():.1f}"
                   + ("" if prompt.starts is None else f" (at the start {prompt.starts.mean():.1f})") for prompt in prompts] or ["none"])
    alt = ("Mean distance from the middle of all words, in radii of their cloud: "
           f"{join_names([f'{name} {away.mean():.1f}' for name, (away, _) in crowds.items()])}; prompts: {said}.")
    rows = [{"who": prompt.label, "vector": k + 1, "moment": moment, "radii": value} for prompt in prompts
            for moment, away in (("start", prompt.starts), ("end", prompt.ends)) if away is not None for k, value in enumerate(away)]
    rows += [{"who": prompt.label, "vector": 0, "moment": "end of another repetition", "radii": value} for prompt in prompts
             if prompt.others is not None for value in prompt.others]
    return Picture(figure, alt, pd.DataFrame(rows + [{"who": name, "vector": 0, "moment": "", "radii": value}
                                                     for name, (away, _) in crowds.items() for value in away]))


def _prompt(place: int, prompt: PromptDistances, colour: str, symbol: str) -> list[dict]:
    vectors = [f"vector {k + 1}" for k in range(len(prompt.ends))]
    drawn = []
    if prompt.others is not None:
        drawn.append(_row(place - OTHER, prompt.others, f"{prompt.label}, another repetition: %{{x:.1f}} radii<extra></extra>",
                          {"color": colour, "size": 5, "opacity": 0.35, "symbol": symbol}, prompt.label))
    if prompt.starts is not None:
        style = {"color": colour, "size": 7, "symbol": f"{symbol}-open"}
        drawn.append(_row(place - START, prompt.starts, f"{prompt.label}, start of %{{text}}: %{{x:.1f}} radii<extra></extra>", style,
                          prompt.label) | {"text": vectors, "meta": vectors})
    style = {"color": colour, "size": 9, "symbol": symbol}
    return [*drawn, _row(place - END, prompt.ends, f"{prompt.label}, %{{text}}: %{{x:.1f}} radii<extra></extra>", style,
                         prompt.label) | {"text": vectors, "meta": vectors}]


def _row(height: float, away: Distances, hover: str, marker: dict, name: str) -> dict:
    return scatter_trace(away, np.full(len(away), height), mode="markers", name=name, marker=marker, hovertemplate=hover)
