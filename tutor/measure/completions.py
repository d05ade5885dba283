"""How many different things can a first token make a network say: a real one, or a virtual one?"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from tutor.core.rng import Rng
from tutor.core.types import Tokens
from tutor.measure.greedy_decoding import decode_greedily
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import FixedContext

CHUNK = 256
"""Sequences per forward pass."""


Continuations = Int[Tensor, "N T"]


@torch.inference_mode()
def continuations_of_words(predictor: Predictor, length: int = 10) -> Continuations:
    """The tokens that follow greedily after each of the V real first tokens.

    Returns
    -------
    [V, length]
        Row v is what follows token v, without v itself.
    """
    firsts = torch.arange(predictor.vocab)[:, None]
    return torch.cat([_behind(predictor, part, length) for part in firsts.split(CHUNK)])


@torch.inference_mode()
def continuations_of_vectors(predictor: Predictor, vectors: Float[Tensor, "N E"], length: int = 10) -> Continuations:
    """The tokens that follow greedily after each of N virtual first tokens (Petrov et al. 2024, section 3).

    Parameters
    ----------
    vectors
        [N, E] in the space of the network's embeddings.

    Returns
    -------
    [N, length]
        Row n is what follows vector n.
    """
    other, found = predictor.frozen_copy(), []
    for part in vectors.split(CHUNK):
        other.context = FixedContext(part[:, None])
        found.append(_behind(other, torch.empty(len(part), 0, dtype=torch.int64), length))
    return torch.cat(found)


def count_different(found: Continuations) -> int:
    """Number of distinct rows among continuations [N, T]."""
    return len(found.unique(dim=0))


def draw_vectors_like(predictor: Predictor, n: int, rng: Rng, *, spread: float = 1.0) -> Float[Tensor, "N E"]:
    """Vectors drawn from the Gaussian that has the mean and the covariance of the network's token embeddings.

    Parameters
    ----------
    n, rng
        How many, and from which stream or seed.
    spread
        Factor on the standard deviations; the covariance is multiplied by its square.

    Returns
    -------
    [n, E]
    """
    rows = (predictor.embed.weight.T + predictor.embed.bias).detach().double().numpy()
    drawn = np.random.default_rng(rng).multivariate_normal(rows.mean(0), spread**2 * np.cov(rows.T), size=n)
    return torch.from_numpy(drawn).float()


def _behind(predictor: Predictor, tokens: Tokens, length: int) -> Int[Tensor, "B N"]:
    """The `length` tokens that follow greedily."""
    B, T = tokens.shape
    return decode_greedily(predictor, F.pad(tokens, (0, length)), torch.full((B,), T))[:, T:]
