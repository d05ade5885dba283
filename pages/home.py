"""The front door: one picture, the claims with their verdicts, and where to go."""

import streamlit as st

from tutor.figures import trajectories
from tutor.studies import FAST, PAPER, STUDIES
from tutor.ui import catalog, comparison, insides, numbers
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("What does a prompt do inside a network?")
prose("""A small network learns to expect coin flips. Then a handful of vectors, a **prompt**, is put in front, and without a single weight changed it
expects something else. Train such a network live, find its prompts by every method of the papers, hold them against the exact optimum, and see
where a prompt leads the network. After [Genewein et al. 2025](https://arxiv.org/abs/2505.17010).""")

base = next((key for key, one in catalog.pretrainings().items() if catalog.tunings(key)), None)
if base is None:
    st.info("Nothing has been computed here yet. Train a first network: it takes less than a minute.", icon=":material/arrow_forward:")
    catalog.link("pretrain", "Train a network", "model_training")
else:
    with catalog.one_sentence():
        found = {on: comparison.from_worst_to_best(base, on) for on in catalog.targets(base).values()}
        target, shown = min(found.items(), key=lambda pair: min(pair[1].values()))
        plane = insides.plane(base, "", (0, 1))
        for column, (key, lost) in zip(st.columns(len(shown)), shown.items(), strict=True):
            label = catalog.info(key).spec.method.label
            with column:
                path = insides.path(base, key, "", plane.axes, label)
                picture(trajectories(plane, [path], height=360, legend=False, title=f"{label}: loses {lost:.2f} nats"), key=f"home_{key}", link="home")
        st.caption(f"Three prompts for **{catalog.info(base).label}**, tuned to **{target.label}**, from the worst to the best: what each still loses over 50 flips to somebody who "
                   "knows the coin. Grey: states of the network without a prompt, each flip a step. The **red dot** is where the prompt ends; from there the lines read flips of the coin.")
        catalog.link("inside", "Look inside, method by method", "blur_on")

AT_COINS = ("regret", "See the numbers")
st.header("What the papers claim, measured here")
known = {name: result for name in STUDIES if (result := numbers.study(name, PAPER.name) or numbers.study(name, FAST.name))}
for row in range(0, len(known), 2):
    for column, (name, result) in zip(st.columns(2), list(known.items())[row:row + 2], strict=False):
        study = STUDIES[name]
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{study.title}**")
            st.markdown(study.claim)
            with st.container(horizontal=True, vertical_alignment="center"):
                comparison.verdict(result)
                st.caption(f"{result['preset']} settings", width="content")
                catalog.link(*(AT_COINS if study.lab == "coins" else (study.lab, f"See it on {study.lab.capitalize()}")), "query_stats", **({"regret_what": name} if study.lab == "coins" else {}))

st.header("Where to go")
for column, (who, what, page, label) in zip(st.columns(3), (
    ("Studying", "Short lessons in the real labs: they wait for what you do, and ask for your guess before they show.", "lessons", "Begin the first lesson"),
    ("Teaching", "The same lessons as a lecture that cannot fail: large type, turned with the keys, shipped runs only. And every view is a link.", "lessons", "Present one"),
    ("Researching", "Exact references, every repetition, CSV and NPZ of everything, and the same objects from the command line and from Python.", "regret", "Open a study"),
), strict=True):
    with column, st.container(border=True, height="stretch"):
        st.subheader(who)
        st.markdown(what)
        catalog.link(page, label, "arrow_forward")
