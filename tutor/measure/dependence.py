"""Do vectors change with the input, and do ids? Variance, cosines and mutual information, as one number per example.

Every measure here is a mean over examples to first order, so that a bootstrap is one matrix product. Resampling the measure itself
would repeat examples, which makes vectors look more alike and ids more dependent than they are.
"""

import numpy as np
from jaxtyping import Float, Integer, Real

from tutor.core.rng import stream

MAX_CONTROL_EXAMPLES = 2_000
"""Examples that the control of shuffled entries is computed from, at most."""
SHUFFLES = 50


def measure_spread(vectors: Real[np.ndarray, "N D"]) -> tuple[Float[np.ndarray, " N"], Float[np.ndarray, " N"]]:
    """Squared distance from the mean of the inputs (unbiased) and squared norm of each: their means' ratio is the relative variance.

    0 for a constant vector, about 1 for vectors without a common direction. Exactly constant vectors give exactly 0.
    """
    wide = vectors.astype(np.float64)
    shifted = wide - wide[0]                                       # a constant leaves no rounding behind
    apart = np.square(shifted - shifted.mean(0)).sum(1) * len(wide) / (len(wide) - 1)
    return apart, np.square(wide).sum(1)


def cosines_to_others(vectors: Real[np.ndarray, "N D"]) -> Float[np.ndarray, " N"]:
    """Mean cosine of each vector to those of all other inputs; that of a zero vector counts as 1 to a zero vector, else as 0."""
    wide = vectors.astype(np.float64)
    norms = np.linalg.norm(wide, axis=1)
    zero = norms == 0
    units = wide / np.where(zero, 1.0, norms)[:, None]
    among = units @ units.sum(0) - 1.0
    return np.where(zero, zero.sum() - 1.0, among) / (len(wide) - 1)


def shuffle_entries(vectors: Real[np.ndarray, "N D"], seed: int = 0) -> Real[np.ndarray, "M D"]:
    """The control: the same entries of every vector, in an order of its own, so that no two vectors share a direction."""
    return stream(seed, "entries").permuted(vectors[:MAX_CONTROL_EXAMPLES], axis=1)


def local_information(first: Integer[np.ndarray, " N"], second: Integer[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """ln p(x, y) / p(x) p(y) of each pair, less the Miller-Madow bias: their mean is the mutual information in nats (Miller 1955)."""
    n = len(first)
    _, x, of_x = np.unique(first, return_inverse=True, return_counts=True)
    _, y, of_y = np.unique(second, return_inverse=True, return_counts=True)
    _, xy, of_xy = np.unique(x * len(of_y) + y, return_inverse=True, return_counts=True)
    bias = (len(of_xy) - len(of_x) - len(of_y) + 1) / (2 * n)
    return np.log(of_xy[xy] * n / (of_x[x] * of_y[y])) - bias


def shuffled_information(first: Integer[np.ndarray, " N"], second: Integer[np.ndarray, " N"],
                         seed: int = 0) -> Float[np.ndarray, " S"]:
    """The control: the same measure for pairs drawn at random, once per shuffle."""
    rng = stream(seed, "pairs")
    return np.array([local_information(first, rng.permutation(second)).mean() for _ in range(SHUFFLES)])


def hits(needed: Integer[np.ndarray, "N m"], retrieved: Integer[np.ndarray, "N k"]) -> Float[np.ndarray, " N"]:
    """1 where one of the needed entries is among those retrieved, else 0; -1 is no entry where there are several columns."""
    filled = (needed >= 0) | (needed.shape[1] == 1)
    found = [(retrieved == one[:, None]).any(1) & known for one, known in zip(needed.T, filled.T, strict=True)]
    return np.any(found, axis=0).astype(np.float64)


def shuffled_hits(needed: Integer[np.ndarray, "N m"], retrieved: Integer[np.ndarray, "N k"], seed: int = 0) -> Float[np.ndarray, " S"]:
    """The control: the share of hits when every question gets what was retrieved for another, once per shuffle."""
    rng = stream(seed, "hits")
    return np.array([hits(rng.permutation(needed), retrieved).mean() for _ in range(SHUFFLES)])
