"""Clouds of a model from elsewhere in a plane: its vocabulary, and what its layers hold of sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tutor.clouds import Flat
from tutor.llm.model import OwnModel
from tutor.llm.places import Refused
from tutor.rng import torch_seeded

FITTED, DRAWN = 6000, 1500
"""Tokens that a plane is fitted on, and that are drawn."""
MOST_SENTENCES = 24


@dataclass(frozen=True)
class TokenCloud:
    """Tokens of a vocabulary in the plane that was fitted on it."""

    ids: Int[np.ndarray, " N"]
    words: list[str]
    points: Float[np.ndarray, "N two"]
    plane: Flat


@dataclass(frozen=True)
class Paths:
    """Each sentence's way through the plane of one layer [T, 2], with its tokens; the plane is fitted on all but the first tokens."""

    words: list[list[str]]
    points: list[Float[np.ndarray, "_ two"]]
    explained: tuple[float, float]


def widest(rows: Float[Tensor, "N D"]) -> Flat:
    """The plane in which these differ most. Refused where there are fewer than three vectors, or all are the same."""
    mean = rows.mean(0)
    spread = float((rows - mean).square().sum())
    if len(rows) < 3 or not 0 < spread < float("inf"):
        raise Refused(f"{len(rows)} vectors span no plane; give at least three different ones")
    with torch_seeded(0, "plane"):                # only the widest directions, which is quick for any width
        _, sizes, axes = torch.svd_lowrank(rows - mean, q=min(8, *rows.shape), niter=6)
    axes = axes[:, :2] * axes[:, :2].sum(0).sign()                      # a component leaves its sign open
    return Flat(mean.numpy(), axes.T.numpy(), tuple((sizes[:2].square() / spread).tolist()))


def token_cloud(model: OwnModel) -> TokenCloud:
    """The vocabulary, thinned to what a browser can draw."""
    many = len(model.vocabulary)
    ids = _spread(many, DRAWN)
    plane = widest(model.vocabulary[_spread(many, FITTED)])
    return TokenCloud(ids.numpy(), model.words(ids.tolist()), plane.flat(model.vocabulary[ids].numpy()), plane)


def _spread(many: int, most: int) -> Int[Tensor, " N"]:
    return torch.linspace(0, many - 1, min(many, most)).round().long()


def paths(model: OwnModel, sentences: Sequence[str], layer: int) -> Paths:
    """Where sentences lead through a layer; layer 0 is the embedding. Refused where there are none, too many, or one cannot be read.

    The first token of a text is left out of the fit: in most trained models its state is many times longer than any other.
    """
    if not 1 <= len(sentences) <= MOST_SENTENCES:
        raise Refused(f"there are {len(sentences)} sentences; give 1 to {MOST_SENTENCES}, one in each line")
    if not 0 <= layer <= model.layers:
        raise Refused(f"layer is {layer}; this model has 0 (the embedding) to {model.layers}")
    read = [model.tokens(sentence) for sentence in sentences]
    states = [model.states(ids)[layer] for ids in read]
    plane = widest(torch.cat([rows[1:] for rows in states]))
    return Paths([model.words(ids[0].tolist()) for ids in read], [plane.flat(rows.numpy()) for rows in states], plane.explained)
