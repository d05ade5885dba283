"""Which network the page Beliefs shows, and a network of the visitor's own on a process of their choice."""

import streamlit as st

from tutor.sources import HiddenMarkov
from tutor.studies.belief_presets import SHIPPED, specify_network
from tutor.ui.run_views import catalog, cost_estimate, run_controls, status_line
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section
from tutor.ui.widgets import forms

RUN = "beliefs_run"


def choose_network() -> str | None:
    """Draw the choice of a network, or the progress of one that is still computed, and return its key; None where there is none."""
    asked = st.query_params.get(RUN, "")
    if catalog.run_state(asked) not in ("", "done") and isinstance(catalog.find_info(asked).spec.source, HiddenMarkov):
        status_line.draw_status_panel(asked)
        return asked
    networks = catalog.list_pretrainings(HiddenMarkov)
    if not networks:
        st.info("There is no network for hidden states yet. Train one below: it takes a few seconds.", icon=":material/arrow_downward:")
        return None
    opening = next((spec.key() for spec in SHIPPED if spec.key() in networks), "")
    return url_state.choose_option("Network", list(networks), RUN, first=opening, width=420,
                                   named=lambda one: catalog.run_name(networks[one]))


@section()
def ask_process() -> None:
    """Draw the form for a network of the visitor's own: a process by name or by matrices, a body, a seed, and a button that starts it."""
    source = forms.ask_fields(HiddenMarkov, "beliefs_process")
    body = forms.ask_body("beliefs_body", "Network")
    seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="beliefs_seed", bind="query-params", width=150,
                           help="Fixes the initial weights and the training data: the same seed gives the same numbers.")
    if not (source and body):
        return
    wish = specify_network(source, body, int(seed))
    there = catalog.run_state(wish.key()) == "done"
    if st.button("Show this network" if there else "Train this network", type="primary", key="beliefs_start",
                 icon=":material/play_arrow:") and (started := run_controls.start_run(wish)):
        st.query_params[RUN] = started
        st.rerun()
    st.caption("This network is trained already and opens at once." if there else cost_estimate.describe_cost([wish]))
