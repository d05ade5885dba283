"""Where prompt vectors stand among the tokens of a vocabulary: nearest tokens, distance from the cloud, rank, and how far they went."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.core.brief_repr import BriefRepr
from tutor.core.rng import stream
from tutor.methods.priors import Gaussian

Rows = Float[Tensor, "K D"]
Table = Float[Tensor, "V D"]
RANK_SHARE = 0.95
"""Share of the variance that counts for the effective rank, as in the authors' code of Sedov et al. 2024."""
SPARE_TOKENS = 16
"""Tokens more than asked for that are measured before the nearest are chosen."""


@dataclass(frozen=True, repr=False)
class Neighbours(BriefRepr):
    """The n tokens nearest to each of K vectors, nearest first: ids, cosine similarity and Euclidean distance of each."""

    ids: Int[Tensor, "K n"]
    cosine: Float[Tensor, "K n"]
    distance: Float[Tensor, "K n"]


def neighbours(rows: Rows, vocabulary: Table, n: int = 5, *, by: str = "cosine") -> Neighbours:
    """The tokens nearest to each of K vectors (Lester et al. 2021, section 7).

    No second copy of the vocabulary is made, here and below: of a model from elsewhere it may be most of the machine's memory.

    Parameters
    ----------
    rows
        [K, D] the vectors.
    vocabulary
        [V, D] one vector per token.
    n
        How many tokens per vector, nearest first.
    by
        "cosine" or "distance" (Euclidean).

    Raises
    ------
    ValueError
        For any other `by`.
    """
    if by not in ("cosine", "distance"):
        raise ValueError(f"by is {by}; it must be cosine or distance")
    # |p - v|^2 = |p|^2 + |v|^2 - 2 p v finds the nearest and some more; what is told of them is measured, as the formula loses digits.
    nearness = cosines(rows, vocabulary) if by == "cosine" else 2 * rows @ vocabulary.T - vocabulary.norm(dim=1) ** 2
    ids = nearness.topk(min(n + SPARE_TOKENS, len(vocabulary)), dim=1).indices.sort(dim=1).values  # so that ties go to the first
    near = vocabulary[ids]
    cosine, distance = (F.normalize(near, dim=2) @ F.normalize(rows, dim=1)[:, :, None])[..., 0], (near - rows[:, None]).norm(dim=2)
    order = (-cosine if by == "cosine" else distance).argsort(dim=1, stable=True)[:, :n]
    return Neighbours(*(part.gather(1, order) for part in (ids, cosine, distance)))


def cosines(rows: Rows, vocabulary: Table) -> Float[Tensor, "K V"]:
    """Cosine similarity [K, V] of every vector with every token; zero for a vector of length zero."""
    return F.normalize(rows, dim=1) @ vocabulary.T / vocabulary.norm(dim=1).clamp(min=1e-12)


def nearest_cosine(rows: Rows, vocabulary: Table) -> Float[Tensor, " K"]:
    """Cosine similarity [K] of every vector with the token that it is most similar to."""
    return cosines(rows, vocabulary).amax(1)


def draw_random_like(rows: Rows, seed: int) -> Rows:
    """Vectors [K, D] of the same lengths in random directions: the control for similarity with the nearest token."""
    return F.normalize(_noise(rows, seed), dim=1) * rows.norm(dim=1, keepdim=True)


def draw_gaussian_like(rows: Rows, cloud: Gaussian, seed: int) -> Rows:
    """As many vectors [K, D] drawn from the Gaussian of the tokens: the control for nearness to a token without being one."""
    return cloud.at(_noise(rows, seed))


def _noise(rows: Rows, seed: int) -> Rows:
    return torch.from_numpy(stream(seed, "random", "directions").standard_normal(tuple(rows.shape))).float()


def effective_rank(rows: Rows) -> int:
    """Number of principal directions of the centred vectors [K, D] that hold 95 % of their variance; zero where there is none."""
    variances = torch.linalg.svdvals((rows - rows.mean(0)).double()).square()
    if variances.sum() == 0:
        return 0
    return int((variances.cumsum(0) / variances.sum() < RANK_SHARE - 1e-12).sum()) + 1


def keeps_its_start(starts: Rows, ends: Rows) -> Float[Tensor, " K"]:
    """For each of K vectors, 1 where no start is nearer to its end than its own start, else 0.

    By chance one in K would be 1, if all starts differ.

    Parameters
    ----------
    starts, ends
        [K, D] the same vectors before and after tuning.
    """
    away = torch.cdist(ends, starts)
    return (away.diagonal() <= away.amin(1) + 1e-5).float()


def distance_travelled(starts: Rows, ends: Rows, cloud: Gaussian) -> float:
    """Mean distance between the starts and the ends [K, D] of vectors, in radii of the tokens' cloud."""
    return float((ends - starts).norm(dim=1).mean() / cloud.radius)


@dataclass(frozen=True)
class TokenGeometry:
    """Where some vectors stand among tokens, all as means over the vectors, with controls.

    cosine: with the nearest token. chance, shaped: the same for random directions, and for draws that lie as tokens do.
    distance, apart: to the nearest token, and the same for such draws, in radii of the tokens' cloud.
    mahalanobis: distance from the cloud in standard deviations, by its own shape. rank: the effective rank of the vectors.
    """

    cosine: float
    chance: float
    shaped: float
    distance: float
    apart: float
    mahalanobis: float
    rank: int


def measure_tokens(rows: Rows, vocabulary: Table, cloud: Gaussian, seed: int = 0) -> TokenGeometry:
    """Measure where vectors stand among tokens.

    Parameters
    ----------
    rows
        [K, D] the vectors.
    vocabulary, cloud
        [V, D] the tokens, and the Gaussian that was fitted to them.
    seed
        Of the controls.
    """
    lying = draw_gaussian_like(rows, cloud, seed)

    def away(vectors: Rows) -> float:
        return float(neighbours(vectors, vocabulary, 1, by="distance").distance.mean() / cloud.radius)

    return TokenGeometry(
        float(nearest_cosine(rows, vocabulary).mean()),
        float(nearest_cosine(draw_random_like(rows, seed), vocabulary).mean()),
        float(nearest_cosine(lying, vocabulary).mean()),
        away(rows),
        away(lying),
        float(cloud.distances(rows).mean()),
        effective_rank(rows),
    )
