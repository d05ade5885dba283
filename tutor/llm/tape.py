"""What prompt vectors are near to: the tokens with the smallest angle, and those at the smallest distance."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tutor.priors import Gaussian
from tutor.rng import stream

NEAREST = 3
CONTROLS = 64


@dataclass(frozen=True)
class Tape:
    """For each of K vectors its nearest tokens by angle and by distance, the nearest first, with cosine and Euclidean distance."""

    by_cosine: Int[Tensor, "K N"]
    cosine: Float[Tensor, "K N"]
    by_distance: Int[Tensor, "K N"]
    distance: Float[Tensor, "K N"]


def tape(vectors: Float[Tensor, "K D"], vocabulary: Float[Tensor, "V D"], most: int = NEAREST) -> Tape:
    """The nearest tokens of each vector. No second copy of the vocabulary is made: it may be most of the machine's memory."""
    lengths, products = vocabulary.norm(dim=1), vectors @ vocabulary.T                             # (V), (K, V)
    own = vectors.norm(dim=1, keepdim=True)
    cosine, by_cosine = (products / (own * lengths).clamp(min=1e-12)).topk(most, dim=1)
    # |p - v|^2 = |p|^2 + |v|^2 - 2 p v finds them; their distances are then taken directly, because the formula loses digits near zero.
    by_distance = (lengths**2 - 2 * products).topk(most, dim=1, largest=False).indices
    distance, order = (vocabulary[by_distance] - vectors[:, None]).norm(dim=2).sort(dim=1)
    return Tape(by_cosine, cosine, by_distance.gather(1, order), distance)


def by_chance(vocabulary: Float[Tensor, "V D"], seed: int = 0, gaussian: Gaussian | None = None) -> float:
    """The cosine with its nearest token that a vector without meaning has, as a mean over draws.

    gaussian: mean and covariance of the vocabulary, from which vectors are drawn that lie as tokens do; without it they have any direction.
    """
    normal = torch.from_numpy(stream(seed, "tape").standard_normal((CONTROLS, vocabulary.shape[1]))).float()
    return tape(normal if gaussian is None else gaussian.at(normal), vocabulary, 1).cosine.mean().item()
