"""The page's address, which carries its settings: what no widget can read is taken out before any widget looks.

Back and Forward restore a page from its address alone: a control that the address does not name has its default again. Streamlit
does so for bound widgets; whatever else takes its value from the address asks `came_by_address()`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

MAX_PARAMETER = 600  # characters of one parameter
_PENDING = "address_pending"


def came_by_address() -> bool:
    """Whether controls must take their values from the address alone in this run.

    That is so after the browser's Back or Forward, and after this module has written settings into the address.
    """
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def drop_broken_parameters() -> None:
    """Remove parameters that are too long or not finite from the address, and rerun the page if any was removed.

    Streamlit 1.67 answers `inf` with a traceback. Parameters that already belong to a widget cannot be removed and stay. The rerun is
    needed because widgets read the address with which the run began.
    """
    wrong = [name for name, value in st.query_params.to_dict().items() if len(value) > MAX_PARAMETER or not _finite(value)]
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


def set_later(settings: Mapping[str, Any]) -> None:
    """Store settings, by their names in the address, for `apply_settings` to apply in the next run."""
    st.session_state[_PENDING] = st.session_state.get(_PENDING, {}) | dict(settings)


def apply_settings() -> None:
    """Write the settings stored by `set_later` into the address; call it before the page makes any widget.

    The widgets then read the address as after Back. Values set through the session state would conflict with the widgets' defaults, which
    Streamlit warns about.
    """
    if settings := st.session_state.pop(_PENDING, {}):
        write_settings(settings)


def write_settings(settings: Mapping[str, Any]) -> None:
    """Write settings into the address and make the widgets read it; call it before the page makes any widget."""
    run = get_script_run_ctx()
    if run is None:
        return
    with run.session_state.query_params() as parameters:
        for name, value in settings.items():
            parameters.set_with_no_forward_msg(name, setting_text(value))
        parameters.set_initial_query_params_from_current()
    st.query_params.update({})                          # tells the browser
    run.is_history_navigation = True


def renew_values(name: str, new: Callable[[str], str]) -> None:
    """Replace the values of a parameter of the address by what they are called now; call it before the page makes any widget."""
    asked = st.query_params.get_all(name)
    renewed = [new(value) for value in asked]
    if renewed != asked:
        write_settings({name: renewed})


def choose_segment(label: str, options: Sequence[Any], *, default: Any, key: str, **settings: Any) -> Any:
    """Draw a segmented control that is bound to the address and return the choice.

    Parameters
    ----------
    default
        The choice where the address names no option.
    key
        Key of the widget and name of the parameter.
    settings
        Further arguments of `st.segmented_control`.
    """
    chosen = st.segmented_control(label, options, default=default, required=True, key=key, bind="query-params", **settings)
    return default if chosen is None else chosen


def setting_text(value: Any) -> str | list[str]:
    """Return a setting as the address holds it: text, or a list of texts."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value).lower() if isinstance(value, bool) else str(value)


def choose_option(  # noqa: PLR0913 - a selectbox and where it stands in the address
    label: str, options: Sequence[str], key: str, *, named: Callable[[str], str], first: str = "",
           then: Callable[[str], None] | None = None, **settings: Any
) -> str:
    """Draw a selectbox that writes the option itself into the address (a bound selectbox would write its label), and return the choice.

    Parameters
    ----------
    key
        Name of the parameter; the widget's own key is `<key>_choice`.
    named
        Returns the label of an option.
    first
        The default; the first option where it is "" or none of `options`. A visitor whose link has no `key` gets their last choice instead.
    then
        Called with a new choice before the page runs again.
    settings
        Further arguments of `st.selectbox`.
    """
    held = f"{key}_choice"
    default = next(name for name in (first, *options) if name in options)
    said = st.query_params.get(key)
    kept = None if came_by_address() else st.session_state.get(held)
    wanted = next(name for name in (said, kept, default) if name in options)
    if st.session_state.get(held) != wanted:
        st.session_state[held] = wanted
    if wanted not in (said, default):
        st.query_params[key] = wanted

    def note() -> None:
        st.query_params[key] = st.session_state[held]
        if then:
            then(st.query_params[key])

    return st.selectbox(label, options, format_func=named, key=held, on_change=note, persist_state="session", **settings)
