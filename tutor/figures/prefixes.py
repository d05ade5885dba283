"""Hard prompts one by one: what every one of them costs a network and an ideal predictor, and what the best can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.axis_ticks import log_axis
from tutor.figures.palette import BLUE, GREY, SHARES, VERMILION
from tutor.figures.picture import Picture, bar_trace, colour_bar_above, empty_drawing, format_nats, line_trace, scatter_trace

_TARGETS = ((BLUE, "circle"), (VERMILION, "square"), (GREY, "diamond"))
"""Colour and marker of each target, in the order given."""


def spell_flips(tokens: Sequence[int]) -> str:
    """A coin's flips as H and T, other tokens as digits; an empty prompt as a dash."""
    return "".join("HT"[token] if max(tokens) < 2 else str(token) for token in tokens) or "-"


def prefix_bars(
    prefixes: Sequence[Sequence[int]], scores: Float[np.ndarray, " P"], *, ideal: Float[np.ndarray, " P"] | None = None
) -> Picture:
    """Every hard prompt from best to worst: expected loss over the ideal predictor of the target (nats per token).

    Bars are the network's and coloured by the share of heads in the prompt; diamonds are the ideal predictor's with the same prompt.
    """
    order = np.argsort(scores, kind="stable")
    names = [spell_flips(prefixes[i]) for i in order]
    heads = np.array([np.mean(np.asarray(prefixes[i]) == 0) if len(prefixes[i]) else 0.5 for i in order])
    figure = empty_drawing(x="hard prompt, best first", y="loss over TargetBayes (nats per token)", height=400)
    colours = {"color": heads, "colorscale": SHARES, "cmin": 0, "cmax": 1,
               "colorbar": colour_bar_above(f"share of heads in the prompt{'; ◇ ideal predictor' if ideal is not None else ''}")}
    hover = "%{x}: %{y:.4f} nats per token<extra></extra>"
    figure.add(bar_trace(names, scores[order], "network", meta=names, showlegend=False, marker=colours, hovertemplate=hover))
    table = pd.DataFrame({"prompt": names, "network": scores[order]})
    if ideal is not None:
        table["ideal"], style = ideal[order], {"color": GREY, "size": 6, "symbol": "diamond-open"}
        figure.add(scatter_trace(names, ideal[order], mode="markers", name="ideal predictor", showlegend=False, meta=names, marker=style,
                        hovertemplate=f"ideal, {hover}"))
    figure.x(type="category", tickangle=-90, nticks=16, tickfont={"family": "monospace", "size": 11})
    best, worst = (
        f"{names[0]} is the best, {format_nats(scores[order[0]])} nats per token over the ideal predictor",
        f"{names[-1]}, {format_nats(scores[order[-1]])}",
    )
    return Picture(figure, f"Of {len(names)} hard prompts {best}; the worst is {worst}.", table)


@dataclass(frozen=True)
class BestPromptCurve:
    """How far hard prompts of each length get an ideal predictor on one target; regrets in nats."""

    target: str
    lengths: Sequence[int]
    best: Sequence[Sequence[int]]
    regret: Float[np.ndarray, " lengths"]
    floor: float
    """Regret of TargetBayes, below which nobody gets."""


def reach_picture(reaches: Sequence[BestPromptCurve], *, flips: int) -> Picture:
    """The best hard prompt of every length on each target, beside the line that no predictor passes."""
    figure = empty_drawing(x="prompt length (pseudo-flips)", y=f"best regret after {flips} flips (nats)", height=420, hovermode="closest")
    for reach, (colour, symbol) in zip(reaches, _TARGETS, strict=False):
        figure.add(*_reach_traces(reach, colour, symbol))
    figure.x(dtick=2).y(rangemode="tozero")
    said = "; ".join(
        f"on {reach.target} the best prompt of up to {reach.lengths[-1]} flips leaves "
        f"{format_nats(reach.regret.min())} nats, the optimum is "
        f"{format_nats(reach.floor)}"
        for reach in reaches
    )
    rows = [
        {"target": reach.target, "length": k, "best_prompt": spell_flips(best), "regret": value, "optimum": reach.floor}
        for reach in reaches
        for k, best, value in zip(reach.lengths, reach.best, reach.regret, strict=True)
    ]
    return Picture(figure, f"{said[:1].upper()}{said[1:]}.", pd.DataFrame(rows))


def _reach_traces(reach: BestPromptCurve, colour: str, symbol: str) -> tuple[dict, dict]:
    hover = f"{reach.target}, length %{{x}}: %{{y:.3f}} nats with %{{customdata}}<extra></extra>"
    best = {"line": {"color": colour, "width": 2.5}, "marker": {"symbol": symbol, "size": 8, "color": colour}}
    ends, floor = [reach.lengths[0], reach.lengths[-1]], [reach.floor] * 2
    optimum = {"line": {"color": colour, "dash": "dot", "width": 2}, "hovertemplate": "optimum %{y:.3f} nats<extra></extra>"}
    named = [spell_flips(tokens) for tokens in reach.best]
    return (
        scatter_trace(
            list(reach.lengths),
            reach.regret,
            meta=named,
            mode="lines+markers",
            name=reach.target,
            customdata=named,
            hovertemplate=hover,
            **best,
        ),
        line_trace(ends, floor, f"{reach.target}: the optimum", **optimum),
    )


def pseudo_counts_picture(regrets: Mapping[str, Float[np.ndarray, " K1"]], *, flips: int) -> Picture:
    """Regret by the number of heads in a prompt of fixed length, for each target: which pseudo-counts help whom."""
    figure = empty_drawing(x="heads in the prompt", y=f"regret after {flips} flips (nats)", height=360, hovermode="x unified")
    for (target, values), (colour, symbol) in zip(regrets.items(), _TARGETS, strict=False):
        style = {"line": {"color": colour, "width": 2.5}, "marker": {"symbol": symbol, "size": 8, "color": colour}}
        figure.add(scatter_trace(np.arange(len(values)), values, mode="lines+markers", name=target, hovertemplate="%{y:.3f} nats", **style))
    figure.x(dtick=1).y(**log_axis())
    best = [
        f"on {target} {int(values.argmin())} heads of {len(values) - 1} are best ({format_nats(values.min())} nats)"
        for target, values in regrets.items()
    ]
    said = "; ".join(best)
    rows = [{"target": target, "heads": heads, "regret": value} for target, values in regrets.items() for heads, value in enumerate(values)]
    return Picture(figure, f"{said[:1].upper()}{said[1:]}.", pd.DataFrame(rows, columns=["target", "heads", "regret"]))
