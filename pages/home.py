"""The front door: one picture, the claims with their verdicts, and where to go."""

import streamlit as st

from tutor.figures import trajectories
from tutor.studies import PAPER, STUDIES
from tutor.ui import catalog, comparison, insides
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("What does a prompt do inside a network?")
prose("""A small network learns to expect coin flips. Then a handful of vectors, a **prompt**, is put in front, and without a single weight changed it
expects something else. Here you can train the network live, find such prompts by eleven methods, hold both against the exact optimum, and watch
where the prompt leads the network's state. After [Genewein et al. 2025](https://arxiv.org/abs/2505.17010).""")

base = next((key for key, one in catalog.pretrainings().items() if catalog.tunings(key)), None)
if base is None:
    st.info("Nothing has been computed here yet. Train a first network: it takes less than a minute.", icon=":material/arrow_forward:")
    catalog.link("pretrain", "Train a network", "model_training")
else:
    with catalog.one_sentence():
        target = next(iter(catalog.targets(base).values()))
        tuned = {one.key: one.spec for one in catalog.tunings(base, target).values() if not one.spec.method.changes_weights}
        names = comparison.labels(tuned)
        shown = list({tuned[key].method.label: key for key in sorted(names, key=lambda key: comparison.place(names[key]))}.values())
        plane = insides.plane(base, "", (0, 1))
        paths = [insides.path(base, key, "", (0, 1), tuned[key].method.label) for key in shown]
        picture(trajectories(plane, paths, height=520), key="home_states")
        st.caption(f"**{catalog.info(base).label}**, tuned to **{target.label}**. Grey: states of the untuned network. Dotted: it reads a prompt, up to the red dot. "
                   "Thin: it reads flips of the target. The further left-to-right the start, the more the prompt acts like flips already seen.")
        catalog.link("inside", "Look inside, method by method", "blur_on")

st.header("What the papers claim, measured here")
for name, study in STUDIES.items():
    paper = catalog.study(name, PAPER.name)
    result = paper or catalog.study(name, "fast")
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{study.title}**", width="content")
            comparison.verdict(result)
            if result:
                st.caption(f"{result['preset']} settings", width="content")
        st.markdown(study.claim)
        catalog.link("regret", "See the numbers", "query_stats", regret_what=name)

st.header("Where to go")
for column, (who, what, page, label) in zip(st.columns(3), (
    ("Studying", "Flip coins by hand and see what a prompt is worth to an ideal predictor. Then train a network that becomes one.", "bayes", "Start with Bayes"),
    ("Teaching", "Every control is in the address: set up a page, copy the link, and the class sees the same picture. Runs are computed once for all.", "tune", "Set up a race"),
    ("Researching", "Exact references, every repetition, CSV and NPZ of everything, and the same objects from the command line and from Python.", "regret", "Open a study"),
), strict=True):
    with column, st.container(border=True):
        st.subheader(who)
        st.markdown(what)
        catalog.link(page, label, "arrow_forward")
