"""Beliefs about hidden states: the exact ones, and how far a linear map reads them off a network's states (Shai et al. 2024).

A belief that is linear in the next-token probabilities says nothing of a network beyond its predictions. So a score stands beside what the
same map reads from an untrained network, from next-token probabilities, and from the last tokens.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch.nn import functional as F

from tutor.core.rng import stream
from tutor.core.types import Tokens
from tutor.measure.states import capture
from tutor.predictors import Predictor
from tutor.sources import AbstractSource, HiddenMarkov

RIDGE = 1e-6
"""Of the mean squared state: what keeps a map solvable whose inputs depend on one another, and bends no reading."""
LAST = 4
"""Tokens of the reading from the last tokens."""

Beliefs = Float[np.ndarray, "B T1 S"]


def check_hidden(source: AbstractSource) -> HiddenMarkov:
    """The source itself. Raises ValueError, one sentence, where it has no hidden states to believe in."""
    if not isinstance(source, HiddenMarkov):
        raise ValueError(f"the source is {source.label}; beliefs about hidden states need a hidden Markov source")
    return source


def believe(source: AbstractSource, tokens: Tokens) -> Beliefs:
    """What the ideal predictor believes of the hidden state before every token and after the last.

    Parameters
    ----------
    source
        A HiddenMarkov.
    tokens
        [B, T].

    Returns
    -------
    [B, T + 1, S]
        Probabilities; entry t has seen the tokens before t.

    Raises
    ------
    ValueError
        Where the source has no hidden states, or a token is none of its.
    """
    return check_hidden(source).log_beliefs(tokens).exp().numpy()


@dataclass(frozen=True)
class LinearMap:
    """An affine map from vectors [..., D] to values [..., S]."""

    weights: Float[np.ndarray, "D S"]
    centre: Float[np.ndarray, " D"]
    level: Float[np.ndarray, " S"]

    def __call__(self, x: Float[np.ndarray, "*batch D"]) -> Float[np.ndarray, "*batch S"]:
        return self.level + (x - self.centre) @ self.weights


def fit_map(x: Float[np.ndarray, "*batch D"], y: Float[np.ndarray, "*batch S"]) -> LinearMap:
    """The affine map with the least squared error from x to y.

    From states to beliefs it reads a belief off; from beliefs to states it says which vector moves a belief. The inverse of the
    first is not the second.
    """
    x, y = x.reshape(-1, x.shape[-1]).astype(np.float64), y.reshape(-1, y.shape[-1])
    centre, level = x.mean(0), y.mean(0)
    gram = (x - centre).T @ (x - centre)
    gram += RIDGE * max(gram.diagonal().mean(), 1e-12) * np.eye(len(gram))
    return LinearMap(np.linalg.solve(gram, (x - centre).T @ (y - level)), centre, level)


def held_out_r2(x: Float[np.ndarray, "B T D"], y: Float[np.ndarray, "B T S"]) -> float:
    """R^2, over all values together, on the second half of the sequences of a map that is fitted on the first half."""
    half = len(x) // 2
    missed = y[half:] - fit_map(x[:half], y[:half])(x[half:].astype(np.float64))
    return float(1 - np.square(missed).sum() / np.square(y[half:] - y[half:].mean((0, 1))).sum())


@dataclass(frozen=True)
class BeliefScores:
    """Held-out R^2 of linear maps to the exact belief, and of the part of it that no next-token probability tells.

    taps: of every tap of the network; untrained: of the same taps before training. probabilities: from the exact next-token probabilities.
    last_tokens: from the last four tokens. residual: of every tap, to what the map from the probabilities leaves over; NaN where it
    leaves nothing.
    """

    taps: dict[str, float]
    untrained: dict[str, float]
    probabilities: float
    last_tokens: float
    residual: dict[str, float]


def score_beliefs(predictor: Predictor, untrained: Predictor, source: AbstractSource, *,  # noqa: PLR0913 - the rest has defaults
                  length: int = 16, n: int = 512, seed: int = 0) -> BeliefScores:
    """How far the belief of the ideal predictor can be read off the states of a network, and off less than them.

    Parameters
    ----------
    predictor, untrained
        The network, and the same before training.
    source
        The hidden Markov source whose belief is asked for.
    length, n, seed
        Sequences of it: the first half of the `n` is fitted on, the second half scored.

    Returns
    -------
    BeliefScores
        1 is perfect; 0 is no better than the mean belief.

    Raises
    ------
    ValueError
        Where the source has no hidden states.
    """
    tokens = check_hidden(source).sample(n, length, stream(seed, "belief")).tokens
    wanted = believe(source, tokens)[:, :length]                                             # row t has seen the tokens before t
    said = source.log_bayes(tokens).exp().numpy()
    half = n // 2
    left = wanted - fit_map(said[:half], wanted[:half])(said)
    trained, before = read_states(predictor, tokens), read_states(untrained, tokens)
    spread = np.square(left).mean() / np.square(wanted - wanted.mean((0, 1))).mean()
    return BeliefScores(
        taps={tap: held_out_r2(x, wanted) for tap, x in trained.items()},
        untrained={tap: held_out_r2(x, wanted) for tap, x in before.items()},
        probabilities=held_out_r2(said, wanted),
        last_tokens=held_out_r2(list_last_tokens(tokens, source.vocab), wanted),
        residual={tap: held_out_r2(x, left) if spread > 1e-6 else float("nan") for tap, x in trained.items()})


def read_states(predictor: Predictor, tokens: Tokens) -> dict[str, Float[np.ndarray, "B T D"]]:
    """States by tap whose row t has read the prompt and the tokens before t."""
    states = capture(predictor, tokens)
    return {tap: x[:, states.prompt_end:states.prompt_end + tokens.shape[1]] for tap, x in states.items()}


def list_last_tokens(tokens: Tokens, vocab: int) -> Float[np.ndarray, "B T LV"]:
    """The last LAST tokens before each position as one-hot vectors side by side; zeros where there was none."""
    seen = F.one_hot(tokens, vocab).double()
    before = F.pad(seen, (0, 0, LAST, 0))
    T = tokens.shape[1]
    return torch.cat([before[:, LAST - back:LAST - back + T] for back in range(1, LAST + 1)], dim=-1).numpy()
