"""What can be said of a Markov chain by its transition matrix alone: where it ends up, what it reaches, its parts and its period."""

from math import gcd

import numpy as np
from jaxtyping import Bool, Float, Int

Matrix = Float[np.ndarray, "S S"]

SQUARINGS = 60
"""Doublings of the number of steps after which the average over time stands still in double precision."""


def long_run(matrix: Matrix, start: Float[np.ndarray, " S"]) -> Float[np.ndarray, " S"]:
    """Share of time that a chain spends in each state in the long run, from `start`; it exists for periodic and reducible chains too."""
    # The lazy chain, which stays where it is every other time, has the same shares and no period.
    lazy = (matrix + np.eye(len(matrix))) / 2
    for _ in range(SQUARINGS):
        lazy = lazy @ lazy
        lazy /= lazy.sum(1, keepdims=True)
    return start @ lazy


def find_reached(matrix: Matrix, start: Float[np.ndarray, " S"]) -> Bool[np.ndarray, " S"]:
    """Which states a chain from `start` can ever be in."""
    reached = start > 0
    for _ in range(len(matrix)):
        reached = reached | (matrix[reached] > 0).any(0)
    return reached


def find_parts(matrix: Matrix) -> Int[np.ndarray, " S"]:
    """Number of the part that each state belongs to; no transition leads from one part to another, in either direction."""
    part = np.arange(len(matrix))
    linked = (matrix > 0) | (matrix > 0).T
    for _ in range(len(matrix)):
        part = np.minimum(part, np.where(linked, part, len(matrix)).min(1))
    return np.unique(part, return_inverse=True)[1]


def find_period(matrix: Matrix) -> int:
    """Greatest common divisor of the lengths of all ways from a state back to itself; 1 where there is no rhythm."""
    period, paths = 0, np.eye(len(matrix), dtype=bool)
    for length in range(1, 2 * len(matrix) + 1):
        paths = (paths.astype(int) @ (matrix > 0)) > 0
        if paths.diagonal().any():
            period = gcd(period, length)
    return max(period, 1)
