"""A prompt edited by hand. Its vectors live in the address, as letters where they are whole flips; every editor shows and writes the same
ones."""

import math
from collections.abc import Callable, Container

import numpy as np
import pandas as pd
import streamlit as st

from tutor.analysis.manual_prompts import RegretLandscape
from tutor.analysis.optimizer_step import OptimizerStep
from tutor.ui.shell import url_state

MAX_VECTORS, MAX_AMOUNT = 8, 40.0
FIRST = "TTTHTT"  # the best six flips for a coin of 0.2
KINDS = {
    "Flips": "Whole flips: H or T, as you would type them.",
    "Shares": "Each vector is a mixture: a share of heads, the rest tails.",
    "Vectors": "Any amount of heads and tails, also above 1 or below 0.",
}

Rows = np.ndarray


def parse_rows(text: str) -> Rows | None:
    """Parse the vectors of a prompt [K, 2] (heads, tails) from text such as `TTHT` or `T,0.2:0.8,H`.

    Returns
    -------
    array or None
        Amounts clipped to MAX_AMOUNT. None where the text has another form or more than MAX_VECTORS vectors.
    """
    parts = text.split(",") if "," in text or ":" in text else list(text)
    if not 1 <= len(parts) <= MAX_VECTORS:
        return None
    try:
        rows = [{"H": (1.0, 0.0), "T": (0.0, 1.0)}.get(part.strip().upper()) or _pair(part) for part in parts]
    except ValueError:
        return None
    return np.array(rows)


def _pair(part: str) -> tuple[float, float]:
    heads, tails = (float(number) for number in part.split(":"))
    if not (math.isfinite(heads) and math.isfinite(tails)):
        raise ValueError(part)
    return float(np.clip(heads, -MAX_AMOUNT, MAX_AMOUNT)), float(np.clip(tails, -MAX_AMOUNT, MAX_AMOUNT))


def format_rows(rows: Rows) -> str:
    """Format vectors [K, 2] as text that `parse_rows` reads, rounded to two decimals."""
    parts = [{(1.0, 0.0): "H", (0.0, 1.0): "T"}.get(tuple(row)) or f"{row[0]:g}:{row[1]:g}" for row in np.round(rows, 2).tolist()]
    return "".join(parts) if all(part in "HT" for part in parts) else ",".join(parts)


def format_amounts(heads: float, tails: float) -> str:
    """Format amounts of heads and tails for a headline, such as "0.3 H + 12 T"."""
    return " + ".join(f"{number:.0f} {side}" if abs(number) >= 9.95 else f"{number:.1f} {side}"
                      for number, side in ((heads, "H"), (tails, "T")))


def fit_rows(kind: str, rows: Rows) -> Rows:
    """Restrict vectors [K, 2] to a kind of editor: "Vectors" keeps them, "Shares" makes each sum to 1, "Flips" also rounds."""
    if kind == "Vectors":
        return rows
    amounts = rows.clip(0)
    total = amounts.sum(1)
    heads = np.where(total > 0, amounts[:, 0] / np.where(total > 0, total, 1), 0.5)
    heads = np.round(heads) if kind == "Flips" else heads
    return np.stack([heads, 1 - heads], axis=1)


def put_rows(place: str, rows: Rows) -> None:
    """Write the vectors into the parameter `place` of the address, clipped to MAX_AMOUNT."""
    st.query_params[place] = format_rows(np.clip(rows, -MAX_AMOUNT, MAX_AMOUNT))


def tabulate_landscape(mine: Rows, ground: RegretLandscape, path: np.ndarray | None) -> pd.DataFrame:
    """Make a table of notable points in token space, with the regret (nats) at each.

    Parameters
    ----------
    mine
        The visitor's vector [2].
    path
        Where an optimiser went [S, 2]; None adds no point.
    """
    points = {"your vector": mine, "a whole H": (1.0, 0.0), "a whole T": (0.0, 1.0), "half a flip each": (0.5, 0.5), "nothing": (0.0, 0.0)}
    if path is not None:
        points["where the optimiser ended"] = path[-1]
    points["the lowest of the grid"] = ground.best[:2]
    told = pd.DataFrame([{"point": name, "heads": x, "tails": y} for name, (x, y) in points.items()]).round(2)
    return told.assign(regret=[ground.height(*map(float, point)) for point in points.values()]).round(3)


def tabulate_adam(step: OptimizerStep) -> pd.DataFrame:
    """Make a table of one Adam step: for every entry of the prompt its gradient, both moments, and the change."""
    entries = [(k, side) for k in range(len(step.before)) for side in (0, 1)]
    columns = {"gradient": step.gradient, "mean m": step.momentum, "root of v": step.scale, "moves by": step.after - step.before}
    rows = {"entry": [f"vector {k + 1}, {('heads', 'tails')[side]}" for k, side in entries]}
    return pd.DataFrame(rows | {name: [float(f"{values[place]:.3g}") for place in entries] for name, values in columns.items()})


def make_opener(place: str, kind: str, tuned: Container[str]) -> Callable[[str], None]:
    """Return the callback for a chosen starting prompt: it clears the address and opens a tuned prompt as "Vectors", any other as "Flips".

    Parameters
    ----------
    place, kind
        Parameters of the address that hold the vectors and the kind of editor.
    tuned
        Names of the tuned prompts.
    """

    def opened(origin: str) -> None:
        if place in st.query_params:
            del st.query_params[place]
        url_state.set_later({kind: "Vectors" if origin in tuned else "Flips"})

    return opened


def make_mover(place: str, many: int, kind: str) -> Callable[[list[float], list[float]], None]:
    """Return the callback for dragged points: it writes the `many` vectors into the address and switches the editor to "Vectors".

    Parameters
    ----------
    place, kind
        Parameters of the address that hold the vectors and the kind of editor.
    """

    def moved(heads: list[float], tails: list[float]) -> None:
        if len(heads) == many:
            put_rows(place, np.stack([heads, tails], axis=1))
            if st.session_state.get(kind) != "Vectors":
                url_state.set_later({kind: "Vectors"})

    return moved


def draw_editor(kind: str, place: str, rows: Rows) -> None:
    """Draw the widgets that edit the vectors `rows` [K, 2], which are in the parameter `place` of the address."""
    {"Flips": _flips, "Shares": _shares, "Vectors": _vectors}[kind](place, rows)
    with st.container(horizontal=True):
        longer = np.concatenate([rows, rows[-1:]])
        st.button(
            "Add a vector",
            on_click=put_rows,
            args=(place, longer),
            disabled=len(rows) >= MAX_VECTORS,
            icon=":material/add:",
            key=f"{place}_add",
        )
        st.button("Remove the last", on_click=put_rows, args=(place, rows[:-1]), disabled=len(rows) <= 1, icon=":material/remove:",
                  key=f"{place}_remove")


def _flips(place: str, rows: Rows) -> None:
    with st.container(horizontal=True, gap="small"):
        for k, row in enumerate(rows):
            name, other = ("H", "tails") if row[0] else ("T", "heads")
            st.button(name, on_click=put_rows, args=(place, _with(rows, k, row[::-1])), key=f"{place}_flip_{k}",
                      help=f"Vector {k + 1}: turn to {other}")


def _shares(place: str, rows: Rows) -> None:
    for k, row in enumerate(rows):
        _slider(f"Vector {k + 1}: share of heads", f"{place}_share_{k}", float(row[0]), (0.0, 1.0, 0.01),
                lambda heads, k=k: put_rows(place, _with(rows, k, (heads, 1 - heads))))


def _vectors(place: str, rows: Rows) -> None:
    k = url_state.choose_segment("Vector", range(len(rows)), format_func=lambda k: str(k + 1), default=0, key=f"{place}_chosen_{len(rows)}")
    for side, name in enumerate(("heads", "tails")):
        def change(amount: float, side: int = side) -> None:
            put_rows(place, _with(rows, k, [amount if side == axis else rows[k][axis] for axis in (0, 1)]))

        reach = max(4.0, float(math.ceil(np.abs(rows).max())))
        _slider(f"Amount of {name}", f"{place}_{name}", float(rows[k][side]), (-reach, reach, 0.01), change)


def _slider(label: str, key: str, value: float, span: tuple[float, float, float], change: Callable[[float], None]) -> None:
    low, high, step = span
    st.session_state[key] = round(min(max(value, low), high), 2)   # the address is the truth, whoever wrote it last
    st.slider(label, low, high, step=step, key=key, on_change=lambda: change(st.session_state[key]))


def _with(rows: Rows, k: int, row) -> Rows:
    changed = np.array(rows, dtype=float)
    changed[k] = row
    return changed
