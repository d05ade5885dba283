"""What pages show of prompt vectors: the words' own cloud, a prompt on its way through it, and the words it reads as on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor import measure
from tutor.analysis import embedding_maps
from tutor.measure.prompt_geometry import TokenGeometry, measure_tokens
from tutor.methods.priors import AbstractPrior, Embeddings, Gaussian, LayerInputs, Space
from tutor.predictors import Predictor
from tutor.runs.run import Run
from tutor.studies import vector_scores as evidence

Rows, VectorEnds = Float[Tensor, "K D"], Float[Tensor, "two K D"]
NEAREST_WORDS = 5
"""Nearest words that are listed for a vector."""


def space_of(network: Predictor, layer: int) -> Space:
    """Where the vectors of a prompt stand that enter this layer; 0 is the space of word embeddings."""
    return LayerInputs(network, layer) if layer else Embeddings(network)


@dataclass(frozen=True)
class WordSpace:
    """A cloud of words [V, D] and the plane in which they differ most."""

    words: Float[Tensor, "V D"]
    plane: embedding_maps.PrincipalPlane
    gaussian: Gaussian

    @classmethod
    def of(cls, space: Space) -> "WordSpace":
        return cls(space.vocabulary, embedding_maps.fit_plane(space.vocabulary.double().numpy()), Gaussian.of(space.vocabulary))

    @property
    def usual(self) -> float:
        """Mahalanobis distance of a word, on average."""
        return float(self.gaussian.distances(self.words).mean())

    def flat(self, rows: Float[Tensor, "K D"]) -> Float[np.ndarray, "K two"]:
        """Where vectors lie on the plane."""
        return self.plane.flat(rows.double().numpy())


def measure_vectors(ground: WordSpace, rows: Float[Tensor, "K D"]) -> TokenGeometry:
    """The measures of some vectors among words, by the function that the studies use."""
    return measure_tokens(rows, ground.words, ground.gaussian)


def draw_vectors(network: Predictor, prior: AbstractPrior, layer: int, n: int, seed: int) -> Float[Tensor, "n D"]:
    """Vectors of a prior in the space of a layer.

    Returns
    -------
    [n, D]

    Raises
    ------
    ValueError
        Where the prior does not fit the network.
    """
    prior.check(network.vocab)
    return prior.draw(space_of(network, layer), n, seed)


@dataclass(frozen=True)
class VectorHistory:
    """The vectors of a prompt through its tuning: [F, K, D] at the filmed steps."""

    steps: list[int]
    rows: Float[Tensor, "F K D"]


def read_ends(run: Run, network: Predictor, layer: int) -> VectorEnds:
    """The vectors [2, K, D] with which the first repetition of a finished run started and ended."""
    return torch.stack([evidence.starting_vectors(run, network, 0, layer), evidence.final_vectors(run, layer)[0]])


def read_other_ends(run: Run, layer: int) -> Rows | None:
    """The last vectors of all repetitions but the first, in one [.., D]; None where there was only one repetition."""
    rows = evidence.final_vectors(run, layer)[1:].flatten(0, 1)
    return rows if len(rows) else None


def read_vector_history(run: Run, layer: int = 0) -> VectorHistory | None:
    """The filmed vectors of a tuning that enter a layer; None where the film holds none."""
    frames = [frame for frame in run.frames() if layer in frame.prompt]
    if not frames:
        return None
    return VectorHistory([frame.step for frame in frames], torch.stack([torch.from_numpy(frame.prompt[layer].copy()) for frame in frames]))


def tightness(words: Float[Tensor, "V D"], ids: Sequence[int]) -> float:
    """Mean cosine among some words: how much the nearest words of a vector have to do with each other (Lester et al. 2021, section 7)."""
    among = measure.cosines(words[list(ids)], words[list(ids)])
    n = len(ids)
    return float((among.sum() - among.trace()) / (n * (n - 1)))


def random_tightness(words: Float[Tensor, "V D"]) -> float:
    """The tightness of words that are taken at random, as a mean over two hundred draws."""
    picked = torch.randint(len(words), (200, NEAREST_WORDS), generator=torch.Generator().manual_seed(0))
    return float(np.mean([tightness(words, ids) for ids in picked.tolist()]))
