"""How far the states behind a prompt lie off those that sequences without a prompt reach: the source's own distribution of states.

A plane of two components shows only a part of that, so there are two shares: what lies off the plane, and what lies off the span of
all components that carry the states of the pretraining source. A share is of the squared distance from the middle of those states.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tutor.core.rng import stream
from tutor.measure.states import States, capture
from tutor.predictors import Predictor
from tutor.sources import AbstractSource

PLANE = 2
CARRIED = 0.99
"""Of the variance of the states that flips reach: what the components of their span hold."""
SEQUENCES = 100
"""Without a prompt, on which plane and span are fitted; as in Genewein et al. 2025, Fig. 5."""
FOLLOWED = 16
"""Sequences of the target behind the prompt."""


@dataclass(frozen=True)
class OffShares:
    """Shares (0 to 1) of the squared distance from the middle of the states that flips reach.

    plane: off the plane of the first two components. span: off the components that carry 99 % of the variance of those states.
    """

    plane: float
    span: float


@dataclass(frozen=True)
class StateSpan:
    """The states that a network reaches without a prompt: their middle, and their principal directions by falling variance.

    `carrying` is the number of directions that hold CARRIED of the variance.
    """

    mean: Float[np.ndarray, " D"]
    directions: Float[np.ndarray, "R D"]
    carrying: int

    def shares(self, states: Float[np.ndarray, "*any D"]) -> OffShares:
        """Return how much of the squared distance of states from the middle lies off the plane, and off the span."""
        centred = states.reshape(-1, len(self.mean)) - self.mean
        along, whole = np.square(centred @ self.directions.T).sum(0), np.square(centred).sum()
        return OffShares(*(float(1 - along[:kept].sum() / whole) for kept in (PLANE, self.carrying)))


def fit_state_span(predictor: Predictor, source: AbstractSource, length: int, seed: int = 0) -> StateSpan:
    """Fit the span of the states after 1 to `length` tokens of a source, at the taps of the paper's PCA, layers side by side.

    Parameters
    ----------
    length
        Tokens per sequence; it should cover prompt and data, because positions are part of a Transformer's states.
    """
    states = states_behind_prompt(capture(predictor, source.sample(SEQUENCES, length, stream(seed, "span")).tokens))[:, 1:]
    flat = states.reshape(-1, states.shape[-1])
    mean = flat.mean(0)
    _, sizes, directions = np.linalg.svd(flat - mean, full_matrices=False)
    held = np.cumsum(sizes**2) / np.square(sizes).sum()
    return StateSpan(mean, directions, int(np.searchsorted(held, CARRIED)) + 1)


def measure_off_distribution(span: StateSpan, tuned: Predictor, on: AbstractSource, length: int, seed: int = 0) -> OffShares:
    """Measure the states of a tuned network from the end of its prompt on, over sequences of its target.

    Parameters
    ----------
    span
        Of the network before it was tuned.
    length
        Tokens of each sequence behind the prompt.
    """
    return span.shares(states_behind_prompt(capture(tuned, on.sample(FOLLOWED, length, stream(seed, "trail")).tokens)))


def states_behind_prompt(states: States) -> Float[np.ndarray, "B T1 D"]:
    """Cut off what stands before the end of the prompt; row t is the state after t tokens of data."""
    return states.joined()[:, states.prompt_end:].astype(np.float64)


