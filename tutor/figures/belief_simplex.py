"""Beliefs about hidden states as points: on a segment for two states, in a triangle for three, in a tetrahedron for four.

The corners are certainty. Each point has a colour that mixes those of the states by the exact belief, in every picture of the same
sequences, so that what a network has torn apart or mixed up is seen at once.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer

from tutor.figures.palette import AMBER, BLUE, GREEN, INK, PALE, PINK, VERMILION, VIOLET
from tutor.figures.picture import Drawing, Picture, empty_drawing, scatter_trace

CORNERS = (VERMILION, GREEN, BLUE, AMBER, VIOLET, PINK)
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOVING_BELIEFS = 0
"""The trace that the frames of a film move."""
EDGE = 0.08
"""How far outside the corners a reading may lie and still be seen."""


def name_state(state: int) -> str:
    """The letter of a hidden state, from A; a number where the letters are used up."""
    return NAMES[state] if state < len(NAMES) else str(state + 1)


@dataclass(frozen=True)
class Simplex:
    """Where certainty of each state lies, [S, C]; beliefs lie between."""

    corners: Float[np.ndarray, "S C"]

    def place(self, beliefs: Float[np.ndarray, "*batch T S"]) -> Float[np.ndarray, "*batch T C"]:
        """Where beliefs lie; with two states the second coordinate is the number of tokens that were read."""
        placed = beliefs @ self.corners
        if len(self.corners) == 2:
            placed[..., 1] = np.arange(beliefs.shape[-2])
        return placed

    @property
    def solid(self) -> bool:
        """Whether it needs three dimensions."""
        return self.corners.shape[1] == 3


def make_simplex(exact: Float[np.ndarray, "B T S"]) -> Simplex:
    """Corners for the states of these beliefs; with more than four states, on the plane in which the beliefs differ most (PCA)."""
    states = exact.shape[-1]
    if states == 2:
        return Simplex(np.array([[0.0, 0.0], [1.0, 0.0]]))
    if states == 3:
        return Simplex(np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]]))
    if states == 4:
        return Simplex(np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(8))
    flat = exact.reshape(-1, states)
    components = np.linalg.svd(flat - flat.mean(0), full_matrices=False)[2][:2]
    return Simplex((components * np.sign(components.sum(1, keepdims=True) + 1e-12)).T)


def mix_colours(beliefs: Float[np.ndarray, "N S"]) -> list[str]:
    """The colours of the states mixed by belief; in rounded shares, so that the same belief has the same colour."""
    hues = np.array([[int(CORNERS[s % len(CORNERS)][i:i + 2], 16) for i in (1, 3, 5)] for s in range(beliefs.shape[1])], dtype=float)
    mixed = (np.clip(beliefs, 0, 1) @ hues).round().clip(0, 255).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in mixed]


@dataclass(frozen=True)
class BeliefPoints:
    """Beliefs of sequences [B, T, S] to be drawn, where they are `exact` and where this network has them, and an own `walk` [T1, S]."""

    name: str
    points: Float[np.ndarray, "B T S"]
    exact: Float[np.ndarray, "B T S"]
    tokens: Integer[np.ndarray, "B T"]
    walk: Float[np.ndarray, "T1 S"] | None = None


def belief_simplex(simplex: Simplex, drawn: BeliefPoints, *, height: int = 330) -> Picture:
    """Beliefs of a network, or the exact ones, between the corners of certainty, with a walk over them."""
    figure = _canvas(simplex, drawn.exact.shape[1], height)
    figure.add(_dots(simplex, drawn))
    if len(simplex.corners) > 2:
        figure.add(_edges(simplex))
    figure.add(_corners(simplex))
    if drawn.walk is not None:
        figure.add(_walk(simplex, drawn.walk, solid=simplex.solid))
    spread = float(np.sqrt(np.square(drawn.points - drawn.exact).sum(-1).mean()))
    outside = float((drawn.points < -1e-3).any(-1).mean())
    alt = (f"{drawn.name}: {drawn.points[..., 0].size:,} beliefs about {drawn.points.shape[-1]} hidden states"
           + (f", on average {spread:.3f} away from the exact ones; {outside:.0%} lie outside the corners." if spread else "."))
    return Picture(figure, alt, _tabulate(drawn))


def place_points(simplex: Simplex, points: Float[np.ndarray, "B T S"]) -> list[Float[np.ndarray, " N"]]:
    """The coordinates of one moment of a film, axis by axis, as `belief_simplex` draws them."""
    return list(np.ascontiguousarray(simplex.place(points).reshape(-1, simplex.corners.shape[1]).T))


def _dots(simplex: Simplex, drawn: BeliefPoints) -> dict:
    states = drawn.exact.shape[-1]
    style = {"color": mix_colours(drawn.exact.reshape(-1, states)), "size": 2.5 if simplex.solid else 4.5, "opacity": 0.75}
    said = {"text": _tell(drawn), "hovertemplate": "%{text}<extra></extra>"}
    common = {"mode": "markers", "name": drawn.name, "marker": style, "showlegend": False} | said
    if simplex.solid:
        x, y, z = place_points(simplex, drawn.points)
        return {"type": "scatter3d", "x": x, "y": y, "z": z} | common
    x, y = place_points(simplex, drawn.points)
    return scatter_trace(x, y, meta=list(range(len(x))), **common)


def _tell(drawn: BeliefPoints) -> list[str]:
    told = []
    for row, beliefs in zip(drawn.tokens, drawn.points, strict=True):
        for t, belief in enumerate(beliefs):
            read = " ".join(map(str, row[:t][-8:])) or "nothing"
            told.append(f"read {'… ' if t > 8 else ''}{read}<br>" + ", ".join(f"{name_state(s)} {p:.2f}" for s, p in enumerate(belief)))
    return told


def _edges(simplex: Simplex) -> dict:
    count = len(simplex.corners)
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    ends = np.full((len(pairs), 3, simplex.corners.shape[1]), np.nan)
    for k, (a, b) in enumerate(pairs):
        ends[k, :2] = simplex.corners[[a, b]]
    return _line(ends.reshape(-1, ends.shape[-1]), {"color": PALE, "width": 1}, "lines", hoverinfo="skip")


def _corners(simplex: Simplex) -> dict:
    names = [f"<b>{name_state(s)}</b>" for s in range(len(simplex.corners))]
    outward = simplex.corners + 0.06 * (simplex.corners - simplex.corners.mean(0))
    if len(simplex.corners) == 2:
        outward[:, 1] -= 0.7
    colours = [CORNERS[s % len(CORNERS)] for s in range(len(simplex.corners))]
    return _line(outward, {}, "text", text=names, textfont={"color": colours, "size": 15}, hoverinfo="skip")


def _walk(simplex: Simplex, walk: Float[np.ndarray, "T1 S"], *, solid: bool) -> dict:
    size = np.full(len(walk), 5.0)
    size[-1] = 12
    text = ["before the first token", *(f"after {t} token{'s' if t > 1 else ''}" for t in range(1, len(walk)))]
    return _line(simplex.place(walk), {"color": INK, "width": 2}, "lines+markers", name="your tokens", text=text,
                 marker={"size": size * (0.5 if solid else 1), "color": INK}, hovertemplate="%{text}<extra></extra>")


def _line(places: Float[np.ndarray, "N C"], line: dict, mode: str, **more) -> dict:
    axes = dict(zip("xyz", np.ascontiguousarray(places.T), strict=False))
    kind = "scatter3d" if len(axes) == 3 else "scatter"
    return {"type": kind, "mode": mode, "showlegend": False} | axes | ({"line": line} if line else {}) | more


def _canvas(simplex: Simplex, tokens: int, height: int) -> Drawing:
    bare = {"visible": False, "showgrid": False, "zeroline": False}
    if simplex.solid:
        hidden = {"visible": False, "showspikes": False, "range": [-0.55, 0.55]}
        scene = {f"{letter}axis": hidden for letter in "xyz"} | {"aspectmode": "cube", "camera": {"eye": {"x": 1.3, "y": 1.1, "z": 0.7}}}
        figure = Drawing({"height": height, "uirevision": "kept", "paper_bgcolor": "rgba(0,0,0,0)", "scene": scene,
                          "margin": {"l": 0, "r": 0, "t": 0, "b": 0}})
        return figure
    if len(simplex.corners) == 2:
        figure = empty_drawing(x="belief that the state is B", y="tokens read", height=height, hovermode="closest")
        return figure.x(range=[-EDGE, 1 + EDGE]).y(range=[-1.4, tokens])
    figure = empty_drawing(height=height, hovermode="closest", margin={"l": 8, "r": 8, "t": 8, "b": 8})
    low, high = simplex.corners.min(0) - EDGE, simplex.corners.max(0) + EDGE
    return figure.x(range=[low[0], high[0]], title=None, **bare).y(range=[low[1], high[1]], scaleanchor="x", **bare)


def _tabulate(drawn: BeliefPoints) -> pd.DataFrame:
    B, T, S = drawn.points.shape
    columns = {"sequence": np.repeat(np.arange(B), T), "tokens read": np.tile(np.arange(T), B)}
    columns |= {name_state(s): drawn.points[..., s].reshape(-1) for s in range(S)}
    return pd.DataFrame(columns | {f"exact {name_state(s)}": drawn.exact[..., s].reshape(-1) for s in range(S)})
