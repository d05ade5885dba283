"""One optimiser step in pictures: its batch, the loss of every position, and what it does to each prompt vector."""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from tutor.figures.palette import BLUE, GREY, HEADS, INK, RED, TAILS, VERMILION
from tutor.figures.picture import Picture, bars, canvas, dots, line, nats


def batch_picture(tokens: Int[np.ndarray, "B T"], heads: Float[np.ndarray, "B T"]) -> Picture:
    """Every flip of a batch as a square - heads or tails - with what the network expected of it."""
    B, T = tokens.shape
    figure = canvas(x="flip", y="sequence", height=60 + 34 * B, hovermode="closest")
    rows, columns = np.divmod(np.arange(B * T), T)
    for value, name, colour in ((0, "heads", HEADS), (1, "tails", TAILS)):
        at = np.flatnonzero(tokens.reshape(-1) == value)
        style = {"color": colour, "symbol": "square", "size": 11, "opacity": 0.85}
        hover = f"sequence %{{y}}, flip %{{x}}: {name}, heads expected with %{{customdata:.2f}}<extra></extra>"
        expected = heads.reshape(-1)[at]
        flips = [f"flip {t + 1}" for t in columns[at]]
        figure.add(dots(columns[at] + 1, rows[at] + 1, mode="markers", name=name, meta=flips, customdata=expected, hovertemplate=hover, marker=style))
    figure.x(range=[0, T + 1]).y(range=[B + 0.6, 0.4], dtick=1)
    table = pd.DataFrame({"sequence": rows + 1, "flip": columns + 1, "tails": tokens.reshape(-1), "heads_expected": heads.reshape(-1)})
    return Picture(figure, f"A batch of {B} sequences of {T} flips, {np.mean(tokens == 0):.0%} of them heads.", table)


def position_losses(loss: Float[np.ndarray, "B T"], bayes: Float[np.ndarray, "B T"]) -> Picture:
    """What each position costs on average (nats), beside what it would cost the ideal predictor of the target."""
    n = np.arange(1, loss.shape[1] + 1)
    figure = canvas(x="flip", y="loss (nats)", height=300, hovermode="x unified")
    over, flips = loss.mean(0) - bayes.mean(0), [f"flip {t}" for t in n]
    figure.add(
        bars(n, over, "over the ideal predictor", meta=flips, base=bayes.mean(0), marker={"color": VERMILION, "opacity": 0.6}, hovertemplate="%{y:.4f}"),
        line(n, loss.mean(0), "network behind its prompt", line={"color": BLUE, "width": 2.5}, hovertemplate="%{y:.4f}"),
        line(n, bayes.mean(0), "ideal predictor of the target", line={"color": GREY, "dash": "dash", "width": 2}, hovertemplate="%{y:.4f}"),
    )
    low = float(min(loss.mean(0).min(), bayes.mean(0).min()))
    figure.y(range=[max(0.0, low - 0.05), float(loss.mean(0).max()) + 0.05])
    worst = int(over.argmax())
    alt = f"The mean loss is {loss.mean():.3f} nats per flip, {nats(float(over.mean()))} over the ideal predictor's; most is lost at flip {worst + 1}."
    return Picture(figure, alt, pd.DataFrame({"flip": n, "loss": loss.mean(0), "ideal": bayes.mean(0), "over": over}))


def gradient_picture(gradient: Float[np.ndarray, "K two"]) -> Picture:
    """Where the loss wants each prompt vector to go: the negative gradient, by amount of heads and of tails."""
    names = [f"vector {k + 1}" for k in range(len(gradient))]
    figure = canvas(y="downhill: minus the gradient (nats per unit)", height=320, barmode="group", bargap=0.3)
    for side, name, colour in ((0, "heads", HEADS), (1, "tails", TAILS)):
        hover = f"%{{x}}, {name}: %{{y:.4f}}<extra></extra>"
        figure.add(bars(names, -gradient[:, side], name, meta=names, marker={"color": colour, "pattern": {"shape": "/" if side else ""}}, hovertemplate=hover))
    figure.y(zeroline=True)
    sizes = np.linalg.norm(gradient, axis=1)
    alt = f"The loss pulls hardest at vector {int(sizes.argmax()) + 1}, with a gradient of {sizes.max():.3g} nats per unit."
    return Picture(figure, alt, pd.DataFrame({"vector": names, "heads": gradient[:, 0], "tails": gradient[:, 1]}))


def update_picture(before: Float[np.ndarray, "K two"], after: Float[np.ndarray, "K two"], start: Float[np.ndarray, "K two"]) -> Picture:
    """Every prompt vector in token space before and after the step, and the way it has come."""
    figure = canvas(x="amount of heads", y="amount of tails", height=420, hovermode="closest")
    for k, (here, there, first) in enumerate(zip(before, after, start, strict=True)):
        way = np.stack([first, here, there])
        figure.add(line(way[:, 0], way[:, 1], f"vector {k + 1}", line={"color": GREY, "width": 1.5, "dash": "dot"}, hoverinfo="skip", showlegend=False))
    numbers = [str(k + 1) for k in range(len(after))]
    names = [f"vector {number}" for number in numbers]
    ring = {"color": "rgba(0,0,0,0)", "size": 14, "line": {"color": INK, "width": 1.5}}
    words = {"mode": "markers+text", "text": numbers, "textfont": {"color": "#FFFFFF", "size": 10}}
    figure.add(
        dots(before[:, 0], before[:, 1], mode="markers", name="before the step", meta=names, marker=ring, hovertemplate="before: %{x:.3f}, %{y:.3f}<extra></extra>"),
        dots(after[:, 0], after[:, 1], name="after it", meta=names, marker={"color": RED, "size": 16}, hovertemplate="after: %{x:.3f}, %{y:.3f}<extra></extra>", **words),
    )
    moved = np.linalg.norm(after - before, axis=1)
    table = pd.DataFrame({"vector": np.arange(1, len(after) + 1), "heads_before": before[:, 0], "tails_before": before[:, 1], "heads_after": after[:, 0], "tails_after": after[:, 1]})
    return Picture(figure, f"The step moves the {len(after)} vectors by {moved.mean():.3f} units on average.", table)
