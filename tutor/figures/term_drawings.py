"""Small drawings of single terms, as SVG with the colours of the page's text: numbers in, a drawing with its sentence out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from jaxtyping import Float

from tutor.figures.palette import AMBER, GREEN, HEADS, SHARES

WIDE, TALL = 240, 132
LEFT, RIGHT, TOP, BOTTOM = 14.0, 226.0, 14.0, 104.0
"""Edges of the plot; the line of words stands below."""
COLD, MARK = "#3A8FC4", "#E0304A"
"""The blue of tails and the red of a prompt, as light as they must be on a dark page."""
WARM = HEADS

Number = float | int | np.floating
Points = Sequence[tuple[Number, Number]]


@dataclass(frozen=True)
class TermDrawing:
    """A drawing without colours of its own for text, and the sentence that it says."""

    body: str
    alt: str

    @property
    def markup(self) -> str:
        """The drawing as an SVG element; text has the colour of what stands around it."""
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" width="100%" role="img" '
                f'aria-label="{escape(self.alt)}" font-family="inherit" font-size="11" fill="currentColor">{self.body}</svg>')


def draw_tiles(prompt: str, data: str) -> TermDrawing:
    """A prompt of flips, outlined, in front of the flips of a coin; both as letters H and T."""
    side, gap = 14, 2
    step = side + gap
    first = (WIDE - step * len(prompt + data) - 8) / 2
    tiles = []
    for k, letter in enumerate(prompt + data):
        x = first + step * k + (8 if k >= len(prompt) else 0)
        ours = k < len(prompt)
        edge = f' stroke="{MARK}" stroke-width="2"' if ours else ""
        tiles += [f'<rect x="{x:.1f}" y="48" width="{side}" height="22" rx="3" fill="{WARM if letter == "H" else COLD}" '
                  f'fill-opacity="0.3"{edge}/>', _say(letter, x + side / 2, 63, "middle")]
    middle = first + step * len(prompt) / 2
    words = [_say("prompt", middle, 40, "middle"), _say("data", first + step * (len(prompt) + len(data) / 2) + 8, 40, "middle"),
             _say("the network reads from left to right", WIDE / 2, 96, "middle")]
    return TermDrawing("".join(tiles + words), f"The prompt {' '.join(prompt)} stands in front of the data {' '.join(data)}.")


def draw_numbers(values: Float[np.ndarray, "rows columns"], words: str) -> TermDrawing:
    """Numbers as cells, blue below zero and red above it; `words` say what they are."""
    rows, columns = values.shape
    wide, tall = (RIGHT - LEFT) / columns, (BOTTOM - TOP) / rows
    most = float(np.abs(values).max()) or 1.0
    cells = [f'<rect x="{LEFT + wide * c:.2f}" y="{TOP + tall * r:.2f}" width="{wide - 0.6:.2f}" height="{tall - 0.6:.2f}" '
             f'fill="{WARM if values[r, c] > 0 else COLD}" fill-opacity="{0.08 + 0.92 * abs(values[r, c]) / most:.2f}"/>'
             for r in range(rows) for c in range(columns)]
    return TermDrawing("".join(cells) + _below(words), f"{values.size} numbers from {values.min():.2f} to {values.max():.2f}: {words}.")


def draw_weights(weights: Float[np.ndarray, "T KT"], prefix: int, words: str) -> TermDrawing:
    """Attention weights: one row per position that looks, one column per position looked at; the columns of a prefix are red."""
    rows, columns = weights.shape
    side = min((RIGHT - LEFT) / columns, (BOTTOM - TOP) / rows)
    first = (WIDE - side * columns) / 2
    cells = [f'<rect x="{first + side * c:.2f}" y="{TOP + side * r:.2f}" width="{side - 0.6:.2f}" height="{side - 0.6:.2f}" '
             f'fill="{MARK if c < prefix else COLD}" fill-opacity="{0.06 + 0.94 * weights[r, c]:.2f}"/>'
             for r in range(rows) for c in range(columns) if c <= r + prefix]
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    paid = f" The prefix gets {weights[:, :prefix].sum(1).mean():.0%} of the attention." if prefix else ""
    return TermDrawing("".join(cells) + _below(words), f"{rows} positions and where each of them looks. The largest weight is "
                       f"{weights[row, column]:.0%}, of position {row + 1}.{paid}")


def draw_densities(bias: Float[np.ndarray, " M"], before: Float[np.ndarray, " M"], after: Float[np.ndarray, " M"],
                   words: str) -> TermDrawing:
    """What is believed of a coin before and after some flips, as densities over its probability of heads."""
    across = _scale(0.0, 1.0, LEFT, RIGHT)
    up = _scale(0.0, max(before.max(), after.max()), BOTTOM, TOP + 6)
    lines = [_line([(across(b), up(d)) for b, d in zip(bias, density, strict=True)], colour, dash)
             for density, colour, dash in ((before, "currentColor", "4 3"), (after, MARK, ""))]
    best = float(bias[after.argmax()])
    named = [_say("prior", RIGHT, up(before[-1]) - 5, "end"), _say("posterior", across(best) + 26, TOP + 14, "start")]
    return TermDrawing("".join(lines + named) + _axis("0", "probability of heads", "1"), f"The prior is flat; {words}, the posterior has "
                       f"its peak at a probability of heads of {best:.2f}.")


def draw_predictions(predicted: Float[np.ndarray, " T"], coin: float) -> TermDrawing:
    """What a predictor expects before each flip, and the probability of heads of the coin (dashed)."""
    across, up = _scale(0.0, float(len(predicted) - 1), LEFT, RIGHT), _scale(0.0, 0.6, BOTTOM, TOP)
    drawn = _line([(across(t), up(p)) for t, p in enumerate(predicted)], COLD)
    level = _line([(LEFT, up(coin)), (RIGHT, up(coin))], "currentColor", "4 3")
    named = _say("how often it expects heads", RIGHT, TOP + 8, "end") + _say(f"dashed: the coin, {coin:.0%} heads", RIGHT, TOP + 24, "end")
    return TermDrawing(drawn + level + named + _axis("0", "flips seen", str(len(predicted) - 1)), "The ideal predictor expects heads "
                       f"{predicted[0]:.0%} of the time at first and {predicted[-1]:.0%} after {len(predicted) - 1} flips of a coin that "
                       f"shows heads {coin:.0%} of the time.")


def draw_regret(lost: Float[np.ndarray, " T"]) -> TermDrawing:
    """Extra loss per flip (nats) as bars; their sum is the regret."""
    wide, up = (RIGHT - LEFT) / len(lost), _scale(0.0, float(lost.max()), BOTTOM, TOP)
    bars = [f'<rect x="{LEFT + wide * t:.2f}" y="{up(value):.2f}" width="{wide - 0.6:.2f}" height="{BOTTOM - up(value):.2f}" '
            f'fill="{AMBER}"/>' for t, value in enumerate(lost)]
    said = _say(f"all bars together: {lost.sum():.2f} nats", RIGHT, 40, "end") + _say("extra loss at each flip", RIGHT, 24, "end")
    return TermDrawing("".join(bars) + said + _axis("1st", "flip", f"{len(lost)}th"), f"The extra loss is {lost[0]:.2f} nats at the first "
                       f"flip and {lost[-1]:.3f} at flip {len(lost)}; all together are {lost.sum():.2f} nats.")


def draw_nats(marked: Sequence[float]) -> TermDrawing:
    """The loss of a prediction, -ln p, over the probability p that it gave to what came; `marked` probabilities have a dot."""
    across, up = _scale(0.0, 1.0, LEFT, RIGHT), _scale(0.0, 3.0, BOTTOM, TOP)
    curve = _line([(across(p), up(-np.log(p))) for p in np.linspace(np.exp(-3), 1, 80)], COLD)
    dots = [f'<circle cx="{across(p):.1f}" cy="{up(-np.log(p)):.1f}" r="4" fill="{MARK}"/>'
            + _say(f"{p:.0%}: {-np.log(p):.2f} nats", across(p) + 7, up(-np.log(p)) - 5, "start")
            for p in marked]
    said = ", ".join(f"{-np.log(p):.2f} nats where it gave {p:.0%}" for p in marked)
    return TermDrawing(curve + "".join(dots) + _axis("0 %", "probability it gave", "100 %"), f"A prediction loses {said}.")


def draw_divergence(true: float, said: float) -> TermDrawing:
    """Two distributions over heads and tails as bars, and the Kullback-Leibler divergence between them in nats."""
    lost = true * np.log(true / said) + (1 - true) * np.log((1 - true) / (1 - said))
    up, wide, bars = _scale(0.0, 1.0, BOTTOM, TOP), 26, []
    for at, (name, share) in zip((26, 128), (("the coin", true), ("predicted", said)), strict=True):
        for k, (value, letter, colour) in enumerate(((share, "H", WARM), (1 - share, "T", COLD))):
            x = at + k * (wide + 20)
            bars += [f'<rect x="{x}" y="{up(value):.1f}" width="{wide}" height="{BOTTOM - up(value):.1f}" fill="{colour}"/>',
                     _say(f"{letter} {value:.0%}", x + wide / 2, up(value) - 4, "middle")]
        bars.append(_say(name, at + wide + 10, BOTTOM + 12, "middle"))
    return TermDrawing("".join(bars) + _say(f"KL: {lost:.2f} nats lost per flip", WIDE / 2, 130, "middle"), f"A coin shows heads "
                       f"{true:.0%} of the time; a prediction of {said:.0%} loses {lost:.2f} nats per flip more than it must.")


def draw_states(points: Float[np.ndarray, "P two"], heads: Float[np.ndarray, " P"], path: Float[np.ndarray, "T two"] | None = None
                ) -> TermDrawing:
    """States as dots in a plane, coloured by the share of heads read (0 to 1); a path through the plane is drawn over them."""
    every = points if path is None else np.concatenate([points, path])
    (x0, y0), (x1, y1) = every.min(0), every.max(0)
    across, up = _scale(x0, x1, LEFT, RIGHT), _scale(y0, y1, BOTTOM, TOP)
    colours = (SHARES[0][1], SHARES[1][1], SHARES[2][1]) if path is None else ("#8A93A0",) * 3
    dots = [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="1.8" fill="{colours[0 if h < 0.4 else 2 if h > 0.6 else 1]}" '
            f'fill-opacity="{0.85 if path is None else 0.35}"/>' for (x, y), h in zip(points, heads, strict=True)]
    if path is None:
        return TermDrawing("".join(dots) + _below("one dot: one state; orange: mostly heads"),
                           f"{len(points)} states of a network in a plane; those that have read mostly heads lie on one side.")
    ends = [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="{colour}"/>'
            for (x, y), colour in ((path[0], GREEN), (path[-1], MARK))]
    way = _line([(across(x), up(y)) for x, y in path], MARK)
    return TermDrawing("".join(dots) + way + "".join(ends) + _below(f"green: start; red: after {len(path) - 1} flips"),
                       f"The state of a network walks through the plane while it reads {len(path) - 1} flips.")


def _scale(low: Number, high: Number, start: float, end: float) -> Callable:
    return lambda value: float(start + (value - low) / ((high - low) or 1.0) * (end - start))


def _line(points: Points, colour: str, dash: str = "") -> str:
    pairs = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (f'<polyline points="{pairs}" fill="none" stroke="{colour}" stroke-width="2"'
            + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")


def _say(words: str, x: Number, y: Number, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _below(words: str) -> str:
    return _say(words, WIDE / 2, 124, "middle")


def _axis(first: str, title: str, last: str) -> str:
    ground = f'<line x1="{LEFT}" y1="{BOTTOM}" x2="{RIGHT}" y2="{BOTTOM}" stroke="currentColor" stroke-opacity="0.5"/>'
    return ground + _say(first, LEFT, 120, "start") + _say(title, WIDE / 2, 120, "middle") + _say(last, RIGHT, 120, "end")
