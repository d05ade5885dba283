"""The script that every visit runs: the pages and the frame around them."""

import streamlit as st

from tutor.core.paths import PAGES
from tutor.ui.page_list import FOOT, SECTIONS, Page, every_page, find_lab
from tutor.ui.shell import layout
from tutor.ui.shell.page_imports import import_for_pages


def make_page(one: Page):
    """Make the Streamlit page of a file in pages/; without icons, because the browser would fetch them from another host."""
    return st.Page(PAGES / f"{one.name}.py", title=one.title, url_path=one.name, default=one == next(iter(every_page().values())),
                   visibility="hidden" if one in FOOT else "visible")


import_for_pages()
more = [make_page(one) for one in FOOT]
shown = {heading: [make_page(one) for one in pages] for heading, pages in SECTIONS.items()}
page = st.navigation(shown | {"": [*shown[""], *more]}, position="top")
layout.draw_page(page, lab=find_lab(page.url_path), more=more)
