"""What the Meaning page shows of coin networks, whose language has two words: what a soft prompt says that these cannot."""

import numpy as np
import pandas as pd
import streamlit as st

from tutor.core.threads import fix_threads
from tutor.figures import Picture, token_line_picture
from tutor.measure.two_token_fit import fit_token_line
from tutor.methods import RealPT, SimplexPT, SoftPT
from tutor.runs.spec import RunSpec
from tutor.studies.presets import FAST, NETWORKS, SINGLE, TWO_COINS
from tutor.ui.run_views import cached_results, catalog
from tutor.ui.shell import url_state, visitor_runs

BODIES = {body.label: body for body in NETWORKS}
COLUMNS = {"off the line": st.column_config.NumberColumn(format="%.2f"),
           "beyond heads and tails": st.column_config.NumberColumn(format="%.2f"),
           "regret after 50 flips (nats)": st.column_config.NumberColumn(format="%.3f")}
TARGETS = {source.label: source for source in (SINGLE, TWO_COINS)}


def list_tunings(body: str, target: str) -> dict[str, RunSpec]:
    """Finished tunings of the main studies by method, from hard prompts to free soft prompts.

    Parameters
    ----------
    body, target
        Labels in BODIES and TARGETS.
    """
    ways = (FAST.hard, SimplexPT(), RealPT(), SoftPT())
    specs = [FAST.tuned(FAST.base(BODIES[body]), method, TARGETS[target]) for method in ways]
    return {spec.method.label: spec for spec in specs if catalog.run_state(spec.key()) == "done"}


def choose_tunings() -> dict[str, RunSpec]:
    """Draw the choice of network and target and return their `list_tunings`; empty, with a note, where none is finished."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        body = url_state.choose_segment("Network", list(BODIES), default="Transformer", key="meaning_body")
        target = url_state.choose_segment("Tuned to", list(TARGETS), default=next(iter(TARGETS)), key="meaning_target")
    found = list_tunings(body, target)
    if not found:
        st.info("No tuning of this network is here yet: run `prompt-tutor study random-to-single --fast`.",
                icon=":material/hourglass_empty:")
    return found


@st.cache_data(max_entries=32, show_spinner=False)
def place_vectors(key: str) -> np.ndarray:
    """Coordinates [K, 3] of a run's vectors (repetition 0) relative to the two tokens, in distances between these.

    They are the position along the line from heads to tails (0 to 1), the distance from that line, and the distance from the plane of all
    amounts of both tokens.
    """
    with fix_threads():
        found = fit_token_line(visitor_runs.load_run(key).predictor)
    return np.stack([part.double().numpy() for part in (found.along, found.off, found.beyond)], axis=1)


def draw_vectors(found: dict[str, RunSpec]) -> Picture:
    """Draw the vectors of these prompts relative to the two tokens."""
    return token_line_picture({method: place_vectors(spec.key()) for method, spec in found.items()})


def tabulate_distances(found: dict[str, RunSpec]) -> pd.DataFrame:
    """Make a table with a row per method: mean distances from line and plane of the tokens, and regret after 50 flips (nats)."""
    return pd.DataFrame(
        [
            {
                "method": method,
                "off the line": place_vectors(spec.key())[:, 1].mean(),
                "beyond heads and tails": place_vectors(spec.key())[:, 2].mean(),
                "regret after 50 flips (nats)": cached_results.median_regret(spec.key(), spec.on),
            }
            for method, spec in found.items()
        ]
    )


def show_table(found: dict[str, RunSpec]) -> None:
    """Draw `tabulate_distances`."""
    st.dataframe(tabulate_distances(found), hide_index=True, height="content", width="content", column_config=COLUMNS,
                 alt="How far the vectors of each method lie from heads and tails, and their regret.")


def describe_distances(found: dict[str, RunSpec]) -> str:
    """Compare in a sentence the regret of the soft prompt with that of the best prompt among the tokens; "" where one is missing."""
    rows = tabulate_distances(found).set_index("method")
    if not {SoftPT.label, RealPT.label} <= set(rows.index):
        return ""
    soft, tokens = rows.loc[SoftPT.label], rows.drop(SoftPT.label)
    best = tokens["regret after 50 flips (nats)"].idxmin()
    low = tokens.loc[best, "regret after 50 flips (nats)"]
    return (f"The vectors of {SoftPT.label} lie **{soft['beyond heads and tails']:.1f}** times the distance from heads to tails beyond "
            f"every mixture of heads and tails, in any amounts. Its regret is **{soft['regret after 50 flips (nats)']:.3f} nats**; the "
            f"best method that stays with heads and tails, {best}, has {low:.3f}.")
