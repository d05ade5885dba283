"""Losses and divergences of next-token predictions, in nats."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tutor.conventions import LogProbs, Tokens


def cross_entropy(target: Float[Tensor, "B T V"], log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean over unmasked positions of  - sum_v target_v log p_v  (nats per token); zero where nothing is asked."""
    return -((target * log_p).sum(-1) * mask).sum() / mask.sum().clamp(min=1)


def mean_log_loss(tokens: Tokens, log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean over unmasked positions of - log p(x_t) (nats per token); zero where nothing is asked."""
    return log_loss(tokens, log_p)[mask].sum() / mask.sum().clamp(min=1)


def mean_kl(log_q: LogProbs, log_p: LogProbs, mask: Bool[Tensor, "B T"]) -> Float[Tensor, ""]:
    """Mean over unmasked positions of KL(q || p) (nats per token); zero where nothing is asked."""
    return (kl(log_q, log_p) * mask).sum() / mask.sum().clamp(min=1)


def kl(log_q: LogProbs, log_p: LogProbs) -> Float[Tensor, "B T"]:
    """KL(q || p) of next-token distributions (nats); a token that q rules out costs nothing."""
    return torch.where(log_q > -torch.inf, log_q.exp() * (log_q - log_p), 0.0).sum(-1)


def log_loss(tokens: Tokens, log_p: LogProbs) -> Float[Tensor, "B T"]:
    """- log p(x_t) of the drawn tokens (nats)."""
    return -log_p.gather(-1, tokens[..., None]).squeeze(-1)
