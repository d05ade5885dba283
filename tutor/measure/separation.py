"""How far labelled points lie apart, of any network and any texts: silhouette, linear probe, distances of centroids; with bootstraps."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float, Integer

from tutor.core.rng import stream

RIDGE = 1e-2
"""Penalty of the probe's squared weights, on standardised states of groups that weigh one each."""
ROUNDING = 1e-12
"""Squares about a centroid, as a share of all squares, that are errors of rounding."""


@dataclass(frozen=True)
class BootstrapValue:
    """A measured number, and what it would have been with other texts: bootstrap draws [R], NaN where one says nothing."""

    value: float
    draws: Float[np.ndarray, " R"]

    @property
    def interval(self) -> tuple[float, float]:
        """95 % bootstrap interval (percentiles)."""
        return self.between(0.025, 0.975)

    def between(self, low: float, high: float) -> tuple[float, float]:
        """Two quantiles of the draws that say something; NaN where none does."""
        known = _known(self.draws)
        return (float(np.quantile(known, low)), float(np.quantile(known, high))) if len(known) else (np.nan, np.nan)

    @classmethod
    def over(cls, draws: Float[np.ndarray, " R"]) -> "BootstrapValue":
        """The mean of the draws that say something, and the draws."""
        known = _known(draws)
        return cls(float(known.mean()) if len(known) else np.nan, draws)


def _known(draws: Float[np.ndarray, " R"]) -> Float[np.ndarray, " K"]:
    return draws[~np.isnan(draws)]


def draw_resamples(labels: Integer[np.ndarray, " N"], draws: int, seed: int = 0) -> Float[np.ndarray, "R1 N"]:
    """How often each text is drawn: row 0 each once, then `draws` bootstrap samples, each kind as often as it occurs."""
    rng, weights = stream(seed, "bootstrap"), np.ones((draws + 1, len(labels)))
    for kind in np.unique(labels):
        own = np.flatnonzero(labels == kind)
        weights[1:, own] = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=draws)
    return weights


def silhouettes(vectors: Float[np.ndarray, "N D"], groups: Integer[np.ndarray, " N"],
                weights: Float[np.ndarray, "R N"]) -> Float[np.ndarray, " R"]:
    """Mean silhouette of weighted samples: how much nearer a text lies to its own group than to the next, as a share.

    With weights of one it is scikit-learn's. A text that is drawn twice is no neighbour of itself.
    """
    apart, members = distances(vectors), np.eye(groups.max() + 1)[groups]                             # (N, N), (N, G)
    total = np.stack([(weights * one) @ apart for one in members.T], axis=-1)                         # (R, N, G)
    counts = weights @ members
    own = members.astype(bool)
    others = np.maximum(counts[:, groups] - weights, np.finfo(float).tiny)
    a = total[:, own] / others
    b = np.where(own, np.inf, total / counts[:, None]).min(-1)
    with np.errstate(invalid="ignore"):
        s = np.nan_to_num((b - a) / np.maximum(a, b))
    alone = counts[:, groups] <= weights                                # as in scikit-learn, who has no neighbours counts as zero
    return (weights * np.where(alone, 0.0, s)).sum(1) / weights.sum(1)


def distances(vectors: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N N"]:
    """Euclidean distance of every two."""
    squares = np.square(vectors).sum(1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0.0) * (1 - np.eye(len(vectors))))


def centroid_distances(vectors: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"],
                       weights: Float[np.ndarray, "R N"]) -> Float[np.ndarray, "R pairs"]:
    """Distances of the centroids of every two labels: roots of `centroid_squares`, zero where a square is below zero."""
    return np.sqrt(np.maximum(centroid_squares(vectors, labels, weights), 0.0))


def centroid_squares(vectors: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"],
                     weights: Float[np.ndarray, "R N"]) -> Float[np.ndarray, "R pairs"]:
    """Squared distances of the centroids of every two labels, in the square spread of a text about the mean of its label.

    What few texts put between two centroids by chance is taken off: each label's own square spread over the number of its texts,
    as in the unbiased MMD^2 (Gretton et al. 2012, Lemma 6) of a linear kernel; so a square may be below zero. The unit is pooled
    over labels. Both count degrees of freedom, and a text that is drawn twice as no second text.
    NaN where a label has one text alone, and where no text differs from another of its label: nothing is known of their spread.
    """
    members = np.eye(labels.max() + 1)[labels]
    centred = vectors - vectors.mean(0)                                                 # for precision only
    squares, counts = np.square(centred).sum(1), weights @ members                       # (N,), (R, G)
    centroids = np.einsum("rn,ng,nd->rgd", weights, members, centred, optimize=True) / counts[..., None]
    within = (weights * squares) @ members - counts * np.square(centroids).sum(-1)
    within[within <= ROUNDING * squares.sum()] = 0.0
    share = np.square(weights) @ members / counts**2                   # of a text's square spread that its label's centroid has
    freedom = counts * (1 - share)
    by_chance = share * _ratio(within, freedom)
    first, second = np.array(list(combinations(range(members.shape[1]), 2))).T
    apart = np.square(centroids[:, first] - centroids[:, second]).sum(-1) - by_chance[:, first] - by_chance[:, second]
    return _ratio(apart, _ratio(within.sum(1), freedom.sum(1))[:, None])


def _ratio(above: Float[np.ndarray, "*any"], below: Float[np.ndarray, "*#any"]) -> Float[np.ndarray, "*any"]:
    """Their ratio, NaN where there is nothing to divide by."""
    return above / np.where(below > 0, below, np.nan)


def probe_accuracies(vectors: Float[np.ndarray, "N D"], groups: Integer[np.ndarray, " N"], labels: Integer[np.ndarray, " N"],
                     weights: Float[np.ndarray, "R N"]) -> Float[np.ndarray, " R"]:
    """Share of texts of each group that a linear probe names right, averaged over groups; chance is one in their number.

    A ridge regression to the groups, fitted on half of the texts of each label; only the others are judged, and resampled.
    NaN where none of a group's is drawn among these.
    """
    fit = pick_half(labels)
    members = np.eye(groups.max() + 1)[groups]
    share = 1 / members[fit].sum(0)[groups[fit]]                                          # each group as heavy as another
    x = (vectors - share @ vectors[fit] / share.sum()) / np.maximum(vectors[fit].std(0), 1e-9)
    said = (x[~fit] @ _ridge(x[fit], members[fit], share)).argmax(1)
    judged, right = weights[:, ~fit], said == groups[~fit]
    return _ratio((judged * right) @ members[~fit], judged @ members[~fit]).mean(1)


def _ridge(x: Float[np.ndarray, "N D"], members: Float[np.ndarray, "N G"], share: Float[np.ndarray, " N"]) -> Float[np.ndarray, "D G"]:
    """The weights of the probe; with more numbers than texts from the equations between texts, which are fewer and give the same."""
    weighted = x.T * share
    if len(x) >= x.shape[1]:
        return np.linalg.solve(weighted @ x + RIDGE * np.eye(x.shape[1]), weighted @ members)
    return weighted @ np.linalg.solve(x @ weighted + RIDGE * np.eye(len(x)), members)


def pick_half(labels: Integer[np.ndarray, " N"], seed: int = 0) -> Bool[np.ndarray, " N"]:
    """Half of the texts of each kind. By lot: every other one in order would put equal shares of any block on both sides."""
    chosen = np.zeros(len(labels), bool)
    order = stream(seed, "half").permutation(len(labels))
    for kind in np.unique(labels):
        chosen[order[labels[order] == kind][::2]] = True
    return chosen
