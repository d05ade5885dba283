"""The script that every visit runs: the list of pages and the frame around them. A new page is one file and one line here."""

import streamlit as st

from tutor.places import PAGES
from tutor.ui import frame


def page(name: str, title: str, *, first: bool = False):
    """A file of pages/ under its own address; the first one is the front door. No icons: the browser would fetch them from elsewhere."""
    return st.Page(PAGES / f"{name}.py", title=title, url_path=name, default=first)


SECTIONS = {
    "": [page("home", "Home", first=True), page("lessons", "Lessons")],
    "Understand": [page("bayes", "Bayes")],
    "Experiment": [page("workbench", "Workbench"), page("pretrain", "Pretrain"), page("tune", "Tune"), page("step", "Slow motion")],
    "Prefixes": [page("attention", "Attention"), page("skills", "Skills"), page("anatomy", "Anatomy")],
    "Embeddings": [page("priors", "Priors"), page("clusters", "Clusters"), page("meaning", "Meaning"), page("own_model", "Your own model")],
    "Retrieval": [page("retriever", "Retriever doctor")],
    "Compare": [page("regret", "Regret"), page("inside", "Inside")],
    "Library": [page("runs", "Runs")],
}

frame.around(st.navigation(SECTIONS, expanded=True))
