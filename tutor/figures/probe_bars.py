"""What can be read off a network's states by a straight line, beside what an untrained network gives away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tutor.figures.palette import BLUE, GREY
from tutor.figures.picture import Picture, bar_trace, empty_drawing
from tutor.predictors.tap_labels import label_tap


@dataclass(frozen=True)
class ProbeScore:
    """Held-out R^2 of one statistic at one tap, in the trained and in the untrained network."""

    tap: str
    trained: float
    untrained: float


def probe_bars(readings: Sequence[ProbeScore], *, statistic: str) -> Picture:
    """Held-out R^2 of linear probes for one statistic, tap by tap; one is a perfect reading, zero no better than the mean."""
    figure = empty_drawing(y="R² on new sequences (1: perfect)", height=340, barmode="group", bargap=0.3)
    taps = [label_tap(reading.tap) for reading in readings]
    trained, untrained = ([getattr(reading, name) for reading in readings] for name in ("trained", "untrained"))
    for name, values, colour, shape in (("trained", trained, BLUE, ""), ("untrained", untrained, GREY, "/")):
        style = {"color": colour, "pattern": {"shape": shape}}
        hover = f"{name}, %{{x}}: R² %{{customdata:.3f}}<extra></extra>"
        figure.add(bar_trace(taps, np.maximum(values, 0), name, meta=taps, marker=style, customdata=values, hovertemplate=hover))
    figure.y(range=[0, 1.02])
    table = pd.DataFrame({"tap": [reading.tap for reading in readings], "statistic": statistic, "trained": trained, "untrained": untrained})
    return Picture(figure, _read_off(readings, statistic), table)


def _read_off(readings: Sequence[ProbeScore], statistic: str) -> str:
    if not readings:
        return "No state was probed."
    best = max(readings, key=lambda reading: reading.trained)
    place = label_tap(best.tap)
    return f"The {statistic} can be read off {place}, with R² {best.trained:.2f}, off the untrained network's with {best.untrained:.2f}."
