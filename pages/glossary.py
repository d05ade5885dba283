"""Every term in one sentence, and the twelve that come first with a small picture."""

import streamlit as st

from tutor.ui.labs import term_pictures
from tutor.ui.shell.columns import in_rows
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("glossary")
text.open()


@section()
def pictured() -> None:
    for column, term in in_rows(list(term_pictures.PICTURES), 3):
        with column, st.container(border=True, height="stretch"), section():
            term_pictures.draw_term(term)
    text.caption("sources")


@section()
def every_term() -> None:
    text.begin("Every term", "every-term")
    st.markdown(term_pictures.list_terms())


pictured()
every_term()
