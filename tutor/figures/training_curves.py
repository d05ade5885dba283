"""How a training goes: the loss beside what an ideal predictor would lose, and the distance between the two predictors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.line_labels import LEGEND_HOLDS, End, name_at_ends
from tutor.figures.palette import BLUE, GREY, VERMILION, look_of
from tutor.figures.picture import Picture, empty_drawing, format_nats, line_trace
from tutor.methods.method_names import name_method

Events = Sequence[Mapping[str, Any]]

WINDOW = 25
"""Steps that the smooth line averages over: a batch of few sequences is lucky or not in the coins it drew."""

BEYOND_IDEAL = "lost beyond the ideal (nats per token)"
"""The divergence (KL) of a network's predictions from those of the exact Bayes predictor, as an axis names it."""

FLOOR = 1e-7
"""The least divergence (nats per token) that the logarithmic axes show."""

FEED = (
    {"index": 0, "x": "step", "y": "loss"},
    {"index": 2, "x": "step", "y": "kl"},
    {"index": 3, "x": "step", "y": "loss", "mean": WINDOW},
)
"""Which fields of a run's events are which traces of `training_curve`, for a picture whose points arrive while it is watched."""


def replay_settings(events: Events) -> dict[str, Any] | None:
    """What a picture needs to play `training_curve` again at the pace of the run; None where it was too short or not timed."""
    timed = [event for event in events if event.get("seconds") is not None]
    if len(timed) < 3:
        return None
    return {"traces": [feed["index"] for feed in FEED], "steps": [event["step"] for event in timed],
            "seconds": [event["seconds"] for event in timed]}


def training_curve(events: Events, *, bayes_loss: float | None = None, steps: int = 0) -> Picture:
    """Loss and divergence from the exact Bayes predictor over optimiser steps, both in nats per token.

    Parameters
    ----------
    events
        Of a run folder.
    bayes_loss
        What the ideal predictor of the same sequences loses: a line that no predictor can pass on average.
    steps
        The planned length of the axis.
    """
    table = _steps_of(events)
    last = max(steps, table["step"].max() if len(table) else 1)
    figure = empty_drawing(y="loss (nats per token)", height=460, hovermode="x", yaxis2=_below(waiting=table.empty))
    figure.x(title={"text": "training step"}, anchor="y2", range=[0, steps] if steps else None).y(domain=[0.535, 1])
    figure.add(*_training_traces(table, bayes_loss, last))
    return Picture(figure, _said(table, bayes_loss), table)


def _below(*, waiting: bool) -> dict[str, Any]:
    """The lower axis; while points are still to come its range is given (powers of ten), so that it does not jump."""
    axis = log_axis(title={"text": BEYOND_IDEAL}, automargin=True)
    return axis | {"domain": [0, 0.465]} | ({"range": [-6, 0.5]} if waiting else {})


def _training_traces(table: pd.DataFrame, bayes_loss: float | None, last: int | float) -> tuple[dict, ...]:
    """The traces in the order that FEED counts on."""
    x = table["step"].to_numpy()
    spacing = np.median(np.diff(x)) if len(x) > 1 else 1  # shipped runs keep only some of their steps
    mean = table["loss"].rolling(max(1, round(WINDOW / spacing)), center=True, min_periods=1).mean()
    ideal, away = {"color": GREY, "dash": "dash", "width": 2}, {"color": VERMILION, "width": 1.5}
    distance, said = np.maximum(table["kl"], FLOOR), {"hovertemplate": "step %{x}: %{y:.4g} nats<extra></extra>"}
    return (
        line_trace(x, table["loss"], "loss of the network", line={"color": BLUE, "width": 1.2}, opacity=0.4, legendrank=1, **said),
        line_trace([0, last], [bayes_loss] * 2, "ideal Bayes predictor", line=ideal, legendrank=3, **said),
        line_trace(x, distance, "lost beyond the ideal predictor", line=away, legendrank=4, yaxis="y2", **said),
        line_trace(x, mean, f"its mean over {WINDOW} steps", line={"color": BLUE, "width": 2.5}, legendrank=2, **said),
    )


def _steps_of(events: Events) -> pd.DataFrame:
    names = ["step", "loss", "kl", "learning_rate"]
    return pd.DataFrame([{name: event.get(name) for name in names} for event in events], columns=names).astype(float)


def _said(table: pd.DataFrame, bayes_loss: float | None) -> str:
    if table.empty:
        return "No step has been taken yet."
    last, recent = int(table["step"].iloc[-1]), table.tail(20)
    ideal = f"; the ideal Bayes predictor loses {bayes_loss:.3f}" if bayes_loss is not None else ""
    distance = f", and the network's predictions are {recent['kl'].mean():.2g} nats from it" if recent["kl"].notna().any() else ""
    return f"After {last:,} steps the network loses {recent['loss'].mean():.3f} nats per token{ideal}{distance}."


@dataclass(frozen=True)
class RaceEntry:
    """One method in a race and its events so far; a `search` is drawn by the best that it has found."""

    label: str
    events: Events
    search: bool = False

    @property
    def name(self) -> str:
        """What it is called in the picture: the method in words."""
        return name_method(self.label)

    def course(self) -> tuple[Float[np.ndarray, " S"], Float[np.ndarray, " S"]]:
        """Steps and divergences of the first repetition, as they are drawn."""
        first = [event for event in self.events if event.get("repetition", 0) == 0 and event.get("kl") is not None]
        x, y = (np.array([event[name] for event in first], float) for name in ("step", "kl"))
        return x, np.minimum.accumulate(y) if self.search else smooth_geometric(y)

    def at(self, steps: Float[np.ndarray, " S"]) -> Float[np.ndarray, " S"]:
        """Its divergence at any steps: between two of its own on the logarithmic line, beyond them the nearest."""
        x, y = self.course()
        return np.exp(np.interp(steps, x, np.log(np.maximum(y, FLOOR)))) if len(x) else np.full(len(steps), np.nan)


def race_curves(
    racers: Sequence[RaceEntry], *, steps: int = 0, against: RaceEntry | None = None, moving: bool = False
) -> Picture:
    """Divergence from the exact Bayes predictor of the target (nats per token, logarithmic) of several tunings on one axis.

    Parameters
    ----------
    racers
        Trace i is racer i; only the first repetition is drawn.
    steps
        The planned length of the axis.
    against
        The racer by whose divergence at the same step all are divided: on a logarithmic axis that is the difference.
    moving
        Whether curves are still growing; curves that rest have their names at their ends where they are too many for a legend.
    """
    title = f"lost beyond the ideal, times that of {against.name}" if against else BEYOND_IDEAL
    across = "tuning step (of a search: prompts tried)" if any(racer.search for racer in racers) else "training step"
    figure = empty_drawing(x=across, y=title, height=420, hovermode="closest")
    rows, unit = [], "times" if against else "nats"
    named = not moving and sum(bool(racer.events) for racer in racers) > LEGEND_HOLDS
    ends: dict[str, End] = {}
    for place, racer in enumerate(racers):
        x, y = racer.course()
        y = np.maximum(y, FLOOR) / (against.at(x) if against else 1.0)
        hover = f"{racer.name}, step %{{x}}: %{{y:.3g}} {unit}<extra></extra>"
        style = look_of(racer.label, place).line | {"width": 1.8}
        if named and len(x):                          # the best that a search has found stays the best
            x, y = (np.append(x, max(steps, x[-1])), np.append(y, y[-1])) if racer.search else (x, y)
            ends[racer.name] = End(float(x[-1]), float(y[-1]), style["color"])
        figure.add(line_trace(x, y, racer.name, line=style, hovertemplate=hover))
        rows += [{"method": racer.label, "step": a, "kl": b} for a, b in zip(x, y, strict=True)]
    figure.x(range=[0, steps] if steps else None).y(**log_axis())
    heights = [float(value) for trace in figure.data for value in trace["y"]]
    if ends and min(heights) < max(heights):
        name_at_ends(figure, ends, bounds=(min(heights), max(heights)), log=True)
    return Picture(figure, _leader(racers), pd.DataFrame(rows, columns=["method", "step", "kl"]))


def smooth_geometric(values: np.ndarray) -> np.ndarray:
    """Running geometric mean over nine steps: batches are small and a race is read on a logarithmic axis."""
    logs = pd.Series(np.log(np.maximum(values, 1e-12)))
    return np.exp(logs.rolling(9, center=True, min_periods=1).mean().to_numpy())


def _leader(racers: Sequence[RaceEntry]) -> str:
    ends = {
        racer.name: np.nanmean([event["kl"] for event in racer.events[-10:]])
        for racer in racers
        if any(event.get("kl") is not None for event in racer.events[-10:])
    }
    if not ends:
        return "The race has not begun."
    best = min(ends, key=ends.get)
    return (
        f"Closest to the ideal predictor of the target is {best}, {format_nats(ends[best])} nats per token away, among {len(ends)} methods."
    )
