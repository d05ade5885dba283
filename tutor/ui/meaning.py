"""What the Meaning page shows of any prompt: what it reads as, what it is worth out of its place, and which vectors matter."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from tutor.figures import Picture, Score, score_bars
from tutor.methods import DeepPT
from tutor.runner import one_thread_count
from tutor.sources.language import WORDS
from tutor.studies.belongs import left_out
from tutor.studies.language_presets import SUMMARY
from tutor.studies.vectors import losing
from tutor.ui import catalog, embeddings

COLUMNS = {"cosine": st.column_config.NumberColumn("cosine of the nearest", format="%.2f"), "distance": st.column_config.NumberColumn("its distance", format="%.2f"),
           "tightness": st.column_config.NumberColumn("tightness", format="%.2f", help="Mean cosine among the five words: how much they have to do with each other.")}


def belongs(result: Mapping) -> Picture:
    """What a prompt loses in its place, out of order, incomplete, and in another network."""
    groups: dict[str, dict[str, Score]] = {"its own network": {}, "the other network": {}}
    for row in result["rows"]:
        elsewhere = "other network" in row["method"]
        groups["the other network" if elsewhere else "its own network"][row["method"].removesuffix(", other network")] = Score(row["value"], row["q25"], row["q75"])
    return score_bars(groups, measure="held-out loss (nats per token)")


def taken_apart(key: str) -> bool:
    """Whether leaving out a vector makes sense: a soft prompt in front, for the task on which the loss is measured."""
    spec = catalog.info(key).spec
    return spec.on == SUMMARY and not isinstance(spec.method, DeepPT) and spec.method.positions > 1


@st.cache_data(max_entries=64, show_spinner="Leaving out one vector after another ...")
def without_each(key: str) -> tuple[float, list[float]]:
    """The loss of a run's prompt as it is, and without each one of its vectors."""
    with one_thread_count():
        rows, network = embeddings.now(key), embeddings.network()
        return losing(network, rows), left_out(network, rows).tolist()


def importance(key: str) -> Picture:
    """How much more is lost without each vector."""
    whole, without = without_each(key)
    words = [WORDS[i] for i in embeddings.nearest(key, "cosine")]
    bars = {f"{k + 1}: {word}": Score(*[loss - whole] * 3) for k, (word, loss) in enumerate(zip(words, without, strict=True))}
    return score_bars({"without": bars}, measure="more lost without it (nats per token)")


def reading(key: str) -> pd.DataFrame:
    """The five words nearest to every vector."""
    return pd.DataFrame(embeddings.reading(key))


def usual() -> tuple[float, float]:
    """What stands to be compared with: the tightness of random words, and of each word's own neighbours."""
    ground = embeddings.ground()
    return embeddings.usual_tightness(), float(np.mean([embeddings.own_tightness(word) for word in range(0, len(ground.words), 10)]))
