"""The front door: a prompt to change before a network that runs in the page, and where to go from there."""

import streamlit as st

from tutor.ui.experiment import NETWORK, draw_experiment, make_headline
from tutor.ui.run_views import catalog, claim_list
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

BELOW = 170                       # pixels of the doors below the experiment

text = PageText("home")


@section()
def experiment() -> None:
    with make_headline():
        text.open()
    draw_experiment("home", NETWORK, below=BELOW, tour=True)


@section()
def doors() -> None:
    ways = ((text.read("studying"), "lessons", "Learn"), (text.read("teaching"), "lessons", "Teach"),
            (text.read("researching"), "claims", "Research"))
    for column, (what, page, label) in in_rows(ways, 3):
        with column, st.container(border=True, height="stretch", gap=None, key=f"door_{label.lower()}"):
            catalog.draw_link(page, label, "arrow_forward")
            st.caption(what)
    catalog.draw_link("claims", f"{claim_list.describe_number()}.", "verified")


experiment()
doors()
