"""PCA of hidden states, fitted once on the untuned network's pretraining states and then only applied (Genewein et al. 2025, Fig. 5).

Weight tuning changes the space itself, so weight-tuned networks need a projection of their own.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from tutor.core.brief_repr import BriefRepr
from tutor.measure.states import States

COMPONENTS = 10


@dataclass(frozen=True, repr=False)
class Projected(BriefRepr):
    """Coordinates [B, K+T, C] (whitened: unit variance over the states of the fit) and the share of variance off the plane."""

    coordinates: Float[np.ndarray, "B KT C"]
    off_plane: float


@dataclass(frozen=True, repr=False)
class Projection(BriefRepr):
    """An immutable PCA basis; calling it projects states captured at the same tap."""

    tap: str
    mean: Float[np.ndarray, " D"]
    components: Float[np.ndarray, "C D"]
    scale: Float[np.ndarray, " C"]
    explained_variance: Float[np.ndarray, " C"]
    """Share of the total variance along each component."""

    def __call__(self, states: States, axes: tuple[int, int] = (0, 1)) -> Projected:
        """Project `states`; `off_plane` is the share of their variance about the basis mean outside the plane of `axes`.

        Raises ValueError where the width differs from the basis (a different network or tap).
        """
        x = states.joined(self.tap)
        if x.shape[-1] != len(self.mean):
            raise ValueError(f"states have width {x.shape[-1]} and the basis has {len(self.mean)}; "
                             "they come from different networks or taps")
        centred = x - self.mean
        raw = centred @ self.components.T
        inside = np.square(raw[..., list(axes)]).sum()
        return Projected(raw / self.scale, float(1 - inside / np.square(centred).sum()))

    def facing(self, coordinates: Float[np.ndarray, "*any C"], *statistics: Float[np.ndarray, "*any"]) -> "Projection":
        """The same basis with each component pointing to where the statistic that it follows closest grows.

        A PCA leaves the signs open; `coordinates` are those of states whose `statistics` are known.
        """
        flat = coordinates.reshape(-1, coordinates.shape[-1])
        with np.errstate(invalid="ignore"):  # a statistic that never changes follows nothing
            table = np.corrcoef(np.column_stack([flat, *(values.reshape(-1) for values in statistics)]), rowvar=False)
        along = np.nan_to_num(table[: flat.shape[1], flat.shape[1] :])
        strongest = along[np.arange(len(along)), np.abs(along).argmax(1)]
        return replace(self, components=self.components * np.where(strongest < 0, -1.0, 1.0)[:, None])

    def whitened(self, x: Float[np.ndarray, "*any D"]) -> Float[np.ndarray, "*any C"]:
        """Coordinates of states that are there as an array already, such as those of a film."""
        return (x - self.mean) @ self.components.T / self.scale


def fit_projection(states: States, tap: str = "") -> Projection:
    """Fit a PCA basis of up to ten components on all states at a tap.

    A singular value decomposition of the centred states. scikit-learn's PCA says the same (the tests hold them against each
    other), but takes two seconds and 100 MB to load, which the first visitor of an app would wait for.

    Parameters
    ----------
    states
        What `capture` returned; every row of every sequence counts.
    tap
        A tap name or pattern; the taps of the paper's PCA, layers joined along the width, when not given.

    Returns
    -------
    Projection
        Immutable; calling it projects states that were captured at the same tap.

    Raises
    ------
    ValueError
        Where no captured tap matches.
    """
    x = states.joined(tap)
    flat = x.reshape(-1, x.shape[-1]).astype(np.float64)
    mean = flat.mean(0)
    _, sizes, directions = np.linalg.svd(flat - mean, full_matrices=False)
    variance, kept = sizes**2 / max(1, len(flat) - 1), slice(min(COMPONENTS, *flat.shape))
    scale = np.sqrt(variance[kept])
    scale[scale < 1e-6 * scale[0]] = 1.0               # a direction in which nothing varies cannot be whitened
    return Projection(tap or states.main, mean, directions[kept], scale, variance[kept] / max(variance.sum(), np.finfo(float).tiny))
