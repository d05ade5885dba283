"""The script that every visit runs: the list of pages and the frame around them. A new page is one file and one line here."""

import streamlit as st

from tutor.places import PAGES
from tutor.ui import frame


def page(name: str, title: str, icon: str, *, first: bool = False):
    """A file of pages/ under its own address; the first one is the front door."""
    return st.Page(PAGES / f"{name}.py", title=title, icon=f":material/{icon}:", url_path=name, default=first)


SECTIONS = {
    "": [page("home", "Home", "home", first=True)],
    "Understand": [page("bayes", "Bayes", "casino")],
    "Experiment": [page("pretrain", "Pretrain", "model_training"), page("tune", "Tune", "tune")],
    "Compare": [page("regret", "Regret", "query_stats"), page("inside", "Inside", "blur_on")],
    "Library": [page("runs", "Runs", "folder_open")],
}

frame.around(st.navigation(SECTIONS))
