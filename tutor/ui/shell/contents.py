"""The line above a page's title: the lab that the page belongs to, and a contents list where the page is long."""

from pathlib import Path

import streamlit as st

STYLE = """<style>
.st-key-lab { margin: -0.6rem 0 -2rem; position: relative; z-index: 20; }
.pt-contents { position: relative; font-size: 0.875rem; }
.pt-contents[hidden] { display: none; }
.pt-contents summary {
  cursor: pointer; padding: 0.2rem 0.6rem; border: 1px solid var(--st-border-color); border-radius: 8px;
  width: max-content; margin-left: auto;
}
.pt-contents summary:focus-visible, .pt-contents a:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
.pt-contents nav {
  position: absolute; top: 100%; right: 0; z-index: 20; width: max-content; max-width: min(80vw, 30rem); max-height: 70vh; overflow: auto;
  padding: 0.4rem; margin-top: 0.2rem; background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 8px;
}
.pt-contents nav a { display: block; padding: 0.35rem 0.6rem; color: var(--st-text-color); text-decoration: none; border-radius: 6px; }
.pt-contents nav a:hover { background: var(--st-secondary-background-color); }
@media (max-width: 799px) { .pt-contents summary, .pt-contents nav a { padding-block: 0.75rem; } }
</style>"""

_contents = st.components.v2.component("tutor_contents", js=(Path(__file__).parent / "contents.js").read_text(encoding="utf-8"),
                                       isolate_styles=False)


def draw_page_line(lab: str) -> None:
    """Draw the name of the lab, and beside it a list of the page's headings, which is shown on pages of more than three screens."""
    with st.container(key="lab", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(STYLE)
        st.caption(f"Lab: {lab}", width="content")
        with st.container(width=160, key="contents"):
            _contents(key="page_contents", data={"screens": 3})
