"""What a prompt is worth in flips: the pseudo-counts whose exact predictor comes closest to a network behind that prompt.

To an ideal predictor with a Dirichlet prior a prompt is nothing but counts added to the prior (Genewein et al. 2025,
section 3). Whatever divergence is left after the best counts are found is a part of the prompt that no flips can explain.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.brief_repr import BriefRepr
from tutor.core.types import LogProbs, Tokens
from tutor.predictors import Predictor
from tutor.sources import AbstractSource, DirichletCategorical
from tutor.sources.source import count_before

MIN_COUNT, MAX_COUNT = 1e-2, 1e3
"""Pseudo-counts that are tried: those that a Dirichlet source may have."""


@dataclass(frozen=True, repr=False)
class PseudoCounts(BriefRepr):
    """The Dirichlet predictor nearest to a network on a source: pseudo-counts, and the divergence from it that remains.

    alphas: the pseudo-counts [V]. unexplained: KL(network || exact predictor) in nats, summed over the tokens of a sequence.
    total: the same for the flat prior, one count per side, so that the share explained can be told.
    """

    alphas: Float[np.ndarray, " V"]
    unexplained: float
    total: float

    @property
    def twin(self) -> DirichletCategorical:
        """The exact predictor with these counts."""
        return DirichletCategorical(alphas=tuple(float(a) for a in self.alphas.clip(MIN_COUNT, MAX_COUNT)))

    def beyond(self, prior: AbstractSource) -> Float[np.ndarray, " V"]:
        """Counts that the prompt adds to those of the pretraining source [V]; all of them where that source has none."""
        return self.alphas - np.array(prior.alphas) if isinstance(prior, DirichletCategorical) else self.alphas


@torch.inference_mode()
def fit_pseudo_counts(predictor: Predictor, on: AbstractSource, *, length: int = 50, n: int = 64, seed: int = 0) -> PseudoCounts:
    """Fit pseudo-counts to the predictions of a network: with how many flips would an exact predictor say the same?

    Parameters
    ----------
    on
        Source of the sequences that the network reads.
    length, n, seed
        Tokens per sequence, sequences, and the seed that they are drawn from.

    Returns
    -------
    PseudoCounts
        The counts [V] of least KL(network || exact predictor), and what they leave unexplained (nats).

    Raises
    ------
    ValueError
        Where the vocabularies differ.
    """
    if predictor.vocab != on.vocab:
        raise ValueError(f"predictor has {predictor.vocab} symbols and on has {on.vocab}; both must have the same")
    tokens = on.draw(n, length, seed, stratified=True).tokens
    return nearest_pseudo_counts(predictor(tokens), tokens)


def nearest_pseudo_counts(log_p: LogProbs, tokens: Tokens) -> PseudoCounts:
    """Fit pseudo-counts to given predictions.

    Parameters
    ----------
    log_p
        [B, T, V] in nats; `log_p[:, t]` was made before `tokens[:, t]`.
    tokens
        [B, T] what was then seen.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a quarter of a second that only this needs

    p = log_p.double().exp().numpy()
    counts = count_before(tokens, p.shape[-1]).numpy()
    gained = (p * log_p.double().numpy()).sum() / len(p)

    def divergence(log_alphas: np.ndarray) -> tuple[float, np.ndarray]:
        # KL = sum p log p - sum p_v log q_v with q_v = (a_v + n_v) / (A + n), and its slope in log a.
        alphas = np.exp(log_alphas)
        seen = counts + alphas
        total = seen.sum(-1, keepdims=True)
        slope = (1 / total - p / seen).sum((0, 1)) / len(p)
        return gained - (p * np.log(seen / total)).sum() / len(p), slope * alphas

    sides = p.shape[-1]
    found = minimize(divergence, np.zeros(sides), jac=True, method="L-BFGS-B", bounds=[(np.log(MIN_COUNT), np.log(MAX_COUNT))] * sides)
    return PseudoCounts(np.exp(found.x), max(0.0, float(found.fun)), max(0.0, float(divergence(np.zeros(sides))[0])))
