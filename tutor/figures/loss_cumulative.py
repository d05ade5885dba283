"""Tuning on the tiny language: the loss falls in steps, one for every fact that the network no longer guesses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import BLUE
from tutor.figures.picture import Picture, empty_drawing, line_trace
from tutor.figures.scores import draw_levels
from tutor.figures.training_curves import WINDOW

FEED = ({"index": 0, "x": "step", "y": "loss", "where": {"repetition": 0}},
        {"index": 1, "x": "step", "y": "loss", "where": {"repetition": 0}, "mean": WINDOW})
"""Which field of a run's events is which trace, for points that arrive while they are watched."""
RANGE = (-3.5, 1.2)
"""Powers of ten between which losses are drawn."""


def loss_stairs(events: Sequence[Mapping[str, Any]], *, steps: int, marks: Mapping[str, float]) -> Picture:
    """Loss (nats per word, logarithmic) over tuning steps, beside levels that a guesser would reach.

    Parameters
    ----------
    events
        Of a run folder.
    steps
        The planned length of the axis.
    marks
        Name -> loss of somebody who guesses some of the facts.
    """
    figure = empty_drawing(x="tuning step", y="loss (nats per word)", height=360, hovermode="closest", showlegend=True)
    x, y = (np.array([event[name] for event in events if event.get("repetition", 0) == 0], float) for name in ("step", "loss"))
    mean = pd.Series(y).rolling(max(1, round(WINDOW / _spacing(x))), center=True, min_periods=1).mean().to_numpy()
    said = {"hovertemplate": "step %{x}: %{y:.3g} nats<extra></extra>"}
    figure.add(line_trace(x, y, "loss of each step", line={"color": BLUE, "width": 1.2}, opacity=0.4, **said),
               line_trace(x, mean, f"its mean over {WINDOW} steps", line={"color": BLUE, "width": 2.5}, **said))
    draw_levels(figure, marks)
    figure.x(range=[0, steps]).y(**log_axis(range=list(RANGE)))
    alt = f"After {int(x[-1]):,} of {steps:,} steps the loss is {mean[-1]:.3g} nats per word." if len(x) else (f"0 of {steps:,} steps "
                                                                                                               "have been taken.")
    return Picture(figure, alt, pd.DataFrame({"step": x, "loss": y, "mean": mean}))


def _spacing(steps: np.ndarray) -> float:
    return float(np.median(np.diff(steps))) if len(steps) > 1 else 1.0
