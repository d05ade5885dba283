"""Regret: how much worse than the generator, and than the exact Bayes predictor, a predictor is on a source."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.losses import kl, log_loss
from tutor.core.threads import compute_piece
from tutor.core.types import REPORTED_AFTER
from tutor.measure import exact
from tutor.predictors import Predictor
from tutor.sources import AbstractExchangeable, AbstractSolved, Batch

CHUNK = 16
"""Sequences per forward pass: bounds the memory of an evaluation, whatever n is, and keeps activations in the cache (measured)."""


@dataclass(frozen=True, repr=False)
class Regret:
    """Mean over sequences, in nats; entry t of a cumulative curve is the sum over the first t + 1 tokens.

    instant, cumulative: above the generator that knows its latent. Expectations over the next token are exact, and so is the
    part that no predictor can avoid, because E KL(truth || model) = E KL(truth || Bayes) + E KL(Bayes || model) and the first
    term needs no sampling in the coin family.
    excess: cumulative, above TargetBayes (the exact posterior predictive of the source): the second term.
    sampled: cumulative above the generator from the log loss of the drawn tokens; agrees with `cumulative`, with more noise.
    """

    instant: Float[np.ndarray, " T"]
    cumulative: Float[np.ndarray, " T"]
    excess: Float[np.ndarray, " T"]
    sampled: Float[np.ndarray, " T"]

    def __repr__(self) -> str:
        length = len(self.cumulative)
        after = [n for n in REPORTED_AFTER if n < length] + [length]
        return f"Regret({', '.join(f'{self.cumulative[n - 1]:.4g} nats after {n}' for n in after)}; excess {self.excess[-1]:.4g})"


@torch.inference_mode()
def evaluate(predictor: Predictor,  # noqa: PLR0913 - all but two have the paper's values
             on: AbstractSolved, length: int = 200, n: int = 2048, seed: int = 1337, *,
             stratified: bool = False) -> Regret:
    """Regret of a predictor over sequences of a source (Genewein et al. 2025, section 2).

    Parameters
    ----------
    predictor
        A network, with or without a prompt.
    on
        A source whose ideal predictor is known.
    length, n, seed
        Tokens per sequence, sequences, and the seed that they are drawn from.
    stratified
        Spread the sequences evenly over the source, for less noise from as many.

    Returns
    -------
    Regret
        Curves [T] in nats: `instant` and `cumulative` over the generator, `excess` over the ideal predictor of `on`, and
        `sampled`, which is `cumulative` without any exact expectation.

    Raises
    ------
    ValueError
        Where the vocabularies differ.
    """
    if predictor.vocab != on.vocab:
        raise ValueError(f"predictor has {predictor.vocab} symbols and on has {on.vocab}; both must have the same")
    batch = on.draw(n, length, seed, stratified=stratified)
    totals = torch.zeros(3, length, dtype=torch.float64)
    for part in batch.parts(CHUNK):
        totals += compute_piece(lambda part=part: _excesses(predictor, on, part))
    unavoidable, excess, sampled = (totals / n).numpy()
    instant = unavoidable_regret(on, length, unavoidable) + excess
    return Regret(instant=instant, cumulative=instant.cumsum(), excess=excess.cumsum(), sampled=sampled.cumsum())


def unavoidable_regret(on: AbstractSolved, length: int, sampled: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"]:
    """Instant regret [T] (nats) of the exact Bayes predictor: by dynamic programming where that is possible, else as `sampled`."""
    if not isinstance(on, AbstractExchangeable):
        return sampled
    try:
        return _exactly(on, length)
    except ValueError:                             # more dice than counts can be listed for
        return sampled


@lru_cache(maxsize=64)
def _exactly(on: AbstractExchangeable, length: int) -> Float[np.ndarray, " T"]:
    # Every repetition of a run asks the same.
    found = exact.instant_regret(predictor=on, on=on, length=length)
    found.setflags(write=False)
    return found


def _excesses(predictor: Predictor, on: AbstractSolved, batch: Batch) -> Float[torch.Tensor, "three T"]:
    # Summed over sequences: KL of Bayes from the truth, KL of the model from Bayes, sampled log loss minus the truth's.
    log_p = predictor(batch.tokens).double()
    log_truth, log_bayes = on.log_truth(batch), on.log_bayes(batch.tokens)
    sampled = log_loss(batch.tokens, log_p) - log_loss(batch.tokens, log_truth)
    found = torch.stack([kl(log_truth, log_bayes), kl(log_bayes, log_p), sampled])
    return torch.where(batch.mask, found, 0.0).sum(1)
