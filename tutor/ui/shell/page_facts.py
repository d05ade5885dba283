"""What a page tells about the pictures it shows: names and plain values, new in every run."""

from typing import Any

import streamlit as st

FACTS_KEY = "facts_of_this_run"


def clear_facts() -> None:
    """Forget all facts at the start of a run."""
    st.session_state[FACTS_KEY] = {}


def record_facts(**known: Any) -> None:
    """Record what the page shows; a name recorded again gets the newer value."""
    st.session_state.setdefault(FACTS_KEY, {}).update(known)
