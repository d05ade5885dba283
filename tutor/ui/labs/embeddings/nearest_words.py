"""Where tuned prompts stand among the words: a line of numbers and a verdict for each, beside draws from the cloud of words."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from tutor.analysis import prompt_vectors
from tutor.measure.prompt_geometry import TokenGeometry, distance_travelled
from tutor.methods.priors import AbstractPrior, Fitted
from tutor.ui.labs.embeddings import tuned_vectors
from tutor.ui.run_views import cached_results

DRAWS = 256
"""Vectors drawn as words lie; so many that their numbers hardly depend on the draw."""
LEFT = 1.5
"""Times as far from the nearest word as such draws: whoever is farther has left the words."""
CONTROL = "draws from the cloud"


@st.cache_data(max_entries=8, show_spinner=False)
def measure_control(layer: int = 0) -> TokenGeometry:
    """Geometry of DRAWS vectors from a Gaussian fitted to the words: the control for prompts that lie among words without being any."""
    return prompt_vectors.measure_vectors(tuned_vectors.word_space(layer), tuned_vectors.draw_vectors(Fitted(), layer, DRAWS, 0))


def tabulate_prompts(keys: Mapping[str, str], layer: int) -> pd.DataFrame:
    """Make a table with a row per prompt (label -> key) on where its vectors ended among the words, and a last row for the control."""
    lines = []
    for label, key in keys.items():
        rows = tuned_vectors.vector_ends(key, layer)
        gone = distance_travelled(rows[0], rows[-1], tuned_vectors.word_space(layer).gaussian)
        found = tuned_vectors.token_geometry(key, layer)
        lines.append(
            {"prior": label, "travelled (radii)": f"{gone:.1f}"}
            | _numbers(found)
            | {"effective rank": f"{found.rank}" if len(rows[-1]) > 1 else "–"}
        )
    return pd.DataFrame([*lines, {"prior": CONTROL, "travelled (radii)": "–"} | _numbers(measure_control(layer)) | {"effective rank": "–"}])


def _numbers(found: TokenGeometry) -> dict[str, str]:
    return {"nearest word (radii)": f"{found.distance:.2f}", "nearest word (cosine)": f"{found.cosine:.2f}",
            "Mahalanobis": f"{found.mahalanobis:.1f}"}


def describe_geometry(found: TokenGeometry, control: TokenGeometry) -> str:
    """Say in half a sentence whether vectors collapsed onto words, left the words, or lie among them.

    Parameters
    ----------
    control
        Geometry of draws from a Gaussian fitted to the words.
    """
    near = (f"the nearest word is {found.distance:.2g} radii away (draws from the cloud of words: {control.distance:.2g}), with a cosine "
            f"of {found.cosine:.2f} ({control.cosine:.2f})")
    if found.cosine >= (1 + control.cosine) / 2 and found.distance <= control.distance / 2:
        return f"have **collapsed onto words**: {near}."
    if found.distance > LEFT * control.distance:
        return f"have **left the words**: {near}."
    if found.cosine < control.cosine - (1 - control.cosine) / 2:
        return f"lie **among the words, but point towards none of them**: {near}."
    return f"lie **where words lie**, but are none of them: {near}."


def describe_prompts(keys: Mapping[str, str], layer: int) -> str:
    """Apply `describe_geometry` to each prompt (label -> key), as a Markdown list."""
    return "\n".join(
        f"- *{label}*: these vectors "
        f"{describe_geometry(tuned_vectors.token_geometry(key, layer), measure_control(layer))}"
        for label, key in keys.items()
    )


def describe_own_prompt(key: str) -> str:
    """Apply `describe_geometry` to each layer for which a visitor's prompt has vectors, as a Markdown list."""
    layers = [int(name.rpartition("/")[2]) for name in cached_results.load_arrays(key) if name.startswith("prompt/")]
    return "\n".join(
        f"- *{f'into layer {n + 1}' if n else 'among words'}*: these vectors "
        f"{describe_geometry(tuned_vectors.token_geometry(key, n), measure_control(n))}"
        for n in sorted(layers)
    )


def prior_facts(wanted: AbstractPrior, layer: int, many: int, seed: int) -> dict[str, float]:
    """Facts for lessons about vectors from a prior: mean cosine with the nearest word and distance to it (radii)."""
    found = prompt_vectors.measure_vectors(tuned_vectors.word_space(layer), tuned_vectors.draw_vectors(wanted, layer, many, seed))
    return {"nearest": found.cosine, "away": found.distance}


def show_shrinkage(wanted: AbstractPrior, layer: int) -> None:
    """Draw a note where the covariance of a Gaussian that the prior fits had to be shrunk."""
    parts = [part for part in tuned_vectors.list_shrinkages(wanted, layer) if part]
    if parts:
        st.caption("The cloud to which this prior is fitted has too few words for a full covariance, so it was shrunk towards a sphere by "
                   f"{' and '.join(f'{part:.1%}' for part in parts)}.")
