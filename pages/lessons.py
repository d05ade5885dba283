"""The lessons: a few minutes each, one picture at a time; you try something, guess a number, and see why it came out so."""

import streamlit as st

from tutor.ui.shell import presentation
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.stage.lesson_file import EXAMPLE, list_lessons
from tutor.ui.stage.lesson_session import current_lesson, open_step
from tutor.ui.stage.lesson_stage import draw_stage

text = PageText("lessons")


def present(name: str) -> None:
    presentation.begin_lecture()
    open_step(name, 0)


@section()
def known_lessons() -> None:
    known, wrong = list_lessons()
    for sentence in wrong:
        st.error(f"A lesson cannot be read. {sentence}.")
    if not known:
        st.info("There are no lessons here. How to write one stands below.", icon=":material/school:")
    for number, (name, lesson) in enumerate(known.items(), 1):
        with st.container(border=True):
            what, long, start, show = st.columns([8, 2, 1.7, 1.9], vertical_alignment="center")
            what.markdown(f"**{number}. {lesson.title}**  \n{lesson.about}")
            long.caption(f"{len(lesson.steps)} steps, {lesson.minutes} min")
            start.button("Begin", key=f"lessons_{name}", icon=":material/play_arrow:", type="primary" if number == 1 else "secondary",
                         on_click=open_step, args=(name, 0))
            show.button("Present", key=f"present_{name}", icon=":material/co_present:", on_click=present, args=(name,),
                        help="As a lecture: large type, turned with the arrow keys, shipped runs only.")


@section()
def your_own() -> None:
    with st.expander("A lesson of your own"):
        text.write("your-own")
        st.code(EXAMPLE, language="yaml")


if now := current_lesson():
    draw_stage(now)
else:
    text.open()
    known_lessons()
    your_own()
