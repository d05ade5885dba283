"""The lessons: short walks through the labs that wait until something was done, and compare what was guessed with what is shown."""

import streamlit as st

from tutor.ui.shell import lesson_panel, presentation
from tutor.ui.shell.lesson_file import EXAMPLE, list_lessons
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("lessons")
text.open()


@section()
def known_lessons() -> None:
    known, wrong = list_lessons()
    for sentence in wrong:
        st.error(f"A lesson cannot be read. {sentence}.")
    if not known:
        st.info("There are no lessons here. How to write one stands below.", icon=":material/school:")
    for number, lesson in enumerate(known.values(), 1):
        with st.container(border=True):
            what, long, start, show = st.columns([8, 2, 1.7, 1.9], vertical_alignment="center")
            what.markdown(f"**{number}. {lesson.title}**  \n{lesson.about}")
            long.caption(f"{len(lesson.steps)} steps, {lesson.minutes} min")
            if start.button("Begin", key=f"lessons_{lesson.name}", icon=":material/play_arrow:",
                            type="primary" if number == 1 else "secondary"):
                lesson_panel.begin_lesson(lesson.name, "lessons")
            if show.button("Present", key=f"present_{lesson.name}", icon=":material/co_present:",
                           help="As a lecture: large type, turned with the arrow keys, shipped runs only."):
                presentation.begin_lecture()
                lesson_panel.begin_lesson(lesson.name, "lessons")


@section()
def your_own() -> None:
    with st.expander("A lesson of your own"):
        text.write("your-own")
        st.code(EXAMPLE, language="yaml")


known_lessons()
your_own()
