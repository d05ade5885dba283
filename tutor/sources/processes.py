"""Hidden Markov processes that are known by a name, as transition-emission matrices T[token][state][next state]."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from tutor.sources.matrix_text import Tensor3

Matrices = Float[np.ndarray, "V S S"]


def mess3(x: float = 0.05, alpha: float = 0.85) -> Tensor3:
    """Three states, each of which mostly shows its own token (Shai et al. 2024, section 3); its beliefs are a fractal.

    Parameters
    ----------
    x
        Probability of moving to each of the two other states.
    alpha
        Probability that a token is that of the new state.
    """
    moves = np.full((3, 3), x) + np.eye(3) * (1 - 3 * x)
    return _written(np.stack([moves * np.where(np.arange(3) == v, alpha, (1 - alpha) / 2) for v in range(3)]))


def z1r(noise: float = 0.1) -> Tensor3:
    """Zero, one, random (Shai et al. 2024, section 2): a 0, a 1, then a fair coin, and again.

    Parameters
    ----------
    noise
        Probability that a token is flipped.
    """
    clean = np.zeros((2, 3, 3))
    clean[0, 0, 1] = clean[1, 1, 2] = 1
    clean[:, 2, 0] = 0.5
    return _written(_flipped(clean, noise))


def rrxor(noise: float = 0.1) -> Tensor3:
    """Random, random, their exclusive or, and again: five states; `noise` is the probability that a token is flipped."""
    start, after = 0, {0: 1, 1: 2}
    equal, unequal = 3, 4
    clean = np.zeros((2, 5, 5))
    for first, state in after.items():
        clean[first, start, state] = 0.5
        for second in (0, 1):
            clean[second, state, unequal if first != second else equal] = 0.5
    clean[0, equal, start] = clean[1, unequal, start] = 1
    return _written(_flipped(clean, noise))


def golden_mean() -> Tensor3:
    """No two ones in a row: a fair coin decides after a 0, and after a 1 there comes a 0 for certain."""
    clean = np.zeros((2, 2, 2))
    clean[0, 0, 0] = clean[1, 0, 1] = 0.5
    clean[0, 1, 0] = 1
    return _written(clean)


def join(*processes: Tensor3) -> Tensor3:
    """A family: the states of several processes side by side, none of which leads to another.

    Raises
    ------
    ValueError
        Where the processes have different numbers of tokens.
    """
    tokens = {len(one) for one in processes}
    if len(tokens) != 1:
        raise ValueError(f"the processes have {' and '.join(map(str, sorted(tokens)))} tokens; a family needs the same number in all")
    sizes = [len(one[0]) for one in processes]
    joined = np.zeros((tokens.pop(), sum(sizes), sum(sizes)))
    for one, size, end in zip(processes, sizes, np.cumsum(sizes), strict=True):
        joined[:, end - size:end, end - size:end] = one
    return _written(joined)


PROCESSES: dict[str, Callable[[], Tensor3]] = {
    "Mess3": mess3,
    "Mess3, slow": lambda: mess3(x=0.15, alpha=0.6),
    "Z1R, noisy": z1r,
    "RRXOR, noisy": rrxor,
    "Golden mean": golden_mean,
    "Two Mess3": lambda: join(mess3(), mess3(x=0.15, alpha=0.6)),
}
"""Processes by the name under which a specification may call them."""


def _flipped(clean: Matrices, noise: float) -> Matrices:
    return (1 - noise) * clean + noise * clean[::-1]


def _written(matrices: Matrices) -> Tensor3:
    """Rounded so that a product such as 0.05 * 0.85 is written as anyone would write it."""
    return tuple(tuple(tuple(float(round(p, 12)) for p in row) for row in one) for one in matrices)
