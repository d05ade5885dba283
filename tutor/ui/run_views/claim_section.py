"""A section of a page about one study: its claim and verdict, what the page draws of its numbers, and the checks behind them."""

from collections.abc import Callable
from functools import wraps

import streamlit as st

from tutor.ui.run_views import run_comparison
from tutor.ui.shell.sections import section


def claim_section(study: str, heading: str) -> Callable[[Callable[..., str | None]], Callable[..., None]]:
    """Decorate a function that draws a study's result, so that it draws a section with heading, verdict, claim, result and checks.

    The function receives the result and the section's own arguments, and may return a note to show under the checks. It is not called
    while the study is not computed.

    Parameters
    ----------
    study
        Name of a registered study.
    """

    def around(draw: Callable[..., str | None]) -> Callable[..., None]:
        @section()
        @wraps(draw)
        def drawn(*given) -> None:
            st.header(heading)
            if result := run_comparison.draw_claim(study):
                show_checks(result, draw(result, *given) or "")

        return drawn

    return around


def show_checks(result: dict, note: str = "") -> None:
    """Draw all checks of a study in a closed expander, with a note under them."""
    with st.expander("What was checked"):
        run_comparison.draw_checks(result)
        if note:
            st.caption(note)
