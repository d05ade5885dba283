"""The frame around every page: the name at the top, the foot of the sidebar, and prose at a width that can be read."""

from importlib import metadata

import streamlit as st

from tutor.ui import address, facts, stage, teacher

MEASURE = 760   # pixels: about 75 letters a line

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#14171C"/>
<path d="M4 23 C 9 23 9 9 14 9 S 20 19 26 13" fill="none" stroke="#4FA8E0" stroke-width="3" stroke-linecap="round"/>
<circle cx="26" cy="13" r="4" fill="#FF5A5F"/></svg>"""

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="176" height="28" viewBox="0 0 176 28" role="img" aria-label="Prompt Tutor">
<path d="M3 22 C 8 22 8 7 13 7 S 20 17 26 11" fill="none" stroke="#3A8FC4" stroke-width="2.5" stroke-linecap="round"/>
<circle cx="26" cy="11" r="3.6" fill="#E0304A"/>
<text x="38" y="20" font-family="'Source Sans', 'Source Sans 3', system-ui, sans-serif" font-size="18" font-weight="650"
 fill="#7C8794">Prompt Tutor</text></svg>"""


def around(page) -> None:
    """Draw the frame, then the page inside it."""
    st.set_page_config(page_title=f"{page.title} - Prompt Tutor", page_icon=ICON, layout="wide")
    st.logo(LOGO, size="large")
    name = page.url_path or "home"
    with st.sidebar.container(key="foot"):
        sharing = st.container()
        st.caption(f"Prompt Tutor {metadata.version('prompt-tutor')}  \nAll losses and regrets are in nats.")
    address.mend()
    address.settle()
    facts.forget()
    stage.dress()
    taught = teacher.sitting(name)
    place = st.container(key="lesson_place") if taught else None
    try:
        page.run()
    finally:                                   # a page that stops early has told what it shows as well
        with sharing:
            stage.share(name)
        if taught:
            with place:
                teacher.panel(taught)
        elif stage.lecturing():
            st.button("End the lecture", key="lesson_leave", type="tertiary", on_click=stage.end)


def prose(text: str) -> None:
    """Text at a readable width, whatever the screen."""
    with st.container(width=MEASURE):
        st.markdown(text)
