"""What an address makes of the frame: controls hidden for a class, a lecture in large type, and links that say so.

`hide=regret_measure,regret_against` takes those controls off the page, `hide=sidebar` the list of pages; `lecture=1` fills the
screen, shows shipped runs only, and turns pages with the keys of a presenter.
"""

import re
from pathlib import Path

import streamlit as st

HIDE, LECTURE = "hide", "lecture"
MOST = 40
NAME = re.compile(r"[a-z0-9_]{1,60}")
FOLDER = Path(__file__).parent
SIDEBAR = "[data-testid=stSidebar], [data-testid=stExpandSidebarButton]"
LARGE = """
html { font-size: 21px; }
[data-testid=stHeader], [data-testid=stSidebar], [data-testid=stExpandSidebarButton] { display: none !important; }
[data-testid=stMainBlockContainer] { padding-top: 1rem; max-width: min(96vw, 1700px); }
.st-key-lesson_place { position: sticky; top: 0.5rem; z-index: 50; }
"""

_keys = st.components.v2.component("tutor_keys", js=(FOLDER / "keys.js").read_text(encoding="utf-8"), isolate_styles=False)
_link = st.components.v2.component("tutor_link", js=(FOLDER / "link.js").read_text(encoding="utf-8"), isolate_styles=False)


def lecturing() -> bool:
    """Whether this visitor is giving a lecture; that stays so from page to page until it is ended."""
    if st.query_params.get(LECTURE) == "1":
        st.session_state[LECTURE] = True
    return bool(st.session_state.get(LECTURE))


def hidden() -> list[str]:
    """The controls that the address hides, as far as they can be names at all; they stay hidden from page to page."""
    if HIDE in st.query_params:
        st.session_state[HIDE] = [name for name in st.query_params[HIDE].split(",")[:MOST] if NAME.fullmatch(name)]
    return st.session_state.get(HIDE, [])


def dress() -> None:
    """Hide what is to be hidden and, in a lecture, enlarge the rest."""
    rules = [f".st-key-{name} {{ display: none !important; }}" for name in hidden() if name != "sidebar"]
    rules += [f"{SIDEBAR} {{ display: none !important; }}"] if "sidebar" in hidden() else []
    if lecturing():
        rules.append(LARGE)
        if st.query_params.get(LECTURE) != "1":
            st.query_params[LECTURE] = "1"
        _keys(key="lecture_keys", data={"next": ".st-key-lesson_next button", "back": ".st-key-lesson_back button", "end": ".st-key-lesson_leave button"})
    if rules:
        st.html(f"<style>{''.join(rules)}</style>")


def begin() -> None:
    """A lecture from here on."""
    st.session_state[LECTURE] = True


def end() -> None:
    """Back to the ordinary frame."""
    for name in (LECTURE, HIDE):
        st.session_state.pop(name, None)
        if name in st.query_params:
            del st.query_params[name]


def share(page: str) -> None:
    """A popover with the link to exactly this view, and to the same with controls hidden or as a lecture."""
    with st.popover("Share this view", icon=":material/link:", width="stretch", key="share"):
        st.caption("The link holds every setting: it opens the same picture with the same numbers, here and elsewhere.")
        there = sorted(name for name in map(str, st.session_state) if name.startswith(f"{page}_") and NAME.fullmatch(name))
        gone = st.multiselect("Hide from whoever opens it", ["sidebar", *there], key="share_hide", format_func=lambda name: name.removeprefix(f"{page}_").replace("_", " "))
        large = st.toggle("As a lecture: full screen, large type, shipped runs only", key="share_lecture")
        _link(key="share_link", data={"set": {HIDE: ",".join(gone), LECTURE: "1" if large else ""}})
        if large:
            st.caption("In a lecture **F** fills the screen, **→** and **PageDown** go on, **←** and **PageUp** go back, **Esc** ends it.")
