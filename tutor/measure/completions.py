"""How many different things can a first token make a network say: a real one, or a virtual one?"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.conventions import Tokens
from tutor.measure.decoding import greedy
from tutor.predictors import Predictor
from tutor.predictors.prompts import FixedContext
from tutor.rng import Rng

CHUNK = 256
"""Sequences per forward pass."""


Continuations = Int[Tensor, "N T"]


@torch.inference_mode()
def continuations_of_words(predictor: Predictor, length: int = 10) -> Continuations:
    """The `length` tokens that follow greedily after each of the V real first tokens."""
    firsts = torch.arange(predictor.vocab)[:, None]
    return torch.cat([_behind(predictor, part, length) for part in firsts.split(CHUNK)])


@torch.inference_mode()
def continuations_of_vectors(predictor: Predictor, vectors: Float[Tensor, "N E"], length: int = 10) -> Continuations:
    """The same after each of N virtual first tokens (Petrov et al. 2024, section 3)."""
    other, found = predictor.frozen_copy(), []
    for part in vectors.split(CHUNK):
        other.context = FixedContext(part[:, None])
        found.append(_behind(other, torch.empty(len(part), 0, dtype=torch.int64), length))
    return torch.cat(found)


def different(found: Continuations) -> int:
    """How many of them are not the same as another before."""
    return len(found.unique(dim=0))


def vectors_like(predictor: Predictor, n: int, rng: Rng, *, spread: float = 1.0) -> Float[Tensor, "N E"]:
    """n vectors from the Gaussian of the token embeddings' mean and covariance, the covariance times `spread` squared."""
    rows = (predictor.embed.weight.T + predictor.embed.bias).detach().double().numpy()
    drawn = np.random.default_rng(rng).multivariate_normal(rows.mean(0), spread**2 * np.cov(rows.T), size=n)
    return torch.from_numpy(drawn).float()


def _behind(predictor: Predictor, tokens: Tokens, length: int) -> Int[Tensor, "B N"]:
    """The `length` tokens that follow greedily."""
    B, T = tokens.shape
    return greedy(predictor, F.pad(tokens, (0, length)), torch.full((B,), T))[:, T:]
