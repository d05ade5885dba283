"""A bag of coins of one's own: a prior over the bias, drawn as heights or taken from recorded flips, as a finite mixture."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from tutor.sources.mixture import Mixture

COINS = 20
"""Biases of a bag: the middles of twentieths, so that no coin is sure of a side."""
HIGHEST = 9
"""Heights are digits, so that a whole bag fits into an address."""
MOST_BYTES, MOST_LINES, MOST_FLIPS = 1_000_000, 5_000, 1_000
SIDES = {"H": 0, "1": 0, "T": 1, "0": 1}
"""How a flip may be written; as everywhere, token 0 is heads."""


def biases() -> np.ndarray:
    """Probability of heads of each coin [COINS]."""
    return (np.arange(COINS) + 0.5) / COINS


def bag(heights: Sequence[int]) -> Mixture:
    """The mixture in which a coin is as likely as it is high. ValueError where heights are not COINS digits, or all are 0."""
    if len(heights) != COINS or not all(0 <= height <= HIGHEST for height in heights):
        raise ValueError(f"heights are {list(heights)[:30]}; a bag has {COINS} of them, each from 0 to {HIGHEST}")
    if not any(heights):
        raise ValueError("heights are all 0; at least one coin must be in the bag")
    kept = [(bias, height) for bias, height in zip(biases(), heights, strict=True) if height]
    total = sum(height for _, height in kept)
    probs = tuple((float(bias), float(round(1 - bias, 10))) for bias, _ in kept)
    return Mixture(probs=probs, weights=tuple(height / total for _, height in kept))


def recorded(data: bytes) -> list[tuple[int, ...]]:
    """Flips in a CSV file, a line per coin and a cell per flip (H or 1 heads, T or 0 tails; letters may stand together in one cell).

    ValueError names line and column of what is no flip, and says what is too large.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"the file has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is no text: byte {error.start + 1} is no UTF-8") from error
    lines = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=None)), 1):
            if not any(cell.strip() for cell in cells):
                continue
            if len(lines) == MOST_LINES:
                raise ValueError(f"the file has more than {MOST_LINES:,} lines; at most so many are read")
            lines.append(_line(cells, number))
    except csv.Error as error:
        raise ValueError(f"line {len(lines) + 1} is no line of a CSV file: {error}") from error
    if not lines:
        raise ValueError("the file holds no flips; a line is one coin, such as H,T,T,H")
    return lines


def _line(cells: Sequence[str], number: int) -> tuple[int, ...]:
    flips = []
    for column, cell in enumerate(cells, 1):
        for letter in cell.strip().upper():
            if letter not in SIDES:
                said = f"line {number}, column {column}: {cell.strip()[:20]!r} is no flip"
                raise ValueError(f"{said}; write H or 1 for heads, T or 0 for tails")
            flips.append(SIDES[letter])
    if len(flips) > MOST_FLIPS:
        raise ValueError(f"line {number} has {len(flips):,} flips; at most {MOST_FLIPS:,} are read")
    return tuple(flips)


def heights_of(lines: Sequence[Sequence[int]]) -> list[int]:
    """The bag that recorded coins suggest: each coin's belief about its own bias (after a flat prior), added up and rounded to digits."""
    grid, total = biases(), np.zeros(COINS)
    for flips in lines:
        heads = sum(flip == 0 for flip in flips)
        log_p = heads * np.log(grid) + (len(flips) - heads) * np.log1p(-grid)
        p = np.exp(log_p - log_p.max())
        total += p / p.sum()
    return [int(height) for height in np.round(HIGHEST * total / total.max())]
