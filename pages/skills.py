"""What a prefix brings out of a network, and what it cannot teach it: claims about list tasks, some of them trained live."""

import streamlit as st

from tutor.sources.lists import TASKS
from tutor.studies.list_presets import live as live_version
from tutor.studies.list_presets import live_prefix
from tutor.ui import catalog, facts, list_findings, skills
from tutor.ui.frame import prose

st.title("Skills: brought out or taught?")
prose("""Networks read ten digits (those of several layers: six) and answer with as many: sorted, turned round, shifted, counted. A prefix is then tuned to make a network do something else.
If it **knows how** already, a single vector is enough to bring it out. If it would have to **look elsewhere**, even many may not do.""")

st.header("Sorting the other way needs new attention")
found = skills.study("new-attention", link="skills")
if found:
    rows, columns, values = skills.matrix(found)
    facts.tell(prefix_descending=float(values[rows.index("PrefixPT"), columns.index("Descending")]),
               tuned_descending=float(values[rows.index("FullWT"), columns.index("Descending")]))

st.subheader("Watch it happen")
prose("Three networks of your own: a sorter is pretrained, then fine-tuned to sort the other way, and, from the same sorter, given a prefix for it.")
seed = int(st.number_input("Seed", 0, 2**31 - 1, 1, key="skills_seed", bind="query-params", width=180, help="Decides initial weights, data and the prefix's start."))
skills.trained(live_version(seed), "skills_live", "Train all three")

st.header("Four skills, one vector to choose")
skills.study("elicit", link="skills")
prose("""Without a prefix nothing says which of the four tasks is wanted, and the network guesses: its first digit is a bet, and the rest follows from it. A prefix of
**one vector per layer** settles the bet. Nothing new is learned; see on Attention how little the vector does.""")
st.subheader("Tune one yourself")
with st.container(horizontal=True, vertical_alignment="bottom"):
    task = st.selectbox("Task", TASKS, key="skills_task", bind="query-params", width=240, help="Four of these the network knows; the other two it has never seen.")
    length = int(st.number_input("Vectors per layer", 1, 16, 1, key="skills_length", bind="query-params", width=180))
    mine = int(st.number_input("Seed", 0, 2**31 - 1, 1, key="skills_own_seed", bind="query-params", width=180, help="Decides the data and the prefix's start."))
skills.trained(live_prefix(task, length, mine), "skills_own", "Tune this prefix")
for name, title in {"compose": "Old skills put together", "equal-parameters": "The same number of parameters, elsewhere", "universality": "How far many vectors get",
                    "suffix": "Vectors behind the list"}.items():
    st.header(title)
    found = skills.study(name, link="skills")
    if found:
        prose(list_findings.said(name, found))
with st.container(horizontal=True):
    catalog.link("attention", "See what these prefixes do", "visibility")
    catalog.link("runs", "All runs", "folder_open")
