"""Do a network's states of one task lie together, apart from those of another, and by more than the words give away?"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor

from tutor.core.rng import stream
from tutor.core.types import Tokens
from tutor.measure.separation import BootstrapValue, centroid_distances, draw_resamples, probe_accuracies, silhouettes
from tutor.measure.states import capture
from tutor.predictors import Predictor
from tutor.sources import TinyLanguage
from tutor.sources.language.words import ID

TASKS = {"prose": "stories", "qa": "questions", "cloze": "gaps", "arithmetic": "sums"}
"""Kinds of documents, the one far from language last, with what each is called."""
NAMES = tuple(TASKS.values())
GROUPINGS = {"language | sums": (0, 0, 0, 1), "stories | questions | gaps": (0, 1, 2, -1), "all four": (0, 1, 2, 3)}
"""Which tasks count as one group; -1 leaves a task out."""
PAIRS = tuple(combinations(range(len(NAMES)), 2))
TO_SUMS, AMONG = "sums to the nearest", "the farthest two others"

TextReading = Literal["mean", "full stop"]
READINGS: tuple[TextReading, ...] = get_args(TextReading)
STOP = ID["."]
LENGTH = 96
"""Words of every text: documents of one kind, one after the other, so that neither length nor position gives the kind away."""
SPARE_WORDS = 48
"""Words more than the longest way from one full stop to the next."""
CHUNK = 64


@dataclass(frozen=True)
class LabelledTexts:
    """Held-out texts of LENGTH words, as many of each kind; `labels` are places in NAMES."""

    tokens: Tokens
    labels: Integer[np.ndarray, " N"]


def sample_texts(each: int, reading: TextReading = "mean", seed: int = 0) -> LabelledTexts:
    """`each` held-out texts of every kind in TASKS.

    For the reading at a "full stop" they are cut so that one stands in the last place but one of every text: a network tells its
    places apart, and how often a kind puts full stops would give the kind away. Such texts begin anywhere in a document.
    """
    drawn = [_drawn(kind, each, reading, seed) for kind in TASKS]
    return LabelledTexts(torch.cat(drawn), np.repeat(np.arange(len(TASKS)), each))


def _drawn(kind: str, each: int, reading: TextReading, seed: int) -> Tokens:
    spare = 0 if reading == "mean" else SPARE_WORDS
    tokens = TinyLanguage(tasks=(kind,), split="test").sample(each, LENGTH + spare, stream(seed, "texts", kind)).tokens
    if not spare:
        return tokens
    ends = spare + LENGTH - 2 - (tokens[:, :-1] == STOP).flip(1).int().argmax(1)                 # of the last full stop
    return torch.stack([row[end + 2 - LENGTH:end + 2] for row, end in zip(tokens, ends.tolist(), strict=True)])


@torch.inference_mode()
def text_vectors(predictor: Predictor, tokens: Tokens, reading: TextReading = "mean") -> Float[np.ndarray, "L1 N D"]:
    """One vector per text at every place of the residual stream: before the first block (layer 0), then after each block.

    reading: "mean" over the states after every word but the last (Sedov et al. 2024, Fig. 5), or the one state after the last
    "full stop": there the word that was read is the same in all texts, and in those drawn for it the place as well, so only what
    came before can tell them apart.
    ValueError where a text has no full stop.
    """
    return np.concatenate([_pooled(residual_stream(predictor, part), part, reading) for part in tokens.split(CHUNK)], axis=1)


def residual_stream(predictor: Predictor, tokens: Tokens) -> Float[np.ndarray, "L1 B T D"]:
    """The residual stream before the first block and after each; row 0 is BOS, row t has read the word before t."""
    blocks = len(predictor.body.blocks)
    heard = capture(predictor, tokens, "body.blocks.*.resid_p*")
    return np.stack([heard["body.blocks.0.resid_pre"], *(heard[f"body.blocks.{i}.resid_post"] for i in range(blocks))])


def _pooled(states: Float[np.ndarray, "L1 B T D"], tokens: Tokens, reading: TextReading) -> Float[np.ndarray, "L1 B D"]:
    if reading == "mean":
        return states[:, :, 1:].mean(2, dtype=np.float64)
    stops = (tokens[:, :-1] == STOP).numpy()
    if not stops.any(1).all():
        raise ValueError("a text has no full stop; its state after one cannot be read")
    last = stops.shape[1] - stops[:, ::-1].argmax(1)                     # row that has read the last full stop
    return states[:, np.arange(len(last)), last].astype(np.float64)


@torch.inference_mode()
def bag_of_embeddings(predictor: Predictor, tokens: Tokens) -> Float[np.ndarray, "N D"]:
    """Mean of the embedding vectors of the same words: no context, no order, no positions."""
    rows: Tensor = predictor.embed.weight.T + predictor.embed.bias
    return rows[tokens[:, :-1]].double().mean(1).numpy()


def between(one: str, other: str) -> str:
    """What the distance of two tasks is called, of those in NAMES, the first of them first."""
    return f"{one} - {other}"


def measure_separation(vectors: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"], *, draws: int = 500,
               seed: int = 0) -> Mapping[tuple[str, str], BootstrapValue]:
    """Every measure by (metric, what of): silhouette and probe of each of GROUPINGS, distance of every two tasks, from sums to the
    nearest of the others, and of the farthest two others.

    silhouette: -1 to 1 (Rousseeuw 1987). probe: share of held-out texts that a linear probe names right, groups counting equally.
    distance: between centroids, in root mean squares of the distances of texts to their own task's centroid.
    """
    found: dict[tuple[str, str], Float[np.ndarray, " R1"]] = {}
    for name, of in GROUPINGS.items():
        groups = np.array(of)[labels]
        kept = groups >= 0
        weights = draw_resamples(labels[kept], draws, seed)
        found["silhouette", name] = silhouettes(vectors[kept], groups[kept], weights)
        found["probe", name] = probe_accuracies(vectors[kept], groups[kept], labels[kept], weights)
    away = centroid_distances(vectors, labels, draw_resamples(labels, draws, seed))                       # (R1, pairs)
    found |= {("distance", between(NAMES[i], NAMES[j])): away[:, place] for place, (i, j) in enumerate(PAIRS)}
    far = np.array([len(NAMES) - 1 in pair for pair in PAIRS])
    found["distance", TO_SUMS], found["distance", AMONG] = away[:, far].min(1), away[:, ~far].max(1)
    return {key: BootstrapValue(float(values[0]), values[1:]) for key, values in found.items()}
