"""What the Meaning page shows of coin networks, whose language has two words: what a soft prompt says that these cannot."""

import numpy as np
import pandas as pd
import streamlit as st

from tutor.figures import Picture, off_the_line
from tutor.measure.two_tokens import leaving
from tutor.methods import RealPT, SimplexPT, SoftPT
from tutor.runner import one_thread_count
from tutor.spec import RunSpec
from tutor.studies.presets import FAST, NETWORKS, SINGLE, TWO_COINS
from tutor.ui import catalog, numbers, runs

BODIES = {body.label: body for body in NETWORKS}
COLUMNS = {"off the line": st.column_config.NumberColumn(format="%.2f"), "beyond heads and tails": st.column_config.NumberColumn(format="%.2f"),
           "regret after 50 flips (nats)": st.column_config.NumberColumn(format="%.3f")}
TARGETS = {source.label: source for source in (SINGLE, TWO_COINS)}


def tunings(body: str, target: str) -> dict[str, RunSpec]:
    """The tunings of the main studies whose prompts are searched in ever more room, by method; those that are finished."""
    ways = (FAST.hard, SimplexPT(), RealPT(), SoftPT())
    specs = [FAST.tuned(FAST.base(BODIES[body]), method, TARGETS[target]) for method in ways]
    return {spec.method.label: spec for spec in specs if catalog.state(spec.key()) == "done"}


@st.cache_data(max_entries=32, show_spinner=False)
def placed(key: str) -> np.ndarray:
    """Along the line from heads to tails, off it, and beyond what both span [K, 3], of the prompt of repetition 0."""
    with one_thread_count():
        found = leaving(runs.load(key).predictor)
    return np.stack([part.double().numpy() for part in (found.along, found.off, found.beyond)], axis=1)


def drawn(found: dict[str, RunSpec]) -> Picture:
    """Where the vectors of these prompts are."""
    return off_the_line({method: placed(spec.key()) for method, spec in found.items()})


def table(found: dict[str, RunSpec]) -> pd.DataFrame:
    """How far each method goes, and what it reaches."""
    return pd.DataFrame([{"method": method, "off the line": placed(spec.key())[:, 1].mean(), "beyond heads and tails": placed(spec.key())[:, 2].mean(),
                          "regret after 50 flips (nats)": numbers.lost(spec.key(), spec.on)} for method, spec in found.items()])


def sentence(found: dict[str, RunSpec]) -> str:
    """What leaving the tokens is worth here."""
    rows = table(found).set_index("method")
    if not {SoftPT.label, RealPT.label} <= set(rows.index):
        return ""
    soft, tokens = rows.loc[SoftPT.label], rows.drop(SoftPT.label)
    best = tokens["regret after 50 flips (nats)"].idxmin()
    low = tokens.loc[best, "regret after 50 flips (nats)"]
    return (f"The vectors of {SoftPT.label} lie **{soft['beyond heads and tails']:.1f}** times the distance from heads to tails beyond anything that these two words say in any amount. "
            f"Its regret is **{soft['regret after 50 flips (nats)']:.3f} nats**; the best that stays among the words, {best}, has {low:.3f}.")
