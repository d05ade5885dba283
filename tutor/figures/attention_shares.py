"""How attention divides itself among the vectors of a prefix: over inputs, and from one input to another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tutor.figures.palette import BLUE, RED, fade_colour
from tutor.figures.picture import Picture, empty_drawing


@dataclass(frozen=True)
class AttentionSpread:
    """How attention divides itself among the K rows of a prefix over N inputs, per layer [L, N, K]; each row of K sums to one."""

    shares: Float[np.ndarray, "L N K"]

    @property
    def gaps(self) -> Float[np.ndarray, " L"]:
        """1st to 99th percentile over inputs, mean over the rows, per layer (Petrov et al. 2024, appendix B); it shrinks as 1 / K."""
        low, high = np.percentile(self.shares, (1, 99), axis=1)
        return (high - low).mean(-1)

    @property
    def relative(self) -> Float[np.ndarray, " L"]:
        """The same in mean shares, 1 / K each, so that prefixes of all lengths compare."""
        return self.gaps * self.shares.shape[-1]

    @property
    def moved(self) -> Float[np.ndarray, " L"]:
        """Total variation between the divisions of two different inputs, mean over all pairs, per layer: 0 one fixed mixture, 1 nothing
        shared."""
        inputs = self.shares.shape[1]
        # Sorted, the i-th of N numbers is the larger one in i pairs and the smaller one in N - 1 - i.
        signs = 2.0 * np.arange(inputs) - (inputs - 1)
        apart = np.einsum("lnk,n->l", np.sort(self.shares, axis=1), signs)
        return apart / (inputs * (inputs - 1))


def spread_bars(spread: AttentionSpread) -> Picture:
    """For each row of the prefix the range over inputs of its share of attention (1st to 99th percentile) with the median; a panel per
    layer."""
    layers, _, rows = spread.shares.shape
    figure = empty_drawing(y="share of the attention to the prefix", height=360, showlegend=False, barmode="overlay")
    low, middle, high = np.percentile(spread.shares, (1, 50, 99), axis=1)                        # (L, K) each
    names = [[f"layer {i + 1}" for i in range(layers) for _ in range(rows)], [str(k + 1) for _ in range(layers) for k in range(rows)]]
    ranges = {"color": fade_colour(BLUE, 0.55)}
    hover = "%{x}: from %{base:.3f} to %{customdata:.3f}<extra></extra>"
    figure.add({"type": "bar", "x": names, "y": (high - low).ravel(), "base": low.ravel(), "name": "1st to 99th percentile",
                "marker": ranges,
                "customdata": high.ravel(), "hovertemplate": hover})
    mark = {"color": RED, "size": 7, "symbol": "line-ew", "line": {"color": RED, "width": 2}}
    figure.add({"type": "scatter", "mode": "markers", "x": names, "y": middle.ravel(), "name": "median", "marker": mark,
                "hovertemplate": "%{x}: median %{y:.3f}<extra></extra>"})
    figure.x(title={"text": "vector of the prefix"}).y(rangemode="tozero")
    table = pd.DataFrame({"layer": names[0], "row": names[1], "p1": low.ravel(), "median": middle.ravel(), "p99": high.ravel()})
    gaps, moved = (", ".join(form.format(value) for value in values)
                   for form, values in (("{:.3f}", spread.gaps), ("{:.0%}", spread.moved)))
    said = (f"Average change of a prefix vector's share from one input to another, layer by layer: {gaps}. Between two inputs, {moved} "
            f"of it moves.")
    return Picture(figure, said, table)
