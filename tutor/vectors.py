"""What pages show of prompt vectors: the words' own cloud, a prompt on its way through it, and the words it reads as on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor import clouds, measure
from tutor.measure.posteriors import Standing, standing
from tutor.predictors import Predictor
from tutor.priors import AbstractPrior, Embeddings, Entering, Gaussian, Space
from tutor.run import Run
from tutor.studies import vectors as evidence

Rows, Ends = Float[Tensor, "K D"], Float[Tensor, "two K D"]
READ = 5
"""Nearest words that are told of a vector."""


def space_of(network: Predictor, layer: int) -> Space:
    """Where the vectors of a prompt stand that enter this layer; 0 is the space of word embeddings."""
    return Entering(network, layer) if layer else Embeddings(network)


@dataclass(frozen=True)
class Ground:
    """A cloud of words [V, D] and the plane in which they differ most."""

    words: Float[Tensor, "V D"]
    plane: clouds.Flat
    gaussian: Gaussian

    @classmethod
    def of(cls, space: Space) -> "Ground":
        return cls(space.vocabulary, clouds.plane(space.vocabulary.double().numpy()), Gaussian.of(space.vocabulary))

    @property
    def usual(self) -> float:
        """Mahalanobis distance of a word, on average."""
        return float(self.gaussian.distances(self.words).mean())

    def flat(self, rows: Float[Tensor, "K D"]) -> Float[np.ndarray, "K two"]:
        """Where vectors lie on the plane."""
        return self.plane.flat(rows.double().numpy())


def told(ground: Ground, rows: Float[Tensor, "K D"]) -> Standing:
    """The same numbers as the studies measure, of any vectors."""
    return standing(rows, ground.words, ground.gaussian)


def drawn(network: Predictor, prior: AbstractPrior, layer: int, n: int, seed: int) -> Float[Tensor, "n D"]:
    """n vectors of a prior in the space of a layer. ValueError where the prior does not fit the network."""
    prior.check(network.vocab)
    return prior.draw(space_of(network, layer), n, seed)


@dataclass(frozen=True)
class Course:
    """A prompt on its way: its vectors [F, K, D] at the filmed steps."""

    steps: list[int]
    rows: Float[Tensor, "F K D"]


def ends(run: Run, network: Predictor, layer: int) -> Ends:
    """Where the vectors of a finished run's first repetition started and ended."""
    return torch.stack([evidence.start(run, network, 0, layer), evidence.ends(run, layer)[0]])


def others(run: Run, layer: int) -> Rows | None:
    """Where the vectors of all repetitions but the first ended, in one; None where there was only one."""
    rows = evidence.ends(run, layer)[1:].flatten(0, 1)
    return rows if len(rows) else None


def course(run: Run, layer: int = 0) -> Course | None:
    """Where the film saw the vectors that enter a layer; None where it saw none."""
    frames = [frame for frame in run.frames() if layer in frame.prompt]
    if not frames:
        return None
    return Course([frame.step for frame in frames], torch.stack([torch.from_numpy(frame.prompt[layer].copy()) for frame in frames]))


def tightness(words: Float[Tensor, "V D"], ids: Sequence[int]) -> float:
    """Mean cosine among some words: how much the nearest words of a vector have to do with each other (Lester et al. 2021, section 7)."""
    among = measure.cosines(words[list(ids)], words[list(ids)])
    n = len(ids)
    return float((among.sum() - among.trace()) / (n * (n - 1)))


def usual_tightness(words: Float[Tensor, "V D"]) -> float:
    """The same of words taken at random, as a mean over two hundred draws."""
    picked = torch.randint(len(words), (200, READ), generator=torch.Generator().manual_seed(0))
    return float(np.mean([tightness(words, ids) for ids in picked.tolist()]))
