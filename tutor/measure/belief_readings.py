"""What each layer of a network says of the hidden state, read by the best linear map that this network has at this moment.

A map is fitted anew for every network and moment. So an untrained network gets its fair chance, and nothing that is seen comes from
a map that knows the finished network.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from tutor.core.rng import stream
from tutor.core.types import Tokens
from tutor.measure.belief_map import Beliefs, LinearMap, believe, check_hidden, fit_map, read_states
from tutor.predictors import Predictor
from tutor.predictors.taps import tap_names
from tutor.sources import AbstractSource, HiddenMarkov

FITTED, SHOWN = 160, 96
"""Sequences on which a map is fitted, and other ones that it is shown on."""
LONGEST = 16
"""Tokens of such a sequence."""
LAYER = re.compile(r"body\.\w+\.\d+\.")
OUTPUTS = ("hidden", "resid_post")
"""What the output of a layer is called."""


@dataclass(frozen=True)
class BeliefReadings:
    """Beliefs read off the layers of a network.

    taps: what every layer passes on, from the first layer up. points: beliefs read before each token of sequences that no map was
    fitted on; they sum to 1 and may lie outside 0 to 1. maps: one per layer.
    """

    taps: tuple[str, ...]
    points: Float[np.ndarray, "L B T S"]
    maps: tuple[LinearMap, ...]


def list_layers(predictor: Predictor) -> tuple[str, ...]:
    """The tap of what every layer passes on, from the first layer up; its last tap where it is called otherwise."""
    chosen: dict[str, str] = {}
    for name in tap_names(predictor):
        found = LAYER.match(name)
        if found and not chosen.get(found.group(), "").endswith(OUTPUTS):
            chosen[found.group()] = name
    return tuple(chosen.values())


@lru_cache(maxsize=16)
def draw_histories(source: HiddenMarkov, length: int) -> Tokens:
    """The sequences [FITTED + SHOWN, T] that beliefs are read on, the same every time; at most LONGEST tokens each."""
    return source.sample(FITTED + SHOWN, min(length, LONGEST), stream(0, "belief readings")).tokens


@lru_cache(maxsize=16)
def believe_histories(source: HiddenMarkov, length: int) -> Beliefs:
    """The exact belief before each token of `draw_histories`; the last SHOWN sequences are those that are shown."""
    tokens = draw_histories(source, length)
    return believe(source, tokens)[:, :tokens.shape[1]]


def read_layers(predictor: Predictor, source: AbstractSource, length: int = LONGEST) -> BeliefReadings:
    """Read the belief about the hidden state off every layer of a network.

    Parameters
    ----------
    source
        The hidden Markov source whose belief is asked for.
    length
        Tokens of a sequence; more than LONGEST are not read.

    Raises
    ------
    ValueError
        Where the source has no hidden states.
    """
    hidden = check_hidden(source)
    wanted, states = believe_histories(hidden, length), read_states(predictor, draw_histories(hidden, length))
    taps = list_layers(predictor)
    maps = tuple(fit_map(states[tap][:FITTED], wanted[:FITTED]) for tap in taps)
    points = np.stack([one(states[tap][FITTED:].astype(np.float64)) for one, tap in zip(maps, taps, strict=True)])
    return BeliefReadings(taps, points, maps)


def score_readings(points: Float[np.ndarray, "*L B T S"], exact: Beliefs) -> Float[np.ndarray, "*L"]:
    """R^2 of what was read, over all values together: 1 is perfect, 0 no better than the mean belief."""
    missed = np.square(points - exact).sum((-3, -2, -1))
    return 1 - missed / np.square(exact - exact.mean((0, 1))).sum()
