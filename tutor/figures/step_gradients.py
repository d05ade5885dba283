"""One optimiser step in pictures: its batch, the loss of every position, and what it does to each prompt vector."""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from tutor.figures.palette import BLUE, GREY, HEADS, INK, RED, TAILS, VERMILION
from tutor.figures.picture import Picture, bar_trace, empty_drawing, format_nats, group_places, join_paths, line_trace, scatter_trace


def batch_picture(tokens: Int[np.ndarray, "B T"], heads: Float[np.ndarray, "B T"]) -> Picture:
    """Every flip of a batch as a square - heads or tails - with what the network expected of it."""
    B, T = tokens.shape
    figure = empty_drawing(x="flip", y="sequence", height=60 + 34 * B, hovermode="closest")
    rows, columns = np.divmod(np.arange(B * T), T)
    for value, name, colour in ((0, "heads", HEADS), (1, "tails", TAILS)):
        at = np.flatnonzero(tokens.reshape(-1) == value)
        style = {"color": colour, "symbol": "square", "size": 11, "opacity": 0.85}
        hover = f"sequence %{{y}}, flip %{{x}}: {name}, heads expected with %{{customdata:.2f}}<extra></extra>"
        expected = heads.reshape(-1)[at]
        flips = [f"flip {t + 1}" for t in columns[at]]
        figure.add(
            scatter_trace(
                columns[at] + 1, rows[at] + 1, mode="markers", name=name, meta=flips, customdata=expected, hovertemplate=hover, marker=style
            )
        )
    figure.x(range=[0, T + 1]).y(range=[B + 0.6, 0.4], dtick=1)
    table = pd.DataFrame({"sequence": rows + 1, "flip": columns + 1, "tails": tokens.reshape(-1), "heads_expected": heads.reshape(-1)})
    return Picture(figure, f"A batch of {B} sequences of {T} flips, {np.mean(tokens == 0):.0%} of them heads.", table)


def position_losses(loss: Float[np.ndarray, "B T"], bayes: Float[np.ndarray, "B T"]) -> Picture:
    """What each position costs on average (nats), beside what it would cost the ideal predictor of the target."""
    n = np.arange(1, loss.shape[1] + 1)
    figure = empty_drawing(x="flip", y="loss (nats)", height=300, hovermode="x unified")
    over, flips = loss.mean(0) - bayes.mean(0), [f"flip {t}" for t in n]
    figure.add(
        bar_trace(
            n,
            over,
            "over the ideal predictor",
            meta=flips,
            base=bayes.mean(0),
            marker={"color": VERMILION, "opacity": 0.6},
            hovertemplate="%{y:.4f}",
        ),
        line_trace(n, loss.mean(0), "network behind its prompt", line={"color": BLUE, "width": 2.5}, hovertemplate="%{y:.4f}"),
        line_trace(
            n, bayes.mean(0), "ideal predictor of the target", line={"color": GREY, "dash": "dash", "width": 2}, hovertemplate="%{y:.4f}"
        ),
    )
    low = float(min(loss.mean(0).min(), bayes.mean(0).min()))
    figure.y(range=[max(0.0, low - 0.05), float(loss.mean(0).max()) + 0.05])
    worst = int(over.argmax())
    alt = (
        f"The mean loss is {loss.mean():.3f} nats per flip, {format_nats(float(over.mean()))} over the ideal predictor's; most is lost at "
        f"flip {worst + 1}."
    )
    return Picture(figure, alt, pd.DataFrame({"flip": n, "loss": loss.mean(0), "ideal": bayes.mean(0), "over": over}))


def gradient_picture(gradient: Float[np.ndarray, "K two"]) -> Picture:
    """Where the loss wants each prompt vector to go: the negative gradient, by amount of heads and of tails."""
    names = [f"vector {k + 1}" for k in range(len(gradient))]
    figure = empty_drawing(y="direction that lowers the loss: minus the gradient (nats per unit)", height=320, barmode="group", bargap=0.3)
    for side, name, colour in ((0, "heads", HEADS), (1, "tails", TAILS)):
        hover = f"%{{x}}, {name}: %{{y:.4f}}<extra></extra>"
        figure.add(
            bar_trace(
                names,
                -gradient[:, side],
                name,
                meta=names,
                marker={"color": colour, "pattern": {"shape": "/" if side else ""}},
                hovertemplate=hover,
            )
        )
    figure.y(zeroline=True)
    sizes = np.linalg.norm(gradient, axis=1)
    alt = f"The gradient is largest at vector {int(sizes.argmax()) + 1}, with a gradient of {sizes.max():.3g} nats per unit."
    return Picture(figure, alt, pd.DataFrame({"vector": names, "heads": gradient[:, 0], "tails": gradient[:, 1]}))


MAX_ARROW = 0.25
"""How much of the picture the longest arrow may take."""


def update_picture(before: Float[np.ndarray, "K two"], after: Float[np.ndarray, "K two"], start: Float[np.ndarray, "K two"]) -> Picture:
    """Every prompt vector in token space, an arrow for its step, and dotted the way it has come from `start`.

    One step is a hundredth of the distances between vectors: arrows are drawn so many times as long as the legend says.
    """
    low, high = _square(np.concatenate([before, start]))
    moved = np.linalg.norm(after - before, axis=1)
    times = choose_magnification(float(moved.max(initial=0)), MAX_ARROW * float((high - low)[0]))
    heads, names = before + times * (after - before), [f"vector {k + 1}" for k in range(len(before))]
    figure = empty_drawing(x="amount of heads", y="amount of tails", height=420, hovermode="closest")
    way = np.stack([start, before], axis=1)
    dotted = {"line": {"color": GREY, "width": 1.5, "dash": "dot"}, "hoverinfo": "skip"}
    figure.add(line_trace(join_paths(way[..., 0]), join_paths(way[..., 1]), "way since the start", **dotted))
    arrows = np.stack([before, heads], axis=1)
    head = {"symbol": "arrow", "angleref": "previous", "color": RED, "size": np.tile([0, 14, 0], len(before))[:-1]}
    figure.add(scatter_trace(join_paths(arrows[..., 0]), join_paths(arrows[..., 1]), mode="lines+markers",
                    name="this step" if times == 1 else f"this step, drawn {times:,g} times as long",
                    line={"color": RED, "width": 2.5}, marker=head, hoverinfo="skip"))
    ring = {"color": "rgba(0,0,0,0)", "size": 13, "line": {"color": INK, "width": 1.5}}
    both = np.concatenate([after, moved[:, None]], axis=1)
    hover = ("%{meta}: from %{x:.3f} heads, %{y:.3f} tails to %{customdata[0]:.3f}, %{customdata[1]:.3f}; moved by "
             "%{customdata[2]:.4f}<extra></extra>")
    figure.add(scatter_trace(before[:, 0], before[:, 1], mode="markers+text", name="before the step", meta=names, customdata=both,
                    hovertemplate=hover, marker=ring,
                    **_numbers(before, heads - before, 0.04 * float((high - low)[0]))))
    square = {"zeroline": False, "constrain": "domain"}
    figure.x(**square | {"range": [low[0], high[0]]}).y(**square | {"range": [low[1], high[1]]}, scaleanchor="x")
    table = pd.DataFrame({"vector": np.arange(1, len(after) + 1), "heads_before": before[:, 0], "tails_before": before[:, 1],
                          "heads_after": after[:, 0], "tails_after": after[:, 1], "moved": moved})
    said = "" if times == 1 else f"; arrows are {times:,g} times as long"
    return Picture(figure, f"The step moves the {len(after)} vectors by {moved.mean():.3f} units on average{said}.", table)


def choose_magnification(longest: float, room: float) -> float:
    """By how much a step may be lengthened so that it fills the room at most: 1, 2 or 5 times a power of ten, never less than 1."""
    most = room / longest if longest > 0 else 1.0
    power = 10.0 ** np.floor(np.log10(max(most, 1.0)))
    return max(times * power for times in (1, 2, 5) if times * power <= max(most, 1.0))


def _square(points: Float[np.ndarray, "P two"]) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner of a square around all points with room for arrows on every side."""
    middle, span = (points.max(0) + points.min(0)) / 2, max(0.5, float(np.ptp(points, axis=0).max()))
    return middle - 0.85 * span, middle + 0.85 * span


def _numbers(places: Float[np.ndarray, "K two"], arrows: Float[np.ndarray, "K two"], near: float) -> dict:
    """The vectors' numbers as text, those of one place together, each beside the arrow and the way that led to it."""
    said, sides = [""] * len(places), ["top center"] * len(places)
    for group in group_places(places, near):
        across, up = arrows[group].mean(0)
        said[group[0]] = ", ".join(str(k + 1) for k in group)
        sides[group[0]] = f"{'bottom' if across > 0 else 'top'} {'right' if up > 0 else 'left'}"
    return {"text": said, "textposition": sides}
