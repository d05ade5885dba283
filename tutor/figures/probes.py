"""What can be read off a network's states by a straight line, beside what an untrained network gives away."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tutor.figures.palette import BLUE, GREY
from tutor.figures.picture import Picture, canvas


@dataclass(frozen=True)
class Reading:
    """Held-out R^2 of one statistic at one tap, in the trained and in the untrained network."""

    tap: str
    trained: float
    untrained: float


def probe_bars(readings: Sequence[Reading], *, statistic: str) -> Picture:
    """Held-out R^2 of linear probes for one statistic, tap by tap; one is a perfect reading, zero no better than the mean."""
    figure = canvas(y="held-out R²", height=340, barmode="group", bargap=0.3)
    taps = [reading.tap.removeprefix("body.") for reading in readings]
    for name, values, colour, pattern in (
        ("trained", [r.trained for r in readings], BLUE, ""),
        ("untrained", [r.untrained for r in readings], GREY, "/"),
    ):
        figure.add_bar(
            x=taps,
            y=[max(value, 0.0) for value in values],
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            customdata=values,
            hovertemplate=f"{name}, %{{x}}: R² %{{customdata:.3f}}<extra></extra>",
        )
    figure.update_yaxes(range=[0, 1.02])
    table = pd.DataFrame(
        [{"tap": r.tap, "statistic": statistic, "trained": r.trained, "untrained": r.untrained} for r in readings],
        columns=["tap", "statistic", "trained", "untrained"],
    )
    best = max(readings, key=lambda reading: reading.trained, default=None)
    alt = (
        f"The {statistic} can be read off {best.tap.removeprefix('body.')} with R² {best.trained:.2f}, off the untrained network's with {best.untrained:.2f}."
        if best
        else "No state was probed."
    )
    return Picture(figure, alt, table)
