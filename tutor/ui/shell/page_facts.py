"""What a page tells about the pictures it shows, for lessons to compare with: names and plain numbers, new in every run.

A lesson may ask for one of them before it is shown; then the page keeps it to itself until the learner has guessed.
"""

from collections.abc import Iterable
from typing import Any

import streamlit as st

FACTS_KEY, ASKED_KEY = "facts_of_this_run", "facts_asked_for"


def clear_facts() -> None:
    """Forget all facts and all withheld names at the start of a run."""
    st.session_state[FACTS_KEY], st.session_state[ASKED_KEY] = {}, frozenset()


def record_facts(**known: Any) -> None:
    """Record what the page shows, for lessons to use; a name recorded again gets the newer value."""
    st.session_state.setdefault(FACTS_KEY, {}).update(known)


def read_facts() -> dict[str, Any]:
    """Return all facts recorded in this run."""
    return st.session_state.get(FACTS_KEY, {})


def withhold_facts(names: Iterable[str]) -> None:
    """Set the names of the facts that the page must not show until the learner has guessed them."""
    st.session_state[ASKED_KEY] = frozenset(names)


def is_withheld(*names: str) -> bool:
    """Whether any of these facts is withheld, so that no picture, number or sentence may reveal it."""
    return not st.session_state.get(ASKED_KEY, frozenset()).isdisjoint(names)


def may_show(*names: str) -> bool:
    """Whether none of these facts is withheld; where one is, draw a note that says so."""
    if is_withheld(*names):
        st.info("This is shown once you have made your guess.", icon=":material/visibility_off:")
    return not is_withheld(*names)
