"""The line above a page's title: the lab that the page belongs to, and a contents list where the page is long.

`frame.css` says what it looks like.
"""

from pathlib import Path

import streamlit as st

_contents = st.components.v2.component("tutor_contents", js=(Path(__file__).parent / "contents.js").read_text(encoding="utf-8"),
                                       isolate_styles=False)


def draw_page_line(lab: str) -> None:
    """Draw the name of the lab, and beside it a list of the page's headings, which is shown on pages of more than three screens."""
    with st.container(key="lab", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"Lab: {lab}", width="content")
        with st.container(width=160, key="contents"):
            _contents(key="page_contents", data={"screens": 3})
