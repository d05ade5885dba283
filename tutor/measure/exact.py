"""Exact references without sampling: expected regret of ideal predictors by dynamic programming over counts.

The expectation over sequences collapses to one over count vectors, because every source of the coin family is exchangeable.
For each time t the sum runs over all count vectors of t tokens (t + 1 of them for a coin), so nothing is drawn.
"""

import itertools
from math import comb

import numpy as np
import torch
from jaxtyping import Float

from tutor.sources import AbstractExchangeable, DirichletCategorical

MAX_STATES = 200_000
"""Largest number of count vectors at one time step: any coin, a six-sided die up to 27 throws."""
MAX_SEARCH = 2_000_000
"""Largest number of prefixes times count vectors in a search for the best prefix."""


def instant_regret(
    *, predictor: AbstractExchangeable, on: AbstractExchangeable, length: int, prefix: tuple[int, ...] = ()
) -> Float[np.ndarray, " T"]:
    """Expected extra loss per token of an ideal predictor over the generator, who knows the latent. No sampling.

    Parameters
    ----------
    predictor
        The source whose exact posterior predictive makes the predictions.
    on
        The source that the tokens come from.
    length
        Tokens T, 1 to 1000.
    prefix
        A hard prompt, counted by the predictor as data.

    Returns
    -------
    [T]
        Nats per token; entry t is the expectation for the token after t others.

    Raises
    ------
    ValueError
        Where the vocabularies differ, or the exact sum is too large (dice at great length).
    """
    check_exact(predictor, on, length, prefix)
    return _instant_regrets(predictor, on, length, [prefix])[0]


def cumulative_regret(
    *, predictor: AbstractExchangeable, on: AbstractExchangeable, length: int, prefix: tuple[int, ...] = ()
) -> Float[np.ndarray, " T"]:
    """Expected cumulative regret of an ideal predictor over the generator: the running sum of `instant_regret`, with its parameters.

    Returns
    -------
    [T]
        Nats; entry n - 1 is the regret after n tokens.

    Raises
    ------
    ValueError
        As `instant_regret`.
    """
    return instant_regret(predictor=predictor, on=on, length=length, prefix=prefix).cumsum()


def best_hard_prefix(
    *, predictor: AbstractExchangeable, on: AbstractExchangeable, prompt_length: int, length: int
) -> tuple[tuple[int, ...], Float[np.ndarray, " T"]]:
    """PreBayesPT: the hard prefix that helps an ideal predictor most (Genewein et al. 2025, section 3).

    Only counts matter to an ideal predictor, so one sorted prefix per count vector is tried; ties go to the lexicographically
    smallest prefix.

    Parameters
    ----------
    predictor, on
        The source that the predictor knows, and the one that the tokens come from.
    prompt_length
        Tokens of the prefix, 0 to 64.
    length
        Tokens T after which the prefix is judged.

    Returns
    -------
    tuple
        The prefix, and its cumulative regret [T] in nats.

    Raises
    ------
    ValueError
        Where the search would not end.
    """
    check_exact(predictor, on, length, ())
    if not 0 <= prompt_length <= 64:
        raise ValueError(f"prompt_length is {prompt_length}; it must lie between 0 and 64")
    if _vectors(prompt_length, on.vocab) * _vectors(length - 1, on.vocab) > MAX_SEARCH:
        raise ValueError(f"prompt_length is {prompt_length} for {on.vocab} symbols and length {length}; the search would need more "
                         f"than {MAX_SEARCH:,} sums")
    prefixes = list(itertools.combinations_with_replacement(range(on.vocab), prompt_length))   # sorted, lexicographic order
    regrets = _instant_regrets(predictor, on, length, prefixes).cumsum(1)
    best = int(regrets[:, -1].round(12).argmin())
    return prefixes[best], regrets[best]


def best_pseudo_counts(*, on: AbstractExchangeable, length: int) -> tuple[DirichletCategorical, Float[np.ndarray, " T"]]:
    """The Dirichlet predictor, of all pseudo-counts whole or not, that loses least on a source.

    A prompted predictor below this curve is no Bayesian count any more.

    Returns
    -------
    tuple
        The predictor, and its cumulative regret [T] in nats.

    Raises
    ------
    ValueError
        Where the exact sum would not end.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a quarter of a second that only this needs

    check_exact(on, on, length, ())

    def predictor(log_alphas: np.ndarray) -> DirichletCategorical:
        return DirichletCategorical(alphas=tuple(float(a) for a in np.exp(log_alphas).clip(1e-2, 1e3)))

    def lost(log_alphas: np.ndarray) -> float:
        return float(instant_regret(predictor=predictor(log_alphas), on=on, length=length).sum())

    mean = (on.log_predictive(torch.zeros(on.vocab, dtype=torch.float64)).numpy() + np.log(on.vocab)).clip(np.log(1e-2), np.log(1e3))
    corners = mean + np.vstack([np.zeros(on.vocab), np.eye(on.vocab)])
    found = minimize(lost, mean, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6, "initial_simplex": corners})
    best = predictor(found.x)
    return best, cumulative_regret(predictor=best, on=on, length=length)


def baselines(
    *, pretrained: AbstractExchangeable, on: AbstractExchangeable, length: int, prompt_length: int = 6, tuned_length: int = 50
) -> dict[str, Float[np.ndarray, " T"]]:
    """Cumulative regret of the ideal references, by the papers' labels.

    Parameters
    ----------
    pretrained, on
        The pretraining source and the target.
    length
        Tokens T of each curve.
    prompt_length, tuned_length
        The hard prefix of PreBayesPT has so many tokens and is the best after so many.

    Returns
    -------
    dict
        "Oracle" (the generator itself), "TargetBayes", "PreBayes" and "PreBayesPT" -> [T] in nats.
    """
    prefix, _ = best_hard_prefix(predictor=pretrained, on=on, prompt_length=prompt_length, length=tuned_length)
    return {
        "Oracle": np.zeros(length),
        "TargetBayes": cumulative_regret(predictor=on, on=on, length=length),
        "PreBayes": cumulative_regret(predictor=pretrained, on=on, length=length),
        "PreBayesPT": cumulative_regret(predictor=pretrained, on=on, length=length, prefix=prefix),
    }


OF_PRETRAINED = ("PreBayes", "PreBayesPT")
"""Those of `baselines` that are of the pretrained predictor, alone and behind its best prompt."""


def counts_of(total: int, vocab: int) -> Float[torch.Tensor, "M V"]:
    """Every count vector of `total` tokens over `vocab` symbols, in float64."""
    if vocab == 2:
        heads = torch.arange(total + 1, dtype=torch.float64)
        return torch.stack([heads, total - heads], dim=-1)
    bars = torch.tensor(list(itertools.combinations(range(total + vocab - 1), vocab - 1)), dtype=torch.float64)
    edges = torch.cat([torch.full_like(bars[:, :1], -1), bars, torch.full_like(bars[:, :1], total + vocab - 1)], dim=1)
    return edges.diff(dim=1) - 1


def check_exact(predictor: AbstractExchangeable, on: AbstractExchangeable, length: int, prefix: tuple[int, ...]) -> None:
    """Raise ValueError with one sentence where the exact sum makes no sense or would not end."""
    if predictor.vocab != on.vocab:
        raise ValueError(f"predictor has {predictor.vocab} symbols and on has {on.vocab}; both must have the same")
    if not 1 <= length <= 1000:
        raise ValueError(f"length is {length}; it must lie between 1 and 1000")
    if any(not 0 <= token < on.vocab for token in prefix):
        raise ValueError(f"prefix is {prefix}; tokens must lie between 0 and {on.vocab - 1}")
    if _vectors(length - 1, on.vocab) > MAX_STATES:
        raise ValueError(f"length is {length} for {on.vocab} symbols; the exact sum would need more than {MAX_STATES:,} count vectors")


def _vectors(total: int, vocab: int) -> int:
    # How many rows `counts_of` has.
    return comb(total + vocab - 1, vocab - 1)


def _instant_regrets(
    predictor: AbstractExchangeable, on: AbstractExchangeable, length: int, prefixes: list[tuple[int, ...]]
) -> Float[np.ndarray, "P T"]:
    shifts = torch.tensor([[prefix.count(v) for v in range(on.vocab)] for prefix in prefixes], dtype=torch.float64)
    return torch.stack([_expected_kl(predictor, on, counts_of(t, on.vocab), shifts) for t in range(length)], dim=1).numpy()


def _expected_kl(
    predictor: AbstractExchangeable, on: AbstractExchangeable, counts: Float[torch.Tensor, "M V"], shifts: Float[torch.Tensor, "P V"]
) -> Float[torch.Tensor, " P"]:
    # sum_n  P(n) ( E[sum p log p | n]  -  sum_v E[p_v | n] log q_v(n + prefix) )
    total = counts.sum(-1)
    log_ways = torch.lgamma(total + 1) - torch.lgamma(counts + 1).sum(-1)
    weight = (log_ways + on.log_marginal(counts)).exp()                                    # (M,)
    expected = on.log_predictive(counts).exp()                                             # (M, V)
    cross = torch.cat([torch.where(expected > 0, expected * predictor.log_predictive(counts + part[:, None]), 0.0).sum(-1)
                       for part in shifts.split(16)])                                      # (P, M), few prefixes at a time
    # Counts that cannot happen cost nothing, even where the prediction after them is infinitely wrong.
    return torch.where(weight > 0, weight * (on.neg_entropy(counts) - cross), 0.0).sum(-1)
