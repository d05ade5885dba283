"""A network for coins and the coin that it shall expect: what the pages about prompts made by hand ask first."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tutor.runs.store import RunInfo
from tutor.sources import AbstractSource
from tutor.ui.run_views import catalog
from tutor.ui.shell import url_state
from tutor.ui.widgets import forms


def choose_base(page: str, place: DeltaGenerator, bases: Mapping[str, RunInfo]) -> str:
    """Draw the choice of a network in `place` and return its key; the parameter in the address is `<page>_base`."""
    with place:
        return url_state.choose_option("Network", list(bases), f"{page}_base", named=lambda key: catalog.run_name(bases[key]))


def choose_target(page: str, place: DeltaGenerator) -> AbstractSource | None:
    """Draw the choice of a target in `place`; None where its form has an error. Parameters in the address begin with `<page>_on`."""
    with place:
        return forms.ask_source(f"{page}_on", "Target: the coin to tune for", default="Single coin 0.2")


def has_two_sides(target: AbstractSource | None) -> bool:
    """Whether a target is a coin; where it is not, draw a note that says so."""
    if target is None or target.vocab != 2:
        st.info("Choose a target with two sides to go on.", icon=":material/arrow_upward:")
        return False
    return True
