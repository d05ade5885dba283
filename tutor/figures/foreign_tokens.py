"""Models from elsewhere: sentences through a layer, and how the tuning of a prompt goes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, PALE, VERMILION, fade_colour, look_of
from tutor.figures.picture import Picture, empty_drawing, format_nats, line_trace, scatter_trace


def sentence_paths(
    sentences: Sequence[str], words: Sequence[Sequence[str]], points: Sequence[Float[np.ndarray, "_ two"]], explained: Sequence[float]
) -> Picture:
    """Each sentence as a line through the plane of one layer, token by token; a square where it begins. First tokens may lie outside."""
    across, up = (f"component {axis + 1} ({share:.0%} of the spread)" for axis, share in enumerate(explained))
    figure, rows = empty_drawing(x=across, y=up, height=460, hovermode="closest"), []
    for place, (sentence, said, path) in enumerate(zip(sentences, words, points, strict=True)):
        name, style = f"{place + 1}: {sentence if len(sentence) < 26 else sentence[:24] + '…'}", look_of("", place)
        shape = ["square-open", *["circle"] * (len(path) - 1)]
        mark = {"color": style.colour, "size": 7, "symbol": shape}
        hover = f"sentence {place + 1}: %{{text}}<extra></extra>"
        figure.add(scatter_trace(*_columns(path), mode="lines+markers", name=name, text=list(said), marker=mark,
                        line={"color": fade_colour(style.colour, 0.5), "width": 1.3}, hovertemplate=hover))
        rows.append(pd.DataFrame({"sentence": place + 1, "position": range(len(said)), "token": list(said), "x": path[:, 0],
                                  "y": path[:, 1]}))
    inner = np.concatenate([path[1:] for path in points])
    low, high = inner.min(0), inner.max(0)
    room = 0.08 * np.maximum(high - low, 1e-9)
    figure.x(range=[float(low[0] - room[0]), float(high[0] + room[0])]).y(range=[float(low[1] - room[1]), float(high[1] + room[1])])
    said = f"{len(points)} sentences, {sum(map(len, points))} tokens, in a plane that holds {sum(explained):.0%} of the variance."
    return Picture(figure, said, pd.concat(rows, ignore_index=True))


def tuning_losses(losses: Sequence[float], judged: Sequence[tuple[int, float]], without: float, steps: int) -> Picture:
    """Loss of each step's batch and of the held-out examples, beside the model without a prompt; nats per token.

    Parameters
    ----------
    losses
        Of every batch so far.
    judged
        (step, loss) of the held-out examples.
    without, steps
        Loss without a prompt, and the planned length of the axis.
    """
    figure = empty_drawing(x="step", y="loss (nats per token)", height=320, hovermode="x")
    at = np.arange(len(losses))
    figure.add(line_trace(at, np.array(losses, float), "this step's examples", line={"color": BLUE, "width": 1}, opacity=0.45,
                    hovertemplate="%{y:.3f} nats"))
    x, y = (np.array([pair[i] for pair in judged], float) for i in (0, 1))
    mark = {"line": {"color": VERMILION, "width": 2.5}, "marker": {"size": 5}}
    figure.add(scatter_trace(x, y, mode="lines+markers", name="held-out examples", hovertemplate="%{y:.3f} nats", **mark))
    figure.add(line_trace([0, steps], [without] * 2, "held-out, without a prompt", line={"color": PALE, "dash": "dash", "width": 2},
                    hovertemplate="%{y:.3f} nats"))
    figure.x(range=[0, steps])
    table = pd.DataFrame({"step": at, "loss": losses}).merge(pd.DataFrame({"step": x.astype(int), "validation": y}), how="left", on="step")
    said = f"Without a prompt the model loses {format_nats(without)} nats per token on held-out text"
    return Picture(figure, said + (f"; behind the prompt {format_nats(y[-1])} after {int(x[-1]):,} steps." if len(y) else "."), table)


def _columns(points: Float[np.ndarray, "N two"]) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(points[:, 0], np.float32), np.ascontiguousarray(points[:, 1], np.float32)
