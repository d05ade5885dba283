"""Greedy decoding: the likeliest next token, read again."""

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.core.types import Tokens
from tutor.predictors import Predictor


@torch.inference_mode()
def decode_greedily(predictor: Predictor, tokens: Tokens, starts: Int[Tensor, " B"], end: int | None = None) -> Tokens:
    """The same sequences with everything from `starts` on replaced by the likeliest token after what stands before it.

    With `end` it stops as soon as every sequence has written that token.
    """
    written, columns = tokens.clone(), torch.arange(tokens.shape[1])
    for t in range(int(starts.min()), tokens.shape[1]):
        likeliest = predictor.likeliest(written[:, :t + 1], (columns[:t + 1] == t).expand(len(written), -1))[:, t]
        written[:, t] = torch.where(starts <= t, likeliest, written[:, t])
        if end is not None and ((written == end) & (columns >= starts[:, None]) & (columns <= t)).any(1).all():
            break
    return written
