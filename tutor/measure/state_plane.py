"""What the plane of a PCA shows: do the first two principal components of the states carry step count and heads minus tails?

A probe of all dimensions is no evidence: an untrained LSTM of width 128 already allows one to read both off. Two dimensions are few.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.rng import stream
from tutor.measure.projection import fit_projection
from tutor.measure.states import capture
from tutor.predictors import Predictor
from tutor.sources import AbstractSource

PLANE = 2


@dataclass(frozen=True)
class StatePlane:
    """How well the first two principal components tell the two sufficient statistics of a coin, as R^2 between 0 and 1.

    step_r2, balance_r2: held-out R^2 of a linear regression from the plane to the step count and to heads minus tails.
    steps_on, balance_on: squared correlation of each component alone, the first one first.
    """

    step_r2: float
    balance_r2: float
    steps_on: tuple[float, float]
    balance_on: tuple[float, float]


def measure_state_plane(predictor: Predictor, source: AbstractSource, length: int = 50, n: int = 256, seed: int = 0) -> StatePlane:
    """Regress the two statistics on the plane of a PCA (Genewein et al. 2025, section 4 and the authors' discussion).

    Parameters
    ----------
    length, n, seed
        Sequences of `source`: PCA and regression are fitted on the first half of the `n` and scored on the second.
    """
    tokens = source.sample(n, length + 1, stream(seed, "plane")).tokens
    fitted, scored = (capture(predictor, part) for part in torch.chunk(tokens, 2))
    basis = fit_projection(fitted)
    first = fitted.prompt_end + 1
    planes = [basis(states).coordinates[:, first:, :PLANE].reshape(-1, PLANE) for states in (fitted, scored)]
    steps = np.broadcast_to(np.arange(1.0, length + 1), (n, length))
    balance = np.where(tokens[:, :length].numpy() == 0, 1.0, -1.0).cumsum(1)
    told = {name: [part.reshape(-1) for part in np.array_split(values, 2)] for name, values in (("step", steps), ("balance", balance))}
    alone = {name: tuple(float(np.corrcoef(planes[1][:, c], values[1])[0, 1] ** 2) for c in range(PLANE)) for name, values in told.items()}
    return StatePlane(_r2(planes, told["step"]), _r2(planes, told["balance"]), alone["step"], alone["balance"])


def _r2(planes: list[Float[np.ndarray, "N C"]], wanted: list[Float[np.ndarray, " N"]]) -> float:
    """R^2 on the second part of a regression with intercept that was fitted on the first."""
    with_one = [np.column_stack([plane, np.ones(len(plane))]) for plane in planes]
    weights = np.linalg.lstsq(with_one[0], wanted[0], rcond=None)[0]
    missed = wanted[1] - with_one[1] @ weights
    return float(1 - np.square(missed).sum() / np.square(wanted[1] - wanted[1].mean()).sum())
