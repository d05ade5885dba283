"""Where tuned prompts stand among the words: a line of numbers and a verdict for each, beside draws that lie as words do."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from tutor import vectors
from tutor.measure.posteriors import Standing, travelled
from tutor.priors import AbstractPrior, Fitted
from tutor.ui import embeddings, numbers

DRAWS = 256
"""Vectors drawn as words lie; so many that their numbers hardly depend on the draw."""
LEFT = 1.5
"""Times as far from the nearest word as such draws: whoever is farther has left the words."""
CONTROL = "draws as words lie"


@st.cache_data(max_entries=8, show_spinner=False)
def lying(layer: int = 0) -> Standing:
    """Where vectors stand that are drawn with mean and covariance of the words: near words, and none of them a word."""
    return vectors.told(embeddings.ground(layer), embeddings.drawn(Fitted(), layer, DRAWS, 0))


def table(keys: Mapping[str, str], layer: int) -> pd.DataFrame:
    """One line per prompt: where it ended among the words; the last line is the control."""
    lines = []
    for label, key in keys.items():
        rows = embeddings.ends(key, layer)
        gone = travelled(rows[0], rows[-1], embeddings.ground(layer).gaussian)
        found = embeddings.told(key, layer)
        lines.append({"prior": label, "travelled (radii)": f"{gone:.1f}"} | _numbers(found) | {"effective rank": f"{found.rank}" if len(rows[-1]) > 1 else "–"})
    return pd.DataFrame([*lines, {"prior": CONTROL, "travelled (radii)": "–"} | _numbers(lying(layer)) | {"effective rank": "–"}])


def _numbers(found: Standing) -> dict[str, str]:
    return {"nearest word (radii)": f"{found.distance:.2f}", "nearest word (cosine)": f"{found.cosine:.2f}", "Mahalanobis": f"{found.mahalanobis:.1f}"}


def verdict(found: Standing, control: Standing) -> str:
    """What became of some vectors, in a sentence: held against draws that lie as words do, and against words themselves (cosine 1, distance 0)."""
    near = f"the nearest word is {found.distance:.2g} radii away (draws that lie as words do: {control.distance:.2g}), with a cosine of {found.cosine:.2f} ({control.cosine:.2f})"
    if found.cosine >= (1 + control.cosine) / 2 and found.distance <= control.distance / 2:
        return f"have **collapsed onto words**: {near}."
    if found.distance > LEFT * control.distance:
        return f"have **left the words**: {near}."
    if found.cosine < control.cosine - (1 - control.cosine) / 2:
        return f"are **among the words, but point at none**: {near}."
    return f"**stand where words stand**, without being any: {near}."


def verdicts(keys: Mapping[str, str], layer: int) -> str:
    """A sentence for each of these prompts."""
    return "\n".join(f"- *{label}*: these vectors {verdict(embeddings.told(key, layer), lying(layer))}" for label, key in keys.items())


def own(key: str) -> str:
    """The same of every layer that a visitor's own prompt has vectors for."""
    layers = [int(name.rpartition("/")[2]) for name in numbers.arrays(key) if name.startswith("prompt/")]
    return "\n".join(f"- *{f'into layer {n + 1}' if n else 'among words'}*: these vectors {verdict(embeddings.told(key, n), lying(n))}" for n in sorted(layers))


def shrunk(wanted: AbstractPrior, layer: int) -> None:
    """Say where a Gaussian that the prior fits had to be shrunk."""
    parts = [part for part in embeddings.shrinkages(wanted, layer) if part]
    if parts:
        st.caption(f"The cloud to which this prior is fitted is too small to say its whole covariance, which was shrunk to a sphere by {' and '.join(f'{part:.1%}' for part in parts)}.")
