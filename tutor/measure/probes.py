"""Linear probes: can the sufficient statistics of a coin - how many flips, which share was heads - be read off a state?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tutor.core.rng import stream
from tutor.measure.states import capture
from tutor.predictors import Predictor
from tutor.sources import AbstractSource

PENALTY = 1e-3
"""Of the squared weights: enough that states of few dimensions can be solved for, too little to bend a reading."""


@dataclass(frozen=True)
class Probe:
    """Held-out R^2 of a ridge regression from one tap's states to the step count and to the heads ratio."""

    tap: str
    step_r2: float
    ratio_r2: float


def probe(predictor: Predictor, source: AbstractSource, length: int = 50, n: int = 256, seed: int = 0) -> list[Probe]:
    """Linear probes of every tap for the two sufficient statistics of a coin (Genewein et al. 2025, section 4).

    The row after flip t is asked for t and for the heads ratio among those t flips; the row before any flip has no ratio and is left out.

    Parameters
    ----------
    length, n, seed
        Sequences of `source`: the first half of the `n` is fitted on, the second half scored.

    Returns
    -------
    list of Probe
        Held-out R^2 per tap, in network order.
    """
    tokens = source.sample(n, length + 1, stream(seed, "probe")).tokens
    states = capture(predictor, tokens)
    steps = np.broadcast_to(np.arange(1.0, length + 1), (n, length))                        # (B, T)
    ratio = (tokens[:, :length] == 0).numpy().cumsum(1) / steps
    first = states.prompt_end + 1
    return [Probe(tap, held_out_r2(x[:, first:], steps), held_out_r2(x[:, first:], ratio)) for tap, x in states.items()]


def held_out_r2(states: Float[np.ndarray, "B T D"], wanted: Float[np.ndarray, "B T"]) -> float:
    """R^2 on the second half of the sequences of a ridge regression (with an intercept) fitted on the first half."""
    half, x, y = len(states) // 2, states.astype(np.float64), wanted
    flat = [(part.reshape(-1, x.shape[-1]), value.reshape(-1)) for part, value in ((x[:half], y[:half]), (x[half:], y[half:]))]
    (x_fit, y_fit), (x_test, y_test) = flat
    centre, level = x_fit.mean(0), y_fit.mean()
    gram = (x_fit - centre).T @ (x_fit - centre) + PENALTY * np.eye(x.shape[-1])
    weights = np.linalg.solve(gram, (x_fit - centre).T @ (y_fit - level))
    missed = y_test - level - (x_test - centre) @ weights
    return float(1 - np.square(missed).sum() / np.square(y_test - y_test.mean()).sum())
