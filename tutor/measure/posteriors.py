"""Where prompt vectors stand among the tokens of a vocabulary: nearest tokens, distance from the cloud, rank, and how far they went."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.priors import Gaussian
from tutor.rng import stream

Rows = Float[Tensor, "K D"]
Table = Float[Tensor, "V D"]
ENOUGH = 0.95
"""Share of the variance that counts for the effective rank, as in the authors' code of Sedov et al. 2024."""
SPARE = 16
"""Tokens more than asked for that are measured before the nearest are chosen."""


@dataclass(frozen=True)
class Neighbours:
    """The n tokens nearest to each of K vectors, nearest first: ids, cosine similarity and Euclidean distance of each."""

    ids: Int[Tensor, "K n"]
    cosine: Float[Tensor, "K n"]
    distance: Float[Tensor, "K n"]


def neighbours(rows: Rows, vocabulary: Table, n: int = 5, *, by: str = "cosine") -> Neighbours:
    """The nearest tokens by "cosine" or by (Euclidean) "distance" (Lester et al. 2021, section 7). ValueError for any other.

    No second copy of the vocabulary is made, here and below: of a model from elsewhere it may be most of the machine's memory.
    """
    if by not in ("cosine", "distance"):
        raise ValueError(f"by is {by}; it must be cosine or distance")
    # |p - v|^2 = |p|^2 + |v|^2 - 2 p v finds the nearest and some more; what is told of them is measured, as the formula loses digits.
    nearness = cosines(rows, vocabulary) if by == "cosine" else 2 * rows @ vocabulary.T - vocabulary.norm(dim=1) ** 2
    ids = nearness.topk(min(n + SPARE, len(vocabulary)), dim=1).indices.sort(dim=1).values                 # so that ties go to the first
    near = vocabulary[ids]
    cosine, distance = (F.normalize(near, dim=2) @ F.normalize(rows, dim=1)[:, :, None])[..., 0], (near - rows[:, None]).norm(dim=2)
    order = (-cosine if by == "cosine" else distance).argsort(dim=1, stable=True)[:, :n]
    return Neighbours(*(part.gather(1, order) for part in (ids, cosine, distance)))


def cosines(rows: Rows, vocabulary: Table) -> Float[Tensor, "K V"]:
    """Cosine similarity of every vector with every token; zero for a vector of length zero."""
    return F.normalize(rows, dim=1) @ vocabulary.T / vocabulary.norm(dim=1).clamp(min=1e-12)


def nearest_cosine(rows: Rows, vocabulary: Table) -> Float[Tensor, " K"]:
    """Cosine similarity of every vector with the token that it is most similar to."""
    return cosines(rows, vocabulary).amax(1)


def random_like(rows: Rows, seed: int) -> Rows:
    """Vectors of the same lengths in random directions: what similarity with the nearest token comes about by chance."""
    return F.normalize(_noise(rows, seed), dim=1) * rows.norm(dim=1, keepdim=True)


def drawn_like(rows: Rows, cloud: Gaussian, seed: int) -> Rows:
    """As many vectors that lie as the tokens do, mean and covariance: what nearness to a token comes about without being one."""
    return cloud.at(_noise(rows, seed))


def _noise(rows: Rows, seed: int) -> Rows:
    return torch.from_numpy(stream(seed, "random", "directions").standard_normal(tuple(rows.shape))).float()


def effective_rank(rows: Rows) -> int:
    """How many principal directions of the centred vectors hold 95 % of their variance; zero where there is none."""
    variances = torch.linalg.svdvals((rows - rows.mean(0)).double()).square()
    if variances.sum() == 0:
        return 0
    return int((variances.cumsum(0) / variances.sum() < ENOUGH - 1e-12).sum()) + 1


def keeps_its_start(starts: Rows, ends: Rows) -> Float[Tensor, " K"]:
    """1 for each end to which no start is nearer than its own, else 0; by chance 1 in K of them would, if all starts differ."""
    away = torch.cdist(ends, starts)
    return (away.diagonal() <= away.amin(1) + 1e-5).float()


def travelled(starts: Rows, ends: Rows, cloud: Gaussian) -> float:
    """How far vectors went from where they started, as a mean, in radii of the tokens' cloud."""
    return float((ends - starts).norm(dim=1).mean() / cloud.radius)


@dataclass(frozen=True)
class Standing:
    """What can be said of some vectors among tokens: nearest-token cosine, its value for random directions and for draws that lie as
    tokens do, distance to the nearest token and its value for such draws (in radii of the tokens' cloud), Mahalanobis distance from
    that cloud, all as means, and the effective rank.
    """

    cosine: float
    chance: float
    shaped: float
    distance: float
    apart: float
    mahalanobis: float
    rank: int


def standing(rows: Rows, vocabulary: Table, cloud: Gaussian, seed: int = 0) -> Standing:
    """Where vectors stand among tokens of which `cloud` is the Gaussian; `seed` draws the controls."""
    lying = drawn_like(rows, cloud, seed)

    def away(vectors: Rows) -> float:
        return float(neighbours(vectors, vocabulary, 1, by="distance").distance.mean() / cloud.radius)

    return Standing(
        float(nearest_cosine(rows, vocabulary).mean()),
        float(nearest_cosine(random_like(rows, seed), vocabulary).mean()),
        float(nearest_cosine(lying, vocabulary).mean()),
        away(rows),
        away(lying),
        float(cloud.distances(rows).mean()),
        effective_rank(rows),
    )
