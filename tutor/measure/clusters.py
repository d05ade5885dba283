"""Do a network's states of one task lie together, apart from those of another, and by more than the words give away?"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Bool, Float, Integer
from torch import Tensor

from tutor.conventions import Tokens
from tutor.measure.states import capture
from tutor.predictors import Predictor
from tutor.rng import stream
from tutor.sources import TinyLanguage
from tutor.sources.language.words import ID

TASKS = {"prose": "stories", "qa": "questions", "cloze": "gaps", "arithmetic": "sums"}
"""Kinds of documents, the one far from language last, with what each is called."""
NAMES = tuple(TASKS.values())
GROUPINGS = {"language | sums": (0, 0, 0, 1), "stories | questions | gaps": (0, 1, 2, -1), "all four": (0, 1, 2, 3)}
"""Which tasks count as one group; -1 leaves a task out."""
PAIRS = tuple(combinations(range(len(NAMES)), 2))
TO_SUMS, AMONG = "sums to the nearest", "the farthest two others"

Reading = Literal["mean", "full stop"]
READINGS: tuple[Reading, ...] = get_args(Reading)
STOP = ID["."]
LENGTH = 96
"""Words of every text: documents of one kind, one after the other, so that neither length nor position gives the kind away."""
SPARE = 48
"""Words more than the longest way from one full stop to the next."""
CHUNK = 64
RIDGE = 1e-2
"""Penalty of the probe's squared weights, on standardised states of groups that weigh one each."""


@dataclass(frozen=True)
class Texts:
    """Held-out texts of LENGTH words, as many of each kind; `labels` are places in NAMES."""

    tokens: Tokens
    labels: Integer[np.ndarray, " N"]


@dataclass(frozen=True)
class Sampled:
    """A measured number, and what it would have been with other texts: bootstrap draws [R]."""

    value: float
    draws: Float[np.ndarray, " R"]

    @property
    def interval(self) -> tuple[float, float]:
        """95 % bootstrap interval (percentiles)."""
        low, high = np.quantile(self.draws, (0.025, 0.975))
        return float(low), float(high)


def texts(each: int, reading: Reading = "mean", seed: int = 0) -> Texts:
    """`each` held-out texts of every kind in TASKS.

    For the reading at a "full stop" they are cut so that one stands in the last place but one of every text: a network tells its
    places apart, and how often a kind puts full stops would give the kind away. Such texts begin anywhere in a document.
    """
    drawn = [_drawn(kind, each, reading, seed) for kind in TASKS]
    return Texts(torch.cat(drawn), np.repeat(np.arange(len(TASKS)), each))


def _drawn(kind: str, each: int, reading: Reading, seed: int) -> Tokens:
    spare = 0 if reading == "mean" else SPARE
    tokens = TinyLanguage(tasks=(kind,), split="test").sample(each, LENGTH + spare, stream(seed, "texts", kind)).tokens
    if not spare:
        return tokens
    ends = spare + LENGTH - 2 - (tokens[:, :-1] == STOP).flip(1).int().argmax(1)                 # of the last full stop
    return torch.stack([row[end + 2 - LENGTH:end + 2] for row, end in zip(tokens, ends.tolist(), strict=True)])


@torch.inference_mode()
def text_vectors(predictor: Predictor, tokens: Tokens, reading: Reading = "mean") -> Float[np.ndarray, "L1 N D"]:
    """One vector per text at every place of the residual stream: before the first block (layer 0), then after each block.

    reading: "mean" over the states after every word but the last (Sedov et al. 2024, Fig. 5), or the one state after the last
    "full stop": there the word that was read is the same in all texts, and in those drawn for it the place as well, so only what
    came before can tell them apart.
    ValueError where a text has no full stop.
    """
    return np.concatenate([_pooled(layered(predictor, part), part, reading) for part in tokens.split(CHUNK)], axis=1)


def layered(predictor: Predictor, tokens: Tokens) -> Float[np.ndarray, "L1 B T D"]:
    """The residual stream before the first block and after each; row 0 is BOS, row t has read the word before t."""
    blocks = len(predictor.body.blocks)
    heard = capture(predictor, tokens, "body.blocks.*.resid_p*")
    return np.stack([heard["body.blocks.0.resid_pre"], *(heard[f"body.blocks.{i}.resid_post"] for i in range(blocks))])


def _pooled(states: Float[np.ndarray, "L1 B T D"], tokens: Tokens, reading: Reading) -> Float[np.ndarray, "L1 B D"]:
    if reading == "mean":
        return states[:, :, 1:].mean(2, dtype=np.float64)
    stops = (tokens[:, :-1] == STOP).numpy()
    if not stops.any(1).all():
        raise ValueError("a text has no full stop; its state after one cannot be read")
    last = stops.shape[1] - stops[:, ::-1].argmax(1)                     # row that has read the last full stop
    return states[:, np.arange(len(last)), last].astype(np.float64)


@torch.inference_mode()
def bag(predictor: Predictor, tokens: Tokens) -> Float[np.ndarray, "N D"]:
    """Mean of the embedding vectors of the same words: no context, no order, no positions."""
    rows: Tensor = predictor.embed.weight.T + predictor.embed.bias
    return rows[tokens[:, :-1]].double().mean(1).numpy()


def resamples(labels: Integer[np.ndarray, " N"], draws: int, seed: int = 0) -> Float[np.ndarray, "R1 N"]:
    """How often each text is drawn: row 0 each once, then `draws` bootstrap samples, each kind as often as it occurs."""
    rng, weights = stream(seed, "bootstrap"), np.ones((draws + 1, len(labels)))
    for kind in np.unique(labels):
        own = np.flatnonzero(labels == kind)
        weights[1:, own] = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=draws)
    return weights


def separation(vectors: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"], *, draws: int = 500,
               seed: int = 0) -> Mapping[tuple[str, str], Sampled]:
    """Every measure by (metric, what of): silhouette and probe of each of GROUPINGS, distance of every two tasks, from sums to the
    nearest of the others, and of the farthest two others.

    silhouette: -1 to 1 (Rousseeuw 1987). probe: share of held-out texts that a linear probe names right, groups counting equally.
    distance: between centroids, in root mean squares of the distances of texts to their own task's centroid.
    """
    found: dict[tuple[str, str], Float[np.ndarray, " R1"]] = {}
    for name, of in GROUPINGS.items():
        groups = np.array(of)[labels]
        kept = groups >= 0
        weights = resamples(labels[kept], draws, seed)
        found["silhouette", name] = silhouettes(vectors[kept], groups[kept], weights)
        found["probe", name] = probe_accuracies(vectors[kept], groups[kept], labels[kept], weights)
    away = centroid_distances(vectors, labels, resamples(labels, draws, seed))                       # (R1, pairs)
    found |= {("distance", f"{NAMES[i]} - {NAMES[j]}"): away[:, place] for place, (i, j) in enumerate(PAIRS)}
    far = np.array([len(NAMES) - 1 in pair for pair in PAIRS])
    found["distance", TO_SUMS], found["distance", AMONG] = away[:, far].min(1), away[:, ~far].max(1)
    return {key: Sampled(float(values[0]), values[1:]) for key, values in found.items()}


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
    """Distances of the centroids of every two tasks, in the spread of a text about its own task's centroid (pooled, rms).

    The squares are unbiased: what few texts put between two centroids by chance, a square spread over their number, is taken off.
    """
    members = np.eye(labels.max() + 1)[labels]
    centred = vectors - vectors.mean(0)                                                 # for precision only
    counts = weights @ members                                                           # (R, G)
    centroids = np.einsum("rn,ng,nd->rgd", weights, members, centred, optimize=True) / counts[..., None]
    within = weights @ np.square(centred).sum(1) - (counts * np.square(centroids).sum(-1)).sum(1)
    square_spread = within / weights.sum(1)
    first, second = np.array(list(combinations(range(members.shape[1]), 2))).T
    apart = np.square(centroids[:, first] - centroids[:, second]).sum(-1) / square_spread[:, None]
    by_chance = np.square(weights) @ members / counts**2              # a text that is drawn twice is no second text
    return np.sqrt(np.maximum(apart - by_chance[:, first] - by_chance[:, second], 0.0))


def probe_accuracies(vectors: Float[np.ndarray, "N D"], groups: Integer[np.ndarray, " N"], labels: Integer[np.ndarray, " N"],
                     weights: Float[np.ndarray, "R N"]) -> Float[np.ndarray, " R"]:
    """Share of texts of each group that a linear probe names right, averaged over groups; chance is one in their number.

    A ridge regression to the groups, fitted on half of the texts of each kind; only the others are judged, and resampled.
    """
    fit = half(labels)
    members = np.eye(groups.max() + 1)[groups]
    share = 1 / members[fit].sum(0)[groups[fit]]                                          # each group as heavy as another
    x = (vectors - share @ vectors[fit] / share.sum()) / np.maximum(vectors[fit].std(0), 1e-9)
    said = (x[~fit] @ _ridge(x[fit], members[fit], share)).argmax(1)
    judged, right = weights[:, ~fit], said == groups[~fit]
    return ((judged * right) @ members[~fit] / np.maximum(judged @ members[~fit], 1)).mean(1)


def _ridge(x: Float[np.ndarray, "N D"], members: Float[np.ndarray, "N G"], share: Float[np.ndarray, " N"]) -> Float[np.ndarray, "D G"]:
    """The weights of the probe; with more numbers than texts from the equations between texts, which are fewer and give the same."""
    weighted = x.T * share
    if len(x) >= x.shape[1]:
        return np.linalg.solve(weighted @ x + RIDGE * np.eye(x.shape[1]), weighted @ members)
    return weighted @ np.linalg.solve(x @ weighted + RIDGE * np.eye(len(x)), members)


def half(labels: Integer[np.ndarray, " N"], seed: int = 0) -> Bool[np.ndarray, " N"]:
    """Half of the texts of each kind. By lot: every other one in order would put equal shares of any block on both sides."""
    chosen = np.zeros(len(labels), bool)
    order = stream(seed, "half").permutation(len(labels))
    for kind in np.unique(labels):
        chosen[order[labels[order] == kind][::2]] = True
    return chosen
