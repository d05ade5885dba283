"""Losses and divergences of next-token predictions, in nats."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tutor.core.types import LogProbs, Tokens


def cross_entropy(target: Float[Tensor, "B T V"], log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean of  - sum_v target_v log p_v  over the positions that are asked (nats per token).

    Parameters
    ----------
    target
        [B, T, V] probabilities to predict.
    log_p
        [B, T, V] the predictions, made before each token.
    mask
        [B, T] which positions count; zero is returned where none does.
    """
    return -((target * log_p).sum(-1) * mask).sum() / mask.sum().clamp(min=1)


def mean_log_loss(tokens: Tokens, log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean of  - log p(x_t)  over the positions that are asked (nats per token).

    Parameters
    ----------
    tokens
        [B, T] what was to be predicted.
    log_p
        [B, T, V] the predictions, made before each token.
    mask
        [B, T] which positions count; zero is returned where none does.
    """
    return log_loss(tokens, log_p)[mask].sum() / mask.sum().clamp(min=1)


def mean_kl(log_q: LogProbs, log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean of KL(q || p) over the positions that are asked (nats per token).

    Parameters
    ----------
    log_q, log_p
        [B, T, V] the two predictions of each token.
    mask
        [B, T] which positions count; zero is returned where none does.
    """
    return (kl(log_q, log_p) * mask).sum() / mask.sum().clamp(min=1)


def kl(log_q: LogProbs, log_p: LogProbs) -> Float[Tensor, "B T"]:
    """KL(q || p) of next-token distributions, [B, T] in nats; a token that q rules out costs nothing."""
    return torch.where(log_q > -torch.inf, log_q.exp() * (log_q - log_p), 0.0).sum(-1)


def log_loss(tokens: Tokens, log_p: LogProbs) -> Float[Tensor, "B T"]:
    """- log p(x_t) of the drawn tokens, [B, T] in nats."""
    return -log_p.gather(-1, tokens[..., None]).squeeze(-1)
