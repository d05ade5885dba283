"""How a training goes: the loss beside what an ideal predictor would lose, and the distance between the two predictors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from plotly.subplots import make_subplots

from tutor.figures.palette import BLUE, GREY, VERMILION, look
from tutor.figures.picture import PLAIN, Picture, canvas, nats

Events = Sequence[Mapping[str, Any]]

WINDOW = 25
"""Steps that the smooth line averages over: a batch of few sequences is lucky or not in the coins it drew."""

FEED = (
    {"index": 0, "x": "step", "y": "loss"},
    {"index": 2, "x": "step", "y": "kl"},
    {"index": 3, "x": "step", "y": "loss", "mean": WINDOW},
)
"""Which fields of a run's events are which traces of `training_curve`, for a picture whose points arrive while it is watched."""


def training_curve(events: Events, *, bayes_loss: float | None = None, steps: int = 0) -> Picture:
    """Loss and divergence from the exact Bayes predictor over optimiser steps, both in nats per token.

    `events` are those of a run folder; `bayes_loss` is what the ideal predictor of the same sequences loses, drawn as a
    line that no predictor can pass on average; `steps` widens the axis to the planned length.
    """
    table = pd.DataFrame(
        [{name: event.get(name) for name in ("step", "loss", "kl", "learning_rate")} for event in events],
        columns=["step", "loss", "kl", "learning_rate"],
    ).astype(float)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.07, row_heights=[0.5, 0.5])
    x, loss, kl = (table[name].to_numpy() for name in ("step", "loss", "kl"))
    spacing = np.median(np.diff(x)) if len(x) > 1 else 1  # shipped runs keep only some of their steps
    mean = table["loss"].rolling(max(1, round(WINDOW / spacing)), center=True, min_periods=1).mean()
    thin = {"color": BLUE, "width": 1.2}
    figure.add_scatter(x=x, y=loss, name="loss of the network", mode="lines", line=thin, opacity=0.4, legendrank=1, row=1, col=1)
    level = [bayes_loss, bayes_loss] if bayes_loss is not None else [None, None]
    figure.add_scatter(
        x=[0, max(steps, x[-1] if len(x) else 1)],
        y=level,
        name="ideal Bayes predictor",
        mode="lines",
        line={"color": GREY, "dash": "dash", "width": 2},
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=x,
        y=np.maximum(kl, 1e-7),
        name="distance to the ideal predictor",
        mode="lines",
        line={"color": VERMILION, "width": 1.5},
        row=2,
        col=1,
    )
    figure.add_scatter(
        x=x, y=mean, name=f"its mean over {WINDOW} steps", mode="lines", line={"color": BLUE, "width": 2.5}, legendrank=2, row=1, col=1
    )
    figure.update_layout(**PLAIN, height=460, hovermode="x")
    figure.update_traces(hovertemplate="step %{x}: %{y:.4g} nats<extra></extra>")
    figure.update_xaxes(range=[0, max(steps, 1)] if steps else None, automargin=True)
    figure.update_xaxes(title_text="training step", row=2)
    figure.update_yaxes(title_text="loss (nats per token)", row=1)
    figure.update_yaxes(title_text="KL to Bayes (nats per token)", type="log", exponentformat="power", dtick=1, row=2)
    return Picture(figure, _said(table, bayes_loss), table)


def _said(table: pd.DataFrame, bayes_loss: float | None) -> str:
    if table.empty:
        return "No step has been taken yet."
    last, recent = int(table["step"].iloc[-1]), table.tail(20)
    ideal = f"; the ideal Bayes predictor loses {bayes_loss:.3f}" if bayes_loss is not None else ""
    distance = f", and the network's predictions are {recent['kl'].mean():.2g} nats from it" if recent["kl"].notna().any() else ""
    return f"After {last:,} steps the network loses {recent['loss'].mean():.3f} nats per token{ideal}{distance}."


@dataclass(frozen=True)
class Racer:
    """One method in a race and its events so far; a `search` is drawn by the best that it has found."""

    label: str
    events: Events
    search: bool = False


def race(racers: Sequence[Racer], *, over: str = "step") -> Picture:
    """Divergence from the exact Bayes predictor of the target (nats per token, logarithmic) of several tunings on one axis.

    `over` is the horizontal axis, "step" or "seconds" of computing. Only the first repetition is drawn. Trace i is racer i.
    """
    figure = canvas(
        x={"step": "tuning step (for HardPT: prompts tried)", "seconds": "seconds of computing"}[over],
        y="KL to Bayes (nats per token)",
        height=420,
        hovermode="closest",
    )
    rows = []
    for place, racer in enumerate(racers):
        first = [event for event in racer.events if event.get("repetition", 0) == 0 and event.get("kl") is not None]
        x, y = (np.array([event[name] for event in first], float) for name in (over, "kl"))
        y = np.minimum.accumulate(y) if racer.search else smoothed(y)
        style = look(racer.label, place)
        figure.add_scatter(
            x=x,
            y=np.maximum(y, 1e-7),
            name=racer.label,
            mode="lines",
            line=style.line | {"width": 1.8},
            hovertemplate=f"{racer.label}, {over} %{{x}}: %{{y:.3g}} nats<extra></extra>",
        )
        rows += [{"method": racer.label, over: a, "kl": b} for a, b in zip(x, y, strict=True)]
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return Picture(figure, _leader(racers), pd.DataFrame(rows, columns=["method", over, "kl"]))


def smoothed(values: np.ndarray) -> np.ndarray:
    """Running geometric mean over nine steps: batches are small and a race is read on a logarithmic axis."""
    logs = pd.Series(np.log(np.maximum(values, 1e-12)))
    return np.exp(logs.rolling(9, center=True, min_periods=1).mean().to_numpy())


def _leader(racers: Sequence[Racer]) -> str:
    ends = {
        racer.label: np.nanmean([event["kl"] for event in racer.events[-10:]])
        for racer in racers
        if any(event.get("kl") is not None for event in racer.events[-10:])
    }
    if not ends:
        return "The race has not begun."
    best = min(ends, key=ends.get)
    return f"Closest to the ideal predictor of the target is {best}, {nats(ends[best])} nats per token away, among {len(ends)} methods."
