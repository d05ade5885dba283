"""What the Clusters page shows of states: their plane, a t-SNE map, the untrained twin of a network, and how a network goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor.measure.decoding import greedy
from tutor.measure.projection import fit_projection
from tutor.measure.states import States
from tutor.predictors import Predictor
from tutor.run import initial
from tutor.sources.language import END
from tutor.spec import RunSpec

LEAST = 2.0
"""The smallest perplexity of a t-SNE map."""
ITERATIONS = 1000
"""Steps of gradient descent in which it is made."""


@dataclass(frozen=True)
class Flat:
    """The plane of the first two principal components of some vectors, in their own unit: distances on it are true projections."""

    mean: Float[np.ndarray, " D"]
    directions: Float[np.ndarray, "two D"]
    explained: tuple[float, float]
    """Share of all variance along each."""

    def flat(self, vectors: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N two"]:
        """Where these lie on the plane."""
        return (vectors - self.mean) @ self.directions.T

    @property
    def axes(self) -> tuple[str, str]:
        """What the two axes are, with the share of all variance that they hold."""
        first, second = self.explained
        return f"component 1 ({first:.0%} of variance)", f"component 2 ({second:.0%} of variance)"


def plane(vectors: Float[np.ndarray, "N D"]) -> Flat:
    """The plane in which these vectors differ most."""
    found = fit_projection(States({"vectors": vectors[:, None]}, 0, "vectors"))
    return Flat(found.mean, found.components[:2], tuple(found.explained_variance[:2].tolist()))


def tsne(vectors: Float[np.ndarray, "N D"], *, perplexity: float, seed: int, what: str = "texts") -> Float[np.ndarray, "N two"]:
    """A map that keeps neighbours together, begun at two principal components (van der Maaten & Hinton 2008); its distances mean nothing.

    what: what the vectors are of. ValueError where the perplexity is none that so many vectors allow.
    """
    most = len(vectors) // 4
    if not LEAST <= perplexity <= most:
        raise ValueError(f"the perplexity is {perplexity:g}; of {len(vectors)} {what} it must lie between {LEAST:g} and {most}")
    from sklearn.manifold import TSNE  # noqa: PLC0415 - a second that only who asks for this map waits

    points = vectors - vectors.mean(0)
    made = TSNE(perplexity=perplexity, random_state=seed, init="pca", max_iter=ITERATIONS)
    return made.fit_transform(points / points.std()).astype(np.float64)


def untrained(spec: RunSpec) -> Predictor:
    """The network of a run before its first step."""
    return initial(spec).requires_grad_(False)


def going_on(predictor: Predictor, words: Sequence[int], most: int) -> tuple[int, ...]:
    """At most `most` words that the network writes behind these, greedily; END is the last where it ends the document."""
    tokens = torch.full((1, len(words) + most), END)
    tokens[0, :len(words)] = torch.tensor(words, dtype=torch.int64)
    written = greedy(predictor, tokens, torch.tensor([len(words)]), END)[0, len(words):].tolist()
    return tuple(written[:written.index(END) + 1] if END in written else written)
