"""What a page tells about the pictures it shows: names and plain values, new in every run, which a visitor can take away as a file."""

from typing import Any

import orjson
import streamlit as st

from tutor.core.versions import __version__

FACTS_KEY = "facts_of_this_run"


def clear_facts() -> None:
    """Forget all facts at the start of a run."""
    st.session_state[FACTS_KEY] = {}


def record_facts(**known: Any) -> None:
    """Record what the page shows; a name recorded again gets the newer value."""
    st.session_state.setdefault(FACTS_KEY, {}).update(known)


def export_facts(address: str) -> bytes | None:
    """Write what the page shows as JSON: its address, the version, and every fact by name; None where the page has recorded none.

    A number that is not finite becomes null.
    """
    known = st.session_state.get(FACTS_KEY)
    if not known:
        return None
    found = {"address": address, "version": __version__, "facts": known}
    return orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
