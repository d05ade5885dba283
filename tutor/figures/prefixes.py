"""Hard prompts one by one: what every one of them costs a network and an ideal predictor, and what the best can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, GREY, SHARES, VERMILION
from tutor.figures.picture import Picture, canvas, nats


def spelt(tokens: Sequence[int]) -> str:
    """A coin's flips as H and T, other tokens as digits; an empty prompt as a dash."""
    return "".join("HT"[token] if max(tokens) < 2 else str(token) for token in tokens) or "-"


def prefix_bars(
    prefixes: Sequence[Sequence[int]], scores: Float[np.ndarray, " P"], *, ideal: Float[np.ndarray, " P"] | None = None
) -> Picture:
    """Every hard prompt from best to worst: expected loss over the ideal predictor of the target (nats per token).

    Bars are the network's and coloured by the share of heads in the prompt; dots are the ideal predictor's with the same prompt.
    """
    order = np.argsort(scores, kind="stable")
    names = [spelt(prefixes[i]) for i in order]
    heads = np.array([np.mean(np.asarray(prefixes[i]) == 0) if len(prefixes[i]) else 0.5 for i in order])
    figure = canvas(x="hard prompt, best first", y="loss over TargetBayes (nats per token)", height=400)
    figure.add_bar(
        x=names,
        y=scores[order],
        name="network",
        showlegend=False,
        marker={"color": heads, "colorscale": SHARES, "cmin": 0, "cmax": 1, "colorbar": _bar("share of heads in the prompt")},
        hovertemplate="%{x}: %{y:.4f} nats per token<extra></extra>",
    )
    if ideal is not None:
        figure.add_scatter(
            x=names,
            y=ideal[order],
            mode="markers",
            name="ideal predictor, same prompt",
            marker={"color": GREY, "size": 6, "symbol": "diamond-open"},
            hovertemplate="%{x}, ideal: %{y:.4f} nats per token<extra></extra>",
        )
    figure.update_xaxes(type="category", tickangle=-90, nticks=16, tickfont={"family": "monospace", "size": 11})
    table = pd.DataFrame({"prompt": names, "network": scores[order]} | ({"ideal": ideal[order]} if ideal is not None else {}))
    alt = f"Of {len(names)} hard prompts {names[0]} is the best, {nats(scores[order[0]])} nats per token over the ideal predictor; the worst is {names[-1]}, {nats(scores[order[-1]])}."
    return Picture(figure, alt, table)


def _bar(title: str) -> dict:
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 0.7,
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "title": {"text": title, "side": "top"},
        "outlinewidth": 0,
    }


@dataclass(frozen=True)
class Reach:
    """How far hard prompts of each length get an ideal predictor on one target; regrets in nats."""

    target: str
    lengths: Sequence[int]
    best: Sequence[Sequence[int]]
    regret: Float[np.ndarray, " lengths"]
    floor: float
    """Regret of TargetBayes, below which nobody gets."""


def reach_picture(reaches: Sequence[Reach], *, flips: int) -> Picture:
    """The best prompt of every length on each target, beside the line that no predictor passes."""
    figure = canvas(x="prompt length (pseudo-flips)", y=f"best regret after {flips} flips (nats)", height=420, hovermode="closest")
    rows = []
    for reach, (colour, symbol) in zip(reaches, ((BLUE, "circle"), (VERMILION, "square"), (GREY, "diamond")), strict=False):
        names = [spelt(tokens) for tokens in reach.best]
        figure.add_scatter(
            x=list(reach.lengths),
            y=reach.regret,
            mode="lines+markers",
            name=reach.target,
            line={"color": colour, "width": 2.5},
            marker={"symbol": symbol, "size": 8},
            customdata=names,
            hovertemplate=f"{reach.target}, length %{{x}}: %{{y:.3f}} nats with %{{customdata}}<extra></extra>",
        )
        figure.add_scatter(
            x=[reach.lengths[0], reach.lengths[-1]],
            y=[reach.floor] * 2,
            mode="lines",
            name=f"{reach.target}: the optimum",
            line={"color": colour, "dash": "dot", "width": 2},
            hovertemplate="optimum %{y:.3f} nats<extra></extra>",
        )
        rows += [
            {"target": reach.target, "length": k, "best_prompt": name, "regret": value, "optimum": reach.floor}
            for k, name, value in zip(reach.lengths, names, reach.regret, strict=True)
        ]
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(dtick=2)
    said = "; ".join(
        f"on {reach.target} the best prompt of up to {reach.lengths[-1]} flips leaves {nats(reach.regret.min())} nats, the optimum is {nats(reach.floor)}"
        for reach in reaches
    )
    return Picture(figure, f"{said[0].upper()}{said[1:]}." if said else "Nothing to compare.", pd.DataFrame(rows))


def pseudo_counts_picture(regrets: Mapping[str, Float[np.ndarray, " K1"]], *, flips: int) -> Picture:
    """Regret by the number of heads in a prompt of fixed length, for each target: which pseudo-counts help whom."""
    figure = canvas(x="heads in the prompt", y=f"regret after {flips} flips (nats)", height=360, hovermode="x unified")
    for (target, values), colour, symbol in zip(regrets.items(), (BLUE, VERMILION, GREY), ("circle", "square", "diamond"), strict=False):
        figure.add_scatter(
            x=np.arange(len(values)),
            y=values,
            mode="lines+markers",
            name=target,
            line={"color": colour, "width": 2.5},
            marker={"symbol": symbol, "size": 8},
            hovertemplate="%{y:.3f} nats",
        )
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(type="log", exponentformat="none", dtick="D2")
    said = "; ".join(
        f"on {target} {int(values.argmin())} heads of {len(values) - 1} are best ({nats(values.min())} nats)"
        for target, values in regrets.items()
    )
    rows = [{"target": target, "heads": heads, "regret": value} for target, values in regrets.items() for heads, value in enumerate(values)]
    return Picture(
        figure,
        f"{said[0].upper()}{said[1:]}." if said else "Nothing to compare.",
        pd.DataFrame(rows, columns=["target", "heads", "regret"]),
    )
