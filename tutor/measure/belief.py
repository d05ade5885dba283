"""What an ideal predictor believes about a coin's bias: a density, or probabilities of finitely many coins.

A source of another form than the three of the coin family says so by registering here; until then the belief is told
by the share of heads among the next flips, which every exchangeable source knows.
"""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np
import torch
from jaxtyping import Float

from tutor.core.brief_repr import BriefRepr
from tutor.measure import exact
from tutor.sources import AbstractExchangeable, AbstractSource, Categorical, DirichletCategorical, Mixture

GRID = (np.arange(400) + 0.5) / 400
"""Biases at which a density is told; the open interval, because a Beta below one is infinite at its ends."""


@dataclass(frozen=True, repr=False)
class Belief(BriefRepr):
    """Biases (probability of token 0) and what is believed of them: a density where `continuous`, else probabilities."""

    bias: Float[np.ndarray, " M"]
    mass: Float[np.ndarray, " M"]
    continuous: bool


def posterior(source: AbstractSource, counts: tuple[int, ...]) -> Belief:
    """What the ideal predictor of a source believes about the bias towards token 0.

    Parameters
    ----------
    source
        A coin of the exchangeable family.
    counts
        How often each token was seen, (heads, tails).

    Raises
    ------
    ValueError
        Where counts do not say everything: such a source has no bias to believe in.
    """
    if not isinstance(source, AbstractExchangeable):
        raise ValueError(f"the source is {source.label}; a belief about a bias needs coins or dice")
    return _posterior(source, torch.tensor(counts, dtype=torch.float64))


def predict_next(source: AbstractSource, counts: tuple[int, ...]) -> float:
    """Probability that the next token is token 0, after `counts` tokens of each kind."""
    return float(source.log_predictive(torch.tensor(counts, dtype=torch.float64)).exp()[0])


def predict_each_flip(source: AbstractSource, tokens: tuple[int, ...], prefix: tuple[int, ...] = ()) -> Float[np.ndarray, " T1"]:
    """Probability of token 0 before the first flip and after each of `tokens`, a hard `prefix` counted as flips."""
    seen = torch.nn.functional.one_hot(torch.tensor((*prefix, *tokens), dtype=torch.int64), source.vocab).double().cumsum(0)
    counts = torch.cat([torch.zeros(1, source.vocab, dtype=torch.float64), seen])[len(prefix) :]
    return source.log_predictive(counts).exp()[:, 0].numpy()


def bayes_loss(source: AbstractExchangeable, length: int) -> float:
    """Expected log loss (nats per token) of the ideal predictor of `source` over sequences of `length` tokens."""
    generator = -float(source.neg_entropy(torch.zeros(source.vocab, dtype=torch.float64)))
    return generator + float(exact.cumulative_regret(predictor=source, on=source, length=length)[-1]) / length


@singledispatch
def _posterior(source: AbstractExchangeable, counts: torch.Tensor) -> Belief:
    # P(k heads among the next 200 flips): a density of the share of heads, as smooth as 200 flips allow.
    heads = torch.arange(201, dtype=torch.float64)
    future = torch.stack([heads, 200 - heads], dim=-1)
    ways = torch.lgamma(torch.tensor(201.0, dtype=torch.float64)) - torch.lgamma(future + 1).sum(-1)
    log_p = ways + source.log_marginal(counts + future) - source.log_marginal(counts)
    return Belief((heads / 200).numpy(), (log_p.exp() * 200).numpy(), True)


@_posterior.register
def _(source: DirichletCategorical, counts: torch.Tensor) -> Belief:
    alpha = torch.tensor(source.alphas, dtype=torch.float64) + counts
    bias = torch.from_numpy(GRID)
    density = torch.distributions.Beta(alpha[0], alpha[1:].sum()).log_prob(bias).exp()
    return Belief(GRID, density.numpy(), True)


@_posterior.register
def _(source: Mixture, counts: torch.Tensor) -> Belief:
    rows = torch.tensor(source.probs, dtype=torch.float64)
    # The floor gives flips that every coin rules out a posterior all the same (a hard prefix can contradict them all).
    joint = torch.tensor(source.weights, dtype=torch.float64).log() + torch.xlogy(counts, rows.clamp_min(1e-12)).sum(-1)
    return Belief(rows[:, 0].numpy(), joint.softmax(-1).numpy(), False)


@_posterior.register
def _(source: Categorical, counts: torch.Tensor) -> Belief:
    return Belief(np.array(source.probs[:1]), np.ones(1), False)
