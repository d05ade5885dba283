"""What a prefix brings out of a network, and what it cannot teach it: claims about list tasks, some of them trained live."""

import streamlit as st

from tutor.sources.lists import TASKS
from tutor.studies.list_presets import live as live_version
from tutor.studies.list_presets import live_prefix
from tutor.ui import catalog, facts, skills
from tutor.ui.frame import prose

st.title("Skills: brought out or taught?")
prose("""Networks read ten digits (those of two layers: six) and answer with as many: sorted, turned round, shifted, counted. A prefix is then tuned to make a network do something else.
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
st.header("Old skills put together")
if skills.study("compose", link="skills"):
    prose("""Sorting **and** adding one was never asked of this network, only each alone. Ten vectors per layer bring it to do both at once, most of the time. Counting how often
a digit occurs is another matter: nothing that it knows looks at equal digits.""")

st.header("The same number of parameters, elsewhere")
if skills.study("equal-parameters", link="skills"):
    prose("""To count, attention has to find **equal digits**, and the MLP has to make a number of how many there were. Small changes inside the network can do that.
As many free numbers in front of it only push what is there already. **Rank one**, which lets the authors' network of four layers and width 256 count, is too little in
ours of two layers and width 96: there it takes a few ranks, and the prefix is given as many more vectors.""")

st.header("How far many vectors get")
if skills.study("universality", link="skills"):
    prose("""It is proved that a Transformer can be prompted into approximating **any** function, with enough vectors. That says nothing about how many are enough, nor
about how to find them: from one vector to twenty the loss falls a little, from twenty to sixty, tuned for as long, no further.""")

st.header("Vectors behind the list")
if skills.study("suffix", link="skills"):
    prose("""A vector **before** the list cannot know it; a vector **behind** the list can look at it and pass on what it sees, to the layers above. One layer has no
layers above. With two layers, five vectors behind the list do lose less on sorting and adding one, but far from half as much, and counting they do not learn either:
to be able to look is not yet to know what to do with it.""")
with st.container(horizontal=True):
    catalog.link("attention", "See what these prefixes do", "visibility")
    catalog.link("runs", "All runs", "folder_open")
