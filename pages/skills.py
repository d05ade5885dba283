"""What a prefix brings out of a network, and what it cannot teach it: claims about list tasks, some of them trained live."""

import streamlit as st

from tutor.sources.lists import TASKS
from tutor.studies.list_presets import live_prefix_specs
from tutor.studies.list_presets import live_specs as live_version
from tutor.ui.labs.prefixes import list_findings, skill_matrix
from tutor.ui.run_views import catalog, study_sections
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

MORE = {"compose": "Old skills put together", "equal-parameters": "The same number of parameters, elsewhere",
        "universality": "How far many vectors get", "suffix": "Vectors behind the list"}

text = PageText("skills")
text.open()


@section()
def new_attention() -> None:
    st.header("Sorting the other way needs new attention")
    skill_matrix.new_attention()
    text.write("about")


@section()
def watch() -> None:
    st.subheader("Watch it happen")
    text.write("watch")
    seed = int(st.number_input("Seed", 0, 2**31 - 1, 1, key="skills_seed", bind="query-params", width=180,
                               help="Decides initial weights, data and the prefix's start."))
    skill_matrix.show_training(live_version(seed), "skills_live", "Train all three")


@section()
def four_skills() -> None:
    st.header("Four skills, one vector to choose")
    skill_matrix.show_study("elicit", link="skills")
    text.write("four-skills")


@section()
def tune() -> None:
    st.subheader("Tune one yourself")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        task = st.selectbox("Task", TASKS, key="skills_task", bind="query-params", width=240,
                            help="Four of these the network knows; the other two it has never seen.")
        length = int(st.number_input("Vectors per layer", 1, 16, 1, key="skills_length", bind="query-params", width=180))
        mine = int(st.number_input("Seed", 0, 2**31 - 1, 1, key="skills_own_seed", bind="query-params", width=180,
                                   help="Decides the data and the prefix's start."))
    skill_matrix.show_training(live_prefix_specs(task, length, mine), "skills_own", "Tune this prefix")


new_attention()
watch()
four_skills()
tune()
for name, title in MORE.items():
    with section():
        st.header(title)
        if found := skill_matrix.show_study(name, link="skills"):
            write_paragraph(list_findings.describe_finding(name, found))
study_sections.draw_others("skills", ("new-attention", "elicit", *MORE))
catalog.draw_links(("attention", "See what these prefixes do", "visibility"), ("runs", "All runs", "folder_open"))
