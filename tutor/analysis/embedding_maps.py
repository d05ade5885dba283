"""What the Clusters page shows of states: their plane, a t-SNE map, the untrained twin of a network, and how a network goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tutor.measure.greedy_decoding import decode_greedily
from tutor.measure.projection import fit_projection
from tutor.measure.states import States
from tutor.predictors import Predictor
from tutor.runs.run import build_initial
from tutor.runs.spec import RunSpec
from tutor.sources.language import END

MIN_PERPLEXITY = 2.0
"""The smallest perplexity of a t-SNE map."""
ITERATIONS = 1000
"""Steps of gradient descent in which it is made."""


@dataclass(frozen=True)
class PrincipalPlane:
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
        return f"component 1 ({first:.0%} of the spread)", f"component 2 ({second:.0%} of the spread)"


def fit_plane(vectors: Float[np.ndarray, "N D"]) -> PrincipalPlane:
    """The plane of the two principal components along which vectors [N, D] differ most."""
    found = fit_projection(States({"vectors": vectors[:, None]}, 0, "vectors"))
    return PrincipalPlane(found.mean, found.components[:2], tuple(found.explained_variance[:2].tolist()))


def map_by_tsne(vectors: Float[np.ndarray, "N D"], *, perplexity: float, seed: int, what: str = "texts") -> Float[np.ndarray, "N two"]:
    """A map of vectors that keeps neighbours together (t-SNE, van der Maaten & Hinton 2008); its distances mean nothing.

    It begins at two principal components.

    Parameters
    ----------
    vectors
        [N, D].
    perplexity
        About how many neighbours each vector keeps.
    seed
        Of the optimiser.
    what
        What the vectors are of, for the message.

    Returns
    -------
    [N, 2]

    Raises
    ------
    ValueError
        Where so many vectors do not allow the perplexity.
    """
    most = len(vectors) // 4
    if not MIN_PERPLEXITY <= perplexity <= most:
        raise ValueError(f"the perplexity is {perplexity:g}; of {len(vectors)} {what} it must lie between {MIN_PERPLEXITY:g} and {most}")
    from sklearn.manifold import TSNE  # noqa: PLC0415 - a second that only who asks for this map waits

    points = vectors - vectors.mean(0)
    made = TSNE(perplexity=perplexity, random_state=seed, init="pca", max_iter=ITERATIONS)
    return made.fit_transform(points / points.std()).astype(np.float64)


def build_untrained(spec: RunSpec) -> Predictor:
    """The network of a run before its first step."""
    return build_initial(spec).requires_grad_(False)


def continue_words(predictor: Predictor, words: Sequence[int], most: int) -> tuple[int, ...]:
    """What a network writes behind some words, greedily.

    Returns
    -------
    tuple of int
        At most `most` tokens; END is the last where the network ends the document.
    """
    tokens = torch.full((1, len(words) + most), END)
    tokens[0, :len(words)] = torch.tensor(words, dtype=torch.int64)
    written = decode_greedily(predictor, tokens, torch.tensor([len(words)]), END)[0, len(words):].tolist()
    return tuple(written[:written.index(END) + 1] if END in written else written)
