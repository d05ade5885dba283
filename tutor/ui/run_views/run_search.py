"""The filters of the list of runs, and one page of what fits: the store is asked for the lines that are shown, and for no more."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from tutor.methods.method_names import title_method
from tutor.runs.run_info import RunFilter
from tutor.ui.run_views import catalog, run_table, status_line
from tutor.ui.shell import visitor_runs

LINES = 50
"""Lines of a page."""
KEYS = {"network": "body"}
"""Fields whose filter has another name in the address."""
WORDS = {state: looks[0] for state, looks in status_line.LOOKS.items()}
"""What a state is called on the page, by its name."""


def choose_lines() -> pd.DataFrame | None:
    """Draw the filters and return the open page of the runs that match them; None, with a note, where none does."""
    store, everything = visitor_runs.open_store(), visitor_runs.open_store().count(catalog.shown())
    wanted = choose_filters()
    fitting = store.count(wanted)
    st.caption(f"{fitting:,} of {everything:,} runs · {disk()} on disk in your own store")
    if not fitting:
        st.info("No run fits these filters." if everything else "There is no run yet: train a network on Pretrain.",
                icon=":material/arrow_upward:")
        return None
    return run_table.tabulate_runs(store.list(wanted, limit=LINES, offset=LINES * (choose_page(fitting) - 1)))


def choose_filters() -> RunFilter:
    """Draw the filters of the list of runs: text, kind, network, method, state, and own runs only."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key="runs_text", bind="query-params", placeholder="words or a key", max_chars=80, width=220,
                              help="Words in the name, or the beginning of a key.")
        fields = {"kind": chosen("kind", ["pretraining", "tuning"])}
        fields |= {field: chosen(field, visitor_runs.open_store().tally(field, catalog.shown())) for field in ("network", "method")}
        states = {WORDS.get(state, state): state for state in visitor_runs.open_store().tally("state", catalog.shown())}
        fields["state"] = states.get(chosen("state", sorted(states)), "")
        own = st.toggle("Only my own", key="runs_own", bind="query-params")
    return catalog.shown(text=words or "", **fields) if not own else RunFilter(text=words or "", **fields, kept="own")


def chosen(field: str, found: Iterable[str]) -> str:
    """Draw the filter of one column with the values in `found` and return the choice; "" means no filter."""
    key = f"runs_{KEYS.get(field, field)}"
    value = st.selectbox(field.capitalize(), ["all", *found], key=key, bind="query-params", width=145, format_func=title_method)
    return "" if value in (None, "all") else value


def choose_page(fitting: int) -> int:
    """Draw the choice of a page where `fitting` runs need several; return its number, from 1."""
    pages = -(-fitting // LINES)
    if pages == 1:
        return 1
    asked = st.number_input(f"Page (1 to {pages:,})", min_value=1, value=1, key="runs_page", bind="query-params", width=145)
    return min(asked or 1, pages)


def disk() -> str:
    """Size of the visitor's own runs on disk, in MB or GB."""
    size = visitor_runs.open_store().size(RunFilter(kept="own")) / 2**20
    return f"{size:,.0f} MB" if size < 1024 else f"{size / 1024:,.1f} GB"
