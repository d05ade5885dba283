"""The page's address, which carries its settings: what no widget can read is taken out before any widget looks."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from tutor.places import PAGES

LONGEST = 600  # characters of one parameter
_PENDING = "address_pending"


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


def put(settings: Mapping[str, Any]) -> None:
    """Set controls of the page, by the names they have in the address, when it runs next."""
    st.session_state[_PENDING] = st.session_state.get(_PENDING, {}) | dict(settings)


def settle() -> None:
    """Before any widget is there: give them the values that were put."""
    for name, value in st.session_state.pop(_PENDING, {}).items():
        try:
            st.query_params[name] = _text(value)
        except StreamlitAPIException:                    # the parameter is a widget's own, which writes it by itself
            st.session_state[name] = value
        if f"{name}_choice" in st.session_state:
            st.session_state[f"{name}_choice"] = value


def go(page: str, settings: Mapping[str, Any], *, here: str) -> NoReturn:
    """Open a page with these settings; does not return. `here` is the page that runs now."""
    if page == here:
        put(settings)
        st.rerun()
    st.switch_page(PAGES / f"{page}.py", query_params={name: _text(value) for name, value in settings.items()})


def _text(value: Any) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value).lower() if isinstance(value, bool) else str(value)


def choose(  # noqa: PLR0913 - a selectbox and where it stands in the address
    label: str, options: Sequence[str], key: str, *, named: Callable[[str], str], first: str = "", then: Callable[[str], None] | None = None, **settings: Any
) -> str:
    """One of `options`, which stands in the address as itself; a bound selectbox would write the name that is shown.

    An option in the address that does not exist reads as `first`, or as the first there is. `then` hears of a choice before the page runs.
    """
    wanted = [name for name in (st.query_params.get(key), first, *options) if name in options]

    def note() -> None:
        st.query_params[key] = st.session_state[f"{key}_choice"]
        if then:
            then(st.query_params[key])

    return st.selectbox(label, options, index=options.index(wanted[0]), format_func=named, key=f"{key}_choice", on_change=note, **settings)
