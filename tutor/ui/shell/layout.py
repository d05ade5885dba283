"""The frame around every page: the name at the top, the lab it belongs to, the way out of a lesson or lecture, and the foot of the page."""

from collections.abc import Sequence

import streamlit as st

from tutor.core.versions import __version__
from tutor.ui.shell import contents, page_facts, presentation, sections, url_state
from tutor.ui.shell.sections import section

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#14171C"/>
<path d="M4 23 C 9 23 9 9 14 9 S 20 19 26 13" fill="none" stroke="#4FA8E0" stroke-width="3" stroke-linecap="round"/>
<circle cx="26" cy="13" r="4" fill="#FF5A5F"/></svg>"""

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="176" height="28" viewBox="0 0 176 28" role="img" aria-label="Prompt Tutor">
<path d="M3 22 C 8 22 8 7 13 7 S 20 17 26 11" fill="none" stroke="#3A8FC4" stroke-width="2.5" stroke-linecap="round"/>
<circle cx="26" cy="11" r="3.6" fill="#E0304A"/>
<text x="38" y="20" font-family="'Source Sans', 'Source Sans 3', system-ui, sans-serif" font-size="18" font-weight="650"
 fill="#7C8794">Prompt Tutor</text></svg>"""


def draw_page(page, *, lab: str = "", more: Sequence = ()) -> None:
    """Draw the frame of the app and the page inside it.

    The page and the share menu are separate sections: an error in one leaves the other standing.

    Parameters
    ----------
    page
        The `st.Page` to run.
    lab
        The lab that the page belongs to; "" where it belongs to none.
    more
        Pages that the foot links to.
    """
    st.set_page_config(page_title=f"{page.title} - Prompt Tutor", page_icon=ICON, layout="wide")
    st.logo(LOGO, size="large")
    name = page.url_path or "home"
    sections.enter_page(name)
    url_state.drop_broken_parameters()
    presentation.read_address()
    page_facts.clear_facts()
    presentation.draw_way_out()
    with section():
        url_state.apply_settings()
        presentation.apply_styles()
    if lab:
        contents.draw_page_line(lab)
    with section():
        page.run()
    _draw_foot(name, more)


def _draw_foot(name: str, more: Sequence) -> None:
    """What every page ends with: a link to this view, pages that the navigation does not show, the version, the unit."""
    with st.container(key="foot", horizontal=True, vertical_alignment="center"):
        with st.container(width=260), section():
            presentation.draw_share_menu(name)
        for one in more:
            st.page_link(one, width="content")
        st.caption(f"Prompt Tutor {__version__}. All losses and regrets are in nats.", width="content")
