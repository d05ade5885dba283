"""All controls of a page at once: back to where they start, except those that somebody sets.

A control that is bound to the address is filled from it, as after the browser's Back: what the address does not name starts again. Others
are set to the value with which they were made.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tutor.ui.shell import url_state

_PENDING = "controls_pending"
VALUES = frozenset({"bool_value", "double_value", "int_value", "string_value", "double_array_value", "int_array_value",
                    "string_array_value"})
"""What a control that can be set holds; buttons, pictures and uploads hold something else."""


def set_up(page: str, settings: Mapping[str, Any], *, here: str, also: Mapping[str, str] | None = None) -> NoReturn:
    """Open a page with these settings and every other control at its default. Does not return.

    Parameters
    ----------
    page, here
        The page to open, and the page that runs now.
    settings
        Values by the names of the page's controls.
    also
        Further parameters of the address, such as the lesson and its step.
    """
    st.session_state[_PENDING] = page, dict(settings), dict(also or {})
    if page == here:
        st.rerun()
    for name in _of(page):                       # what an earlier visit left: nothing of it is on the screen, so it is simply forgotten
        del st.session_state[name]
    url_state.open_page(page, {**settings, **(also or {})}, here=here)


def apply_set_up(page: str) -> None:
    """Apply what `set_up` stored for `page`; call it before the page makes any control."""
    wanted, settings, also = st.session_state.pop(_PENDING, ("", {}, {}))
    if wanted == page:
        set_controls(page, settings | also)


def set_controls(page: str, settings: Mapping[str, Any]) -> None:
    """Set these controls of a page and reset all others to their defaults; call it before the page makes any control."""
    for name in _of(page):
        _start_again(name)
    url_state.write_settings(settings, instead_of=f"{page}_")


def _of(page: str) -> list[str]:
    return [name for name in map(str, st.session_state) if name.startswith(f"{page}_")]


def _start_again(name: str) -> None:
    """Give a control that is not bound to the address the value with which it was made; forget what is no control, or none of this page
    any more."""
    state = get_script_run_ctx().session_state._state              # nothing public knows where a control starts
    widget = state.get_widget_id_from_key(name)
    known = widget and state.get_widget_metadata(widget)
    if not known or name.endswith("_choice"):                      # address.choose makes those from the address
        del st.session_state[name]
    elif known.bind is None and known.value_type in VALUES and st.session_state.get(name) != (start := known.deserializer(None)):
        st.session_state[name] = start
