"""A bag of coins of one's own: a prior over the bias, drawn as heights or taken from recorded flips, as a finite mixture."""

from collections.abc import Sequence

import numpy as np

from tutor.sources.flips_file import FlipsError, parse_flips
from tutor.sources.mixture import Mixture

__all__ = ["COINS", "HIGHEST", "FlipsError", "heights_of", "list_biases", "make_bag", "parse_flips"]

COINS = 20
"""Biases of a bag: the middles of twentieths, so that no coin is sure of a side."""
HIGHEST = 9
"""Heights are digits, so that a whole bag fits into an address."""


def list_biases() -> np.ndarray:
    """Probability of heads of each coin of the bag, [COINS], from low to high."""
    return (np.arange(COINS) + 0.5) / COINS


def make_bag(heights: Sequence[int]) -> Mixture:
    """The mixture in which a coin is as likely as it is high.

    Parameters
    ----------
    heights
        COINS digits from 0 to HIGHEST.

    Raises
    ------
    ValueError
        Where they are not, or all are 0.
    """
    if len(heights) != COINS or not all(0 <= height <= HIGHEST for height in heights):
        raise ValueError(f"heights are {list(heights)[:30]}; a bag has {COINS} of them, each from 0 to {HIGHEST}")
    if not any(heights):
        raise ValueError("heights are all 0; at least one coin must be in the bag")
    kept = [(bias, height) for bias, height in zip(list_biases(), heights, strict=True) if height]
    total = sum(height for _, height in kept)
    probs = tuple((float(bias), float(round(1 - bias, 10))) for bias, _ in kept)
    return Mixture(probs=probs, weights=tuple(height / total for _, height in kept))


def heights_of(lines: Sequence[Sequence[int]]) -> list[int]:
    """The bag that recorded coins suggest: each coin's posterior about its own bias (flat prior), added up and rounded to digits.

    Parameters
    ----------
    lines
        The flips of every coin, 0 for heads.
    """
    grid, total = list_biases(), np.zeros(COINS)
    for flips in lines:
        heads = sum(flip == 0 for flip in flips)
        log_p = heads * np.log(grid) + (len(flips) - heads) * np.log1p(-grid)
        p = np.exp(log_p - log_p.max())
        total += p / p.sum()
    return [int(height) for height in np.round(HIGHEST * total / total.max())]
