"""Order: an ideal Bayes predictor of a coin does not care in which order the flips came. How much does a network?"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.brief_repr import BriefRepr
from tutor.core.rng import stream
from tutor.core.types import REPORTED_AFTER
from tutor.predictors import Predictor
from tutor.sources import AbstractSource


@dataclass(frozen=True, repr=False)
class OrderSensitivity(BriefRepr):
    """Per number of flips seen [T]: mean over sequences of the divergence (nats) between the prediction after one order of
    the same flips and the mean prediction over all tried orders (the Jensen-Shannon divergence of the orders)."""

    divergence: Float[np.ndarray, " T"]
    at: tuple[int, ...]


@torch.inference_mode()
def order_sensitivity(
    predictor: Predictor, source: AbstractSource, at: tuple[int, ...] = REPORTED_AFTER, *, n: int = 64, shuffles: int = 16
) -> OrderSensitivity:
    """How far predictions depend on the order of the flips seen: the same flips are shuffled and the predictions of the next one compared.

    An exact Bayes predictor of a coin scores 0 (exchangeability, de Finetti).

    Parameters
    ----------
    at
        Numbers of flips after which predictions are compared.
    n, shuffles
        Sequences, and orders tried of each.

    Returns
    -------
    OrderSensitivity
        Jensen-Shannon divergence in nats, one number per entry of `at`.
    """
    rng = stream(0, "order")
    return OrderSensitivity(np.array([_spread(predictor, source.sample(n, t, rng).tokens, shuffles, rng) for t in at]), at)


def _spread(predictor: Predictor, tokens: torch.Tensor, shuffles: int, rng: np.random.Generator) -> float:
    n, length = tokens.shape
    orders = torch.from_numpy(rng.permuted(np.tile(tokens.numpy(), (shuffles, 1, 1)), axis=2))  # (S, B, T)
    padded = torch.nn.functional.pad(orders.reshape(-1, length), (0, 1))  # the last token is only predicted
    log_p = predictor(padded)[:, -1].double().reshape(shuffles, n, -1)
    p = log_p.exp()
    mean = p.mean(0, keepdim=True)
    return float((p * (log_p - mean.log())).sum(-1).mean())
