"""What an address makes of the frame: controls hidden for a class, a lecture in large type, and links that say so.

`hide=regret_measure,regret_against` takes those controls off the page, `hide=sidebar` the list of pages; `lecture=1` fills the
screen, shows shipped runs only, and turns pages with the keys of a presenter.
"""

import re
from pathlib import Path

import streamlit as st

from tutor.ui.shell import page_facts, url_state

HIDE, LECTURE = "hide", "lecture"
LESSON, STEP = "lesson", "lesson_step"
"""Where a lesson is in the address."""
MAX_HIDDEN = 40
NAME = re.compile(r"[a-z0-9_]{1,60}")
FOLDER = Path(__file__).parent
SIDEBAR = "[data-testid=stTopNav], [data-testid=stSidebar], [data-testid=stExpandSidebarButton]"
LARGE = """
html { font-size: 21px; }
[data-testid=stHeader], [data-testid=stSidebar], [data-testid=stExpandSidebarButton] { display: none !important; }
[data-testid=stMainBlockContainer] { padding-top: 1rem; max-width: min(96vw, 1700px); }
"""

_keys = st.components.v2.component("tutor_keys", js=(FOLDER / "shortcuts.js").read_text(encoding="utf-8"), isolate_styles=False)
_top = st.components.v2.component("tutor_top", js=(FOLDER / "top.js").read_text(encoding="utf-8"), isolate_styles=False)
_link = st.components.v2.component("tutor_link", js=(FOLDER / "link.js").read_text(encoding="utf-8"), isolate_styles=False)


def read_address() -> None:
    """Store in the session what the address says about a lecture and hidden controls; call it before anything else changes the address.

    Both settings stay from page to page until they are ended or the visitor goes back past them.
    """
    if url_state.came_by_address() or LECTURE in st.query_params:
        st.session_state[LECTURE] = st.query_params.get(LECTURE) == "1"
    if url_state.came_by_address() or HIDE in st.query_params:
        st.session_state[HIDE] = [name for name in st.query_params.get(HIDE, "").split(",")[:MAX_HIDDEN] if NAME.fullmatch(name)]


def is_lecture() -> bool:
    """Whether the lecture view is on for this visitor."""
    return bool(st.session_state.get(LECTURE))


def hidden_controls() -> list[str]:
    """Names of the hidden controls; malformed names in the address were dropped."""
    return st.session_state.get(HIDE, [])


def apply_styles() -> None:
    """Hide the controls that the address names and, in a lecture, enlarge the page and listen to a presenter's keys."""
    _carry()
    rules = [f".st-key-{name} {{ display: none !important; }}" for name in hidden_controls() if name != "sidebar"]
    rules += [f"{SIDEBAR} {{ display: none !important; }}"] if "sidebar" in hidden_controls() else []
    if is_lecture():
        rules.append(LARGE)
        _keys(key="lecture_keys",
              data={"next": ".st-key-stage_next button", "back": ".st-key-stage_back button", "end": ".st-key-frame_leave button"})
    if rules:
        st.html(f"<style>{''.join(rules)}</style>")


def scroll_to_top(opened: str) -> None:
    """Scroll to the top of the page each time that `opened` changes."""
    _top(key="stage_top", data={"opened": opened})


def _carry() -> None:
    """Write into the address what it does not say any more: a link to another page leaves it out, and Back has nothing else to go by."""
    frame = {HIDE: ",".join(hidden_controls()), LECTURE: "1" if is_lecture() else ""}
    missing = {name: said for name, said in frame.items() if said and st.query_params.get(name) != said}
    if missing:
        st.query_params.update(missing)


def draw_way_out() -> None:
    """Draw the red button that ends a lesson or a lecture, before anything that could fail."""
    if is_lecture() or LESSON in st.query_params:
        st.button("Leave", key="frame_leave", icon=":material/close:", type="tertiary", on_click=leave_stage)


def begin_lecture() -> None:
    """Turn the lecture view on."""
    st.session_state[LECTURE] = True


def leave_stage() -> None:
    """End the lesson and the lecture, and show hidden controls again."""
    for name in (LECTURE, HIDE, LESSON, STEP):
        st.session_state.pop(name, None)
        if name in st.query_params:
            del st.query_params[name]


def draw_share_menu(page: str) -> None:
    """Draw a popover with a link to the current view, which can also hide controls or open as a lecture, and the numbers of the page."""
    with st.popover("Share this view", icon=":material/link:", width="stretch", key="share"):
        st.caption("The link holds every setting: it opens the same picture with the same numbers, here and elsewhere.")
        there = sorted(name for name in map(str, st.session_state) if name.startswith(f"{page}_") and NAME.fullmatch(name))
        gone = st.multiselect("Hide from whoever opens it", ["sidebar", *there], key="share_hide",
                              format_func=lambda name: name.removeprefix(f"{page}_").replace("_", " "))
        large = st.toggle("As a lecture: full screen, large type, shipped runs only", key="share_lecture")
        _link(key="share_link", data={"set": {HIDE: ",".join(gone), LECTURE: "1" if large else ""}})
        if numbers := page_facts.export_facts(st.context.url or page):
            st.download_button("Numbers of this page (JSON)", numbers, f"{page}.json", "application/json", key="share_facts",
                               icon=":material/data_object:", width="stretch", on_click="ignore",
                               help="What the pictures show now, by name: to check an answer, or to go on calculating.")
        if large:
            st.caption("In a lecture **F** fills the screen, **→** and **PageDown** go on, **←** and **PageUp** go back, **Esc** ends it.")
