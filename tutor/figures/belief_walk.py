"""How well beliefs are read off a network as it learns, and what it predicts beside the ideal predictor while both read the same tokens."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.belief_simplex import CORNERS
from tutor.figures.palette import BLUE, GREY, VERMILION, VIOLET
from tutor.figures.picture import Picture, bar_trace, empty_drawing, line_trace

FLOOR = 1e-6
"""The least share that the axis shows: films are kept in half precision."""
LAYERS = (BLUE, VERMILION, VIOLET)


def belief_curve(steps: Sequence[int], missed: Mapping[str, Float[np.ndarray, " F"]], references: Mapping[str, float]) -> Picture:
    """The share of the belief (1 - R²) that no linear map reads off, by training step, on a logarithmic axis.

    Parameters
    ----------
    steps
        Training steps.
    missed
        Shares by layer.
    references
        Shares that are missed from less than a state, by name: lines across.
    """
    figure = empty_drawing(x="training step", height=340, hovermode="x")
    figure.y(**log_axis(title={"text": "share of the belief not read (1 − R²)"}))
    shown = {name: np.maximum(values, FLOOR) for name, values in missed.items()}
    for place, (name, values) in enumerate(shown.items()):
        style = {"color": LAYERS[place % len(LAYERS)], "width": 2.5, "dash": ("solid", "dash", "dot")[place // len(LAYERS) % 3]}
        figure.add(line_trace(steps, values, name, line=style, hovertemplate=f"{name}, step %{{x}}: %{{y:.2g}}<extra></extra>"))
    for (name, value), dash in zip(references.items(), ("dot", "dash", "dashdot"), strict=False):
        figure.add(line_trace([steps[0], steps[-1]], [max(value, FLOOR)] * 2, name, line={"color": GREY, "width": 1.5, "dash": dash},
                              hovertemplate=f"{name}: %{{y:.2g}}<extra></extra>"))
    best = min(shown, key=lambda name: shown[name][-1])
    alt = f"What is not read off {best} falls from {shown[best][0]:.2g} before training to {shown[best][-1]:.2g} after {steps[-1]:,} steps."
    return Picture(figure, alt, pd.DataFrame({"step": steps} | dict(missed)))


def walk_picture(tokens: Sequence[int], expected: Float[np.ndarray, "T1 V"], predicted: Float[np.ndarray, "T1 V"]) -> Picture:
    """Probability of each next token after the tokens that were read: bars side by side, ideal predictor and network."""
    figure = empty_drawing(x="next token", y="probability", height=300, barmode="group", bargap=0.35)
    names = [f"token {v}" for v in range(expected.shape[1])]
    for name, values, shape in (("ideal predictor", expected[-1], ""), ("network", predicted[-1], "/")):
        style = {"color": GREY if shape else CORNERS[2], "pattern": {"shape": shape}}
        figure.add(bar_trace(names, values, name, marker=style, hovertemplate=f"{name}, %{{x}}: %{{y:.3f}}<extra></extra>"))
    figure.y(range=[0, 1])
    away = float(np.abs(expected[-1] - predicted[-1]).max())
    read = f"After {len(tokens)} tokens" if tokens else "Before any token"
    both = {"ideal": expected, "network": predicted}
    columns = {f"{who} {v}": values[:, v] for who, values in both.items() for v in range(values.shape[1])}
    table = pd.DataFrame({"read": ["", *map(str, tokens)]} | columns)
    return Picture(figure, f"{read} the network's next-token probabilities differ from the ideal ones by at most {away:.3f}.", table)
