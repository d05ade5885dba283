"""What an ideal predictor believes about a coin, and what it predicts flip by flip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import AMBER, BLUE, GREY, HEADS, fade_colour, look_of
from tutor.figures.picture import Drawing, Picture, bar_trace, empty_drawing, line_trace, scatter_trace
from tutor.figures.state_plane import coloured_dots
from tutor.measure.belief import Belief

_LAYERS = ((GREY, "dot"), (AMBER, "dash"), (BLUE, "solid"))


def belief_picture(layers: Sequence[tuple[str, Belief]], *, truth: float | None = None, predicted: float | None = None) -> Picture:
    """Beliefs about a coin's bias on one axis, such as prior, after the prefix and posterior; the last one is filled.

    A density is a curve, finitely many coins are bars.

    Parameters
    ----------
    layers
        (name, belief) from the first to the last.
    truth
        The bias in play, where it is known.
    predicted
        The predictive probability of heads.
    """
    continuous = any(belief.continuous for _, belief in layers)
    figure = empty_drawing(x="probability of heads", y="density" if continuous else "probability of this coin", height=380, hovermode="x")
    for place, (name, belief) in enumerate(layers):
        figure.add((_density if belief.continuous else _coins)(name, belief, place, len(layers)))
    _verticals(figure, {"coin in play": (truth, GREY, "solid"), "predicted": (predicted, HEADS, "dash")})
    figure.layout["barmode"] = "overlay"
    figure.x(range=[-0.02, 1.02]).y(rangemode="tozero")
    rows = [{"belief": name, "bias": x, "mass": y} for name, belief in layers for x, y in zip(belief.bias, belief.mass, strict=True)]
    return Picture(figure, _believed(layers, predicted), pd.DataFrame(rows, columns=["belief", "bias", "mass"]))


def _density(name: str, belief: Belief, place: int, many: int) -> dict:
    last = place == many - 1
    colour, dash = _LAYERS[-1] if last else _LAYERS[place]
    filled = {"fill": "tozeroy", "fillcolor": fade_colour(BLUE, 0.15)} if last else {}
    style = {"color": colour, "dash": dash, "width": 2.5}
    return line_trace(belief.bias, belief.mass, name, line=style, hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>", **filled)


def _coins(name: str, belief: Belief, place: int, many: int) -> dict:
    last = place == many - 1
    colour, _ = _LAYERS[-1] if last else _LAYERS[place]
    style = {"width": 0.022, "offset": 0.024 * (place - many / 2), "marker": {"color": fade_colour(colour, 0.9 if last else 0.5)}}
    return bar_trace(belief.bias, belief.mass, name, hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>", **style)


def _verticals(figure: Drawing, lines: Mapping[str, tuple[float | None, str, str]]) -> None:
    for name, (x, colour, dash) in lines.items():
        if x is not None:
            style = {"color": colour, "dash": dash, "width": 1.5}
            figure.add(line_trace([x, x], [0, 1], f"{name} {x:.2f}", yaxis="y2", hoverinfo="skip", line=style))
    figure.layout["yaxis2"] = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}


def _believed(layers: Sequence[tuple[str, Belief]], predicted: float | None) -> str:
    name, belief = layers[-1]
    weight = belief.mass / belief.mass.sum()
    mean = float((weight * belief.bias).sum())
    spread = float(np.sqrt((weight * (belief.bias - mean) ** 2).sum()))
    next_one = f"; the next flip is predicted heads with probability {predicted:.2f}" if predicted is not None else ""
    return f"The {name} puts the coin's probability of heads at {mean:.2f} with a spread of {spread:.2f}{next_one}."


@dataclass(frozen=True)
class Prediction:
    """Probability of heads before the first flip and after each one [T + 1], by one predictor; a `network`'s is dashed."""

    label: str
    heads: Float[np.ndarray, " T1"]
    network: bool = False


def flips_picture(tokens: Sequence[int], predictions: Sequence[Prediction], *, truth: float | None = None) -> Picture:
    """The flips as dots at one (heads) and zero (tails), and what each predictor expected of the next flip.

    Parameters
    ----------
    tokens
        0 for heads.
    predictions
        Probabilities of heads [T + 1] each.
    truth
        The bias in play, where it is known.
    """
    figure = empty_drawing(x="flips seen", y="probability of heads", height=340, hovermode="x unified")
    flips, n = np.asarray(tokens, dtype=int), len(tokens)
    for value, name, symbol in ((0, "heads", "circle"), (1, "tails", "circle-open")):
        at = np.flatnonzero(flips == value)
        style = {"color": GREY, "symbol": symbol, "size": 7 if n < 120 else 4}
        figure.add(scatter_trace(at + 1, np.full(len(at), 1.0 - value), mode="markers", name=name, hoverinfo="skip", marker=style))
    if truth is not None:
        figure.add(
            line_trace([0, max(n, 1)], [truth] * 2, f"coin in play {truth:.2f}", hoverinfo="skip", line={"color": GREY, "width": 1.5})
        )
    for place, prediction in enumerate(predictions):
        style = look_of(prediction.label, place).line | ({"dash": "dash"} if prediction.network else {})
        seen, mode = np.arange(len(prediction.heads)), "lines+markers" if n < 2 else "lines"
        figure.add(scatter_trace(seen, prediction.heads, mode=mode, name=prediction.label, line=style, hovertemplate="%{y:.3f}"))
    figure.x(range=[-0.3, max(n, 10) + 0.7]).y(range=[-0.07, 1.07], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return Picture(figure, _expected(flips, predictions), _flip_table(flips, predictions))


def _flip_table(flips: np.ndarray, predictions: Sequence[Prediction]) -> pd.DataFrame:
    told = ["", *("HT"[flip] if flip < 2 else str(flip) for flip in flips)]
    return pd.DataFrame({"flips_seen": np.arange(len(told)), "flip": told} | {one.label: one.heads for one in predictions})


def _expected(flips: np.ndarray, predictions: Sequence[Prediction]) -> str:
    seen = f"After {int((flips == 0).sum())} heads in {len(flips)} flips" if len(flips) else "Before any flip"
    said = ", ".join(f"{prediction.label} expects heads with probability {prediction.heads[-1]:.2f}" for prediction in predictions)
    return f"{seen}, {said or 'nobody predicts'}."


def ideal_picture(ideal: Float[np.ndarray, "B T"] | None, network: Float[np.ndarray, "B T"] | None,
                  flips: Float[np.ndarray, "B T"] | None) -> Picture:
    """A network's probability of heads over the ideal predictor's, a dot per flip (trace 1): on the diagonal they agree. Empty for what is
    to come."""
    figure = empty_drawing(x="ideal predictor: probability of heads", y="network: probability of heads", height=420, showlegend=False)
    figure.add(line_trace([0, 1], [0, 1], "agreement", hoverinfo="skip", line={"color": GREY, "dash": "dash", "width": 1.5}))
    ideal, network, flips = (np.empty(0) if part is None else part.reshape(-1) for part in (ideal, network, flips))
    hover = "after %{customdata:.0f} flips: ideal %{x:.2f}, network %{y:.2f}<extra></extra>"
    figure.add(coloured_dots(ideal, network, flips, "flips seen", name="flips", hovertemplate=hover))
    figure.x(range=[-0.02, 1.02]).y(range=[-0.02, 1.02])
    table = pd.DataFrame({"flips_seen": flips, "ideal": ideal, "network": network})
    if not ideal.size:
        return Picture(figure, "The predictions appear as soon as training has begun.", table)
    away = float(np.abs(ideal - network).mean())
    return Picture(figure, f"Over {ideal.size} flips the network's probability of heads differs from the ideal predictor's by "
                           f"{away:.3f} on average.", table)
