"""Which of several runs are looked at: a button per method, and a list of further variants of the same methods."""

from collections.abc import Mapping

import streamlit as st

from tutor.runs.spec import RunSpec
from tutor.ui.run_views import run_comparison


def choose_runs(specs: Mapping[str, RunSpec], key: str, *, all_variants: bool = False) -> list[str]:
    """Draw the choice among runs and return the keys of those that are picked, ordered by name.

    Parameters
    ----------
    key
        Key of the buttons and name of their parameter; the list of further variants has `<key>_more`.
    all_variants
        Whether further variants of a method are picked at first as well.
    """
    named, ordered = run_comparison.named(specs), run_comparison.ordered(specs)
    firsts = list({named[one].method: one for one in reversed(ordered)}.values())[::-1]
    others = [one for one in ordered if one not in firsts]
    titles = {one: name.title for one, name in named.items()}
    picked = st.pills("Methods", firsts, format_func=titles.get, selection_mode="multi", default=firsts, key=key, bind="query-params")
    if others:
        picked = [*picked, *st.multiselect("Further variants", others, format_func=titles.get, default=others if all_variants else [],
                                           key=f"{key}_more", bind="query-params", placeholder="Lengths and other settings")]
    return [one for one in ordered if one in picked]
