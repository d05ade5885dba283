"""Clouds of a model from elsewhere in a plane: its vocabulary, and what its layers hold of sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tutor.analysis.embedding_maps import PrincipalPlane
from tutor.core.rng import seed_torch
from tutor.llm.causal_model import OwnModel
from tutor.llm.model_location import ModelError

FITTED_TOKENS, DRAWN_TOKENS = 6000, 1500
"""Tokens that a plane is fitted on, and that are drawn."""
MOST_SENTENCES = 24


@dataclass(frozen=True)
class TokenCloud:
    """Tokens of a vocabulary in the plane that was fitted on it."""

    ids: Int[np.ndarray, " N"]
    words: list[str]
    points: Float[np.ndarray, "N two"]
    plane: PrincipalPlane


@dataclass(frozen=True)
class SentencePaths:
    """The trajectories of sentences through the plane of one layer, [T, 2] each, with their tokens.

    The plane is fitted on all but the first tokens.
    """

    words: list[list[str]]
    points: list[Float[np.ndarray, "_ two"]]
    explained: tuple[float, float]


def fit_plane(rows: Float[Tensor, "N D"]) -> PrincipalPlane:
    """The plane in which vectors [N, D] differ most.

    Raises
    ------
    ModelError
        Where there are fewer than three vectors, or all are the same.
    """
    mean = rows.mean(0)
    spread = float((rows - mean).square().sum())
    if len(rows) < 3 or not 0 < spread < float("inf"):
        raise ModelError(f"{len(rows)} vectors span no plane; give at least three different ones")
    with seed_torch(0, "plane"):                # only the widest directions, which is quick for any width
        _, sizes, axes = torch.svd_lowrank(rows - mean, q=min(8, *rows.shape), niter=6)
    axes = axes[:, :2] * axes[:, :2].sum(0).sign()                      # a component leaves its sign open
    return PrincipalPlane(mean.numpy(), axes.T.numpy(), tuple((sizes[:2].square() / spread).tolist()))


def token_cloud(model: OwnModel) -> TokenCloud:
    """The vocabulary, thinned to what a browser can draw."""
    many = len(model.vocabulary)
    ids = _spread(many, DRAWN_TOKENS)
    plane = fit_plane(model.vocabulary[_spread(many, FITTED_TOKENS)])
    return TokenCloud(ids.numpy(), model.words(ids.tolist()), plane.flat(model.vocabulary[ids].numpy()), plane)


def _spread(many: int, most: int) -> Int[Tensor, " N"]:
    return torch.linspace(0, many - 1, min(many, most)).round().long()


def trace_sentences(model: OwnModel, sentences: Sequence[str], layer: int) -> SentencePaths:
    """Project the states of sentences in one layer onto their common plane.

    The first token of a text is left out of the fit: in most trained models its state is many times longer than any other.

    Parameters
    ----------
    layer
        0 is the embedding.

    Raises
    ------
    ModelError
        Where there are no sentences, too many, or one cannot be read.
    """
    if not 1 <= len(sentences) <= MOST_SENTENCES:
        raise ModelError(f"there are {len(sentences)} sentences; give 1 to {MOST_SENTENCES}, one in each line")
    if not 0 <= layer <= max(1, model.layers):
        raise ModelError(f"layer is {layer}; this model has 0 (the embedding) to {model.layers}")
    read = [model.tokens(sentence) for sentence in sentences]
    states = [model.states(ids) for ids in read]                        # refused where the model gives none
    states = [layers[min(layer, len(layers) - 1)] for layers in states]
    plane = fit_plane(torch.cat([rows[1:] for rows in states]))
    return SentencePaths([model.words(ids[0].tolist()) for ids in read], [plane.flat(rows.numpy()) for rows in states], plane.explained)
