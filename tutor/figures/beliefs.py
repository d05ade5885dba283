"""What an ideal predictor believes about a coin, and what it predicts flip by flip."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import AMBER, BLUE, GREY, HEADS, faded, look
from tutor.figures.picture import Picture, canvas
from tutor.measure.belief import Belief

_LAYERS = ((GREY, "dot"), (AMBER, "dash"), (BLUE, "solid"))


def belief_picture(layers: Sequence[tuple[str, Belief]], *, truth: float | None = None, predicted: float | None = None) -> Picture:
    """Beliefs about a coin's bias on one axis, such as prior, after the prefix and posterior; the last one is filled.

    A density is a curve, finitely many coins are bars. `truth` is the bias in play and `predicted` the predictive
    probability of heads, where they are known.
    """
    continuous = any(belief.continuous for _, belief in layers)
    figure = canvas(x="probability of heads", y="density" if continuous else "probability of this coin", height=380, hovermode="x")
    styles = (*_LAYERS[: len(layers) - 1], _LAYERS[-1])
    for place, ((name, belief), (colour, dash)) in enumerate(zip(layers, styles, strict=True)):
        if belief.continuous:
            figure.add_scatter(
                x=belief.bias,
                y=belief.mass,
                name=name,
                mode="lines",
                line={"color": colour, "dash": dash, "width": 2.5},
                fill="tozeroy" if place == len(layers) - 1 else None,
                fillcolor=faded(BLUE, 0.15),
                hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
            )
        else:
            figure.add_bar(
                x=belief.bias,
                y=belief.mass,
                name=name,
                width=0.022,
                offset=0.024 * (place - len(layers) / 2),
                marker={"color": faded(colour, 0.9 if place == len(layers) - 1 else 0.5)},
                hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
            )
    _verticals(figure, {"coin in play": (truth, GREY, "solid"), "predicted": (predicted, HEADS, "dash")})
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[-0.02, 1.02])
    figure.update_yaxes(rangemode="tozero")
    rows = [{"belief": name, "bias": x, "mass": y} for name, belief in layers for x, y in zip(belief.bias, belief.mass, strict=True)]
    return Picture(figure, _believed(layers, predicted), pd.DataFrame(rows, columns=["belief", "bias", "mass"]))


def _verticals(figure, lines) -> None:
    for name, (x, colour, dash) in lines.items():
        if x is not None:
            figure.add_scatter(
                x=[x, x],
                y=[0, 1],
                yaxis="y2",
                mode="lines",
                name=f"{name} {x:.2f}",
                hoverinfo="skip",
                line={"color": colour, "dash": dash, "width": 1.5},
            )
    figure.update_layout(yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True})


def _believed(layers: Sequence[tuple[str, Belief]], predicted: float | None) -> str:
    name, belief = layers[-1]
    weight = belief.mass / belief.mass.sum()
    mean = float((weight * belief.bias).sum())
    spread = float(np.sqrt((weight * (belief.bias - mean) ** 2).sum()))
    next_one = f"; the next flip is predicted heads with probability {predicted:.2f}" if predicted is not None else ""
    return f"The {name} puts the coin's probability of heads at {mean:.2f} with a spread of {spread:.2f}{next_one}."


@dataclass(frozen=True)
class Prediction:
    """Probability of heads before the first flip and after each one [T + 1], by one predictor."""

    label: str
    heads: Float[np.ndarray, " T1"]


def flips_picture(tokens: Sequence[int], predictions: Sequence[Prediction], *, truth: float | None = None) -> Picture:
    """The flips as dots at one (heads) and zero (tails), and what each predictor expected of the next flip."""
    figure = canvas(x="flips seen", y="probability of heads", height=340, hovermode="x unified")
    flips, n = np.asarray(tokens, dtype=int), len(tokens)
    for value, name, colour, symbol in ((0, "heads", GREY, "circle"), (1, "tails", GREY, "circle-open")):
        at = np.flatnonzero(flips == value)
        figure.add_scatter(
            x=at + 1,
            y=np.full(len(at), 1.0 - value),
            mode="markers",
            name=name,
            hoverinfo="skip",
            marker={"color": colour, "symbol": symbol, "size": 7 if n < 120 else 4},
        )
    if truth is not None:
        figure.add_scatter(
            x=[0, max(n, 1)],
            y=[truth, truth],
            mode="lines",
            name=f"coin in play {truth:.2f}",
            hoverinfo="skip",
            line={"color": GREY, "width": 1.5},
        )
    for place, prediction in enumerate(predictions):
        style = look(prediction.label, place)
        figure.add_scatter(
            x=np.arange(len(prediction.heads)),
            y=prediction.heads,
            mode="lines+markers" if n < 2 else "lines",
            name=prediction.label,
            line=style.line,
            hovertemplate="%{y:.3f}",
        )
    figure.update_yaxes(range=[-0.07, 1.07], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_xaxes(range=[-0.3, max(n, 10) + 0.7])
    table = pd.DataFrame(
        {"flips_seen": np.arange(n + 1), "flip": ["", *("HT"[f] if f < 2 else str(f) for f in flips)]}
        | {prediction.label: prediction.heads for prediction in predictions}
    )
    return Picture(figure, _expected(flips, predictions), table)


def _expected(flips: np.ndarray, predictions: Sequence[Prediction]) -> str:
    seen = f"After {int((flips == 0).sum())} heads in {len(flips)} flips" if len(flips) else "Before any flip"
    said = ", ".join(f"{prediction.label} expects heads with probability {prediction.heads[-1]:.2f}" for prediction in predictions)
    return f"{seen}, {said or 'nobody predicts'}."
