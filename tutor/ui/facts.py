"""What a page tells about the pictures it shows, for lessons to compare with: names and plain numbers, new in every run."""

from typing import Any

import streamlit as st

PLACE = "facts_of_this_run"


def forget() -> None:
    """Nothing is shown yet."""
    st.session_state[PLACE] = {}


def tell(**known: Any) -> None:
    """What is on the screen now."""
    st.session_state.setdefault(PLACE, {}).update(known)


def told() -> dict[str, Any]:
    """Everything told in this run."""
    return st.session_state.get(PLACE, {})
