"""The lessons: short walks through the labs that wait until something was done, and compare what was guessed with what is shown."""

import streamlit as st

from tutor.lessons import EXAMPLE, lessons
from tutor.ui import stage, teacher
from tutor.ui.frame import prose

st.title("Lessons: a few minutes each, in the real labs")
prose("""A lesson opens the labs of this site one after another and tells you what to try. It goes on when you have done it, and sometimes asks you to
**predict a number** before the picture shows it. Leave whenever you like: everything stays set up.""")

known, wrong = lessons()
for sentence in wrong:
    st.error(f"A lesson cannot be read. {sentence}.")
if not known:
    st.info("There are no lessons here. How to write one stands below.", icon=":material/school:")
for number, lesson in enumerate(known.values(), 1):
    with st.container(border=True):
        what, long, start, show = st.columns([8, 2, 1.7, 1.9], vertical_alignment="center")
        what.markdown(f"**{number}. {lesson.title}**  \n{lesson.about}")
        long.caption(f"{len(lesson.steps)} steps, {lesson.minutes} min")
        if start.button("Begin", key=f"lessons_{lesson.name}", icon=":material/play_arrow:", type="primary" if number == 1 else "secondary"):
            teacher.begin(lesson.name, "lessons")
        if show.button("Present", key=f"present_{lesson.name}", icon=":material/co_present:", help="As a lecture: large type, turned with the arrow keys, shipped runs only."):
            stage.begin()
            teacher.begin(lesson.name, "lessons")

with st.expander("A lesson of your own"):
    prose("""A lesson is **one file**. Save this as `two-tails.yaml` in a folder, start the app with `prompt-tutor app --lessons FOLDER`, and it stands in this list
(without `--lessons` the folder `lessons` in the store of your own runs is read). After a change reload this page; a mistake is named with its line. Everything that a
step can do is in `docs/lessons.md`.""")
    st.code(EXAMPLE, language="yaml")
