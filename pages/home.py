"""The front door: a prompt to change before a network that runs in the page, where to go from there, and the claims with their verdicts."""

import streamlit as st

from tutor.studies import FAST, PAPER, STUDIES
from tutor.ui.experiment import NETWORK, draw_experiment, make_headline
from tutor.ui.run_views import cached_results, catalog, claim_section
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
            (text.read("researching"), "regret", "Research"))
    for column, (what, page, label) in in_rows(ways, 3):
        with column, st.container(border=True, height="stretch", gap=None, key=f"door_{label.lower()}"):
            catalog.draw_link(page, label, "arrow_forward")
            st.caption(what)
    text.caption("proof", claims=len(STUDIES))


@section()
def claims() -> None:
    st.header("What the papers claim, measured here")
    known = {name: cached_results.study_result(name, PAPER.name) or cached_results.study_result(name, FAST.name) for name in STUDIES}
    for column, name in in_rows([name for name in known if known[name]], 2):
        with column, st.container(border=True, height="stretch"), section():
            claim_section.claim_card(name, known[name])


experiment()
doors()
claims()
