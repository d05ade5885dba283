"""The page's address, which carries its settings: what no widget can read is taken out before any widget looks."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

LONGEST = 600  # characters of one parameter


def mend() -> None:
    """Take out parameters that are empty, endless or no finite number: Streamlit 1.67 answers `inf` with a traceback.

    A parameter that already belongs to a widget is the widget's own and stays. Widgets are filled from the address with which
    a run began, so the page runs again when something was taken out.
    """
    wrong = [name for name, value in st.query_params.to_dict().items() if not value or len(value) > LONGEST or not _finite(value)]
    if sum(_taken_out(name) for name in wrong):
        st.rerun()


def _taken_out(name: str) -> bool:
    try:
        del st.query_params[name]
    except (StreamlitAPIException, KeyError):
        return False
    return True


def _finite(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return True  # words are the widgets' business


def choose(label: str, options: Sequence[str], key: str, *, named: Callable[[str], str], first: str = "", **settings: Any) -> str:
    """One of `options`, which stands in the address as itself; a bound selectbox would write the name that is shown.

    An option in the address that does not exist reads as `first`, or as the first there is.
    """
    wanted = [name for name in (st.query_params.get(key), first, *options) if name in options]

    def note() -> None:
        st.query_params[key] = st.session_state[f"{key}_choice"]

    return st.selectbox(label, options, index=options.index(wanted[0]), format_func=named, key=f"{key}_choice", on_change=note, **settings)
