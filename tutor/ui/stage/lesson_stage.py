"""The stage of a lesson: the card at the left, one picture with its one control at the right; in a lecture all of it in large type."""

import functools
from pathlib import Path
from typing import Any

import streamlit as st

from tutor.ui.shell import config, page_facts, presentation
from tutor.ui.shell.browser_modules import make_shim
from tutor.ui.shell.sections import section
from tutor.ui.stage.lesson_card import draw_card
from tutor.ui.stage.lesson_session import LessonSession
from tutor.ui.stage.lesson_text import choose_text
from tutor.ui.stage.scene import ScenePlace

FOLDER = Path(__file__).parent

_notes = st.components.v2.component("tutor_notes", js=make_shim("stage", "notes.js"), isolate_styles=False)


def draw_stage(now: LessonSession) -> None:
    """Draw the open step of a lesson, which fills the page."""
    st.html(read_style(large=presentation.is_lecture(), dark=st.context.theme.type == "dark"))
    with st.container(key="stage"):
        card, picture, control = (st.container(key=f"stage_{part}") for part in ("card", "picture", "control"))
    facts = _draw_scene(now, ScenePlace(now.step.scene, picture, control, presentation.is_lecture(), now.hidden, now.asking)) or {}
    page_facts.record_facts(**facts)
    with card, section():
        draw_card(now, facts)
    presentation.scroll_to_top(f"{now.lesson.name}/{now.at}/{now.state.opened}")
    if presentation.is_lecture():
        _notes(key="stage_notes", data=describe_notes(now, facts))


def _draw_scene(now: LessonSession, place: ScenePlace) -> dict[str, Any] | None:
    """Draw picture and control; where that fails, the sentence about it stands in the place of the picture."""
    with place.picture, section():
        return now.step.shown.draw(place)
    return None


def describe_notes(now: LessonSession, facts: dict[str, Any]) -> dict[str, str]:
    """Describe what the presenter's window shows: where one is, the notes, what to do, and what comes next."""
    steps, step = now.lesson.steps, now.step
    said = choose_text(step.notes, facts) if step.notes else ""
    coming = steps[now.at + 1].say if now.at + 1 < len(steps) else None
    return {
        "place": f"{now.lesson.title}: " + ("the end" if now.ended else f"{now.at + 1} of {len(steps)}"),
        "notes": now.lesson.ending if now.ended else said or now.state.text,
        "task": "" if now.ended or not step.do else choose_text(step.do, facts),
        "next": coming[-1].say if coming else "the ending",
    }


@functools.cache
def read_style(*, large: bool, dark: bool) -> str:
    """Read the style sheet of the stage, in a lecture with that for large type, in the colours of the theme."""
    names = ("stage.css", "lecture.css") if large else ("stage.css",)
    text = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
    colours = config.read_tables()["theme"]["dark" if dark else "light"]
    for name in ("primaryColor", "secondaryBackgroundColor", "borderColor", "redColor"):
        text = text.replace(f"var(--{name})", colours.get(name, "#C8102E"))
    return f"<style>{text}</style>"
