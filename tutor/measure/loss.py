"""Held-out loss: what the predictions of a network cost where the ideal predictor is not known."""

import torch

from tutor.measure.accuracy import CHUNK
from tutor.predictors import Predictor
from tutor.sources import AbstractSource


@torch.inference_mode()
def held_out_loss(predictor: Predictor, on: AbstractSource, n: int = 256, seed: int = 1337, length: int | None = None) -> float:
    """Mean log loss of the tokens that are asked, over `n` sequences that training never draws.

    Parameters
    ----------
    length
        Tokens per sequence; the source's natural length when not given.

    Returns
    -------
    float
        Nats per asked token.
    """
    batch = on.held_out().sample(n, length or on.natural_length, seed)
    total = sum(predictor.mean_loss(part.tokens, part.mask).double() * part.mask.sum() for part in batch.parts(CHUNK))
    return (total / batch.mask.sum()).item()
