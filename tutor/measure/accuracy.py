"""Exact match: the share of answers that greedy decoding gets right as a whole."""

import torch
from jaxtyping import Bool
from torch import Tensor
from torch.nn import functional as F

from tutor.core.types import Mask, Tokens
from tutor.predictors import Predictor
from tutor.sources import AbstractSource

CHUNK = 64
"""Sequences per forward pass."""


@torch.inference_mode()
def accuracy(predictor: Predictor, on: AbstractSource, n: int = 1024, seed: int = 1337, length: int | None = None) -> float:
    """Share of the answers in `n` held-out sequences that greedy decoding gets right in every token (Petrov et al. 2024, section 5).

    Parameters
    ----------
    on
        A source that asks something: an answer is a run of tokens under its mask.
    n, seed
        How many sequences are drawn from what training never draws, and from which seed.
    length
        Tokens per sequence; the source's natural length when not given.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        Where the source asks nothing.
    """
    if not on.has_answers:
        raise ValueError(f"{on.label} has no answers; exact match is defined where a source asks something")
    batch = on.held_out().sample(n, length or on.natural_length, seed)
    right = [exact_matches(predictor.likeliest(part.tokens, part.mask), part.tokens, part.mask) for part in batch.parts(CHUNK)]
    return torch.cat(right).double().mean().item()


def exact_matches(said: Tokens, tokens: Tokens, asked: Mask) -> Bool[Tensor, " answers"]:
    """For every answer (a run of asked tokens) in order, whether greedy decoding gives it.

    Parameters
    ----------
    said
        [B, T] the likeliest token after the true ones before it: an answer is decoded right exactly where all of its tokens are that.
    tokens, asked
        [B, T] the true tokens, and which of them belong to an answer.
    """
    starts = answer_starts(asked)
    answer = starts.flatten().cumsum(0) - 1                                          # to which answer each place belongs
    wrong = (said != tokens).long()[asked]
    return torch.zeros(int(starts.sum()), dtype=torch.int64).index_add(0, answer[asked.flatten()], wrong) == 0


def answer_starts(asked: Mask) -> Mask:
    """The first place of every answer: asked, while the place before it is not."""
    return asked & ~F.pad(asked, (1, 0))[:, :-1]
