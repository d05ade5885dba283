"""A visitor's own prompt for summaries from a prior: soft or deep, tuned, watched, and told where its vectors ended."""

import streamlit as st

from tutor.methods import DeepPT, SoftPT
from tutor.priors import AbstractPrior
from tutor.studies.embedding_presets import RECIPE
from tutor.studies.language_presets import MODEL, SUMMARY, tuned
from tutor.ui import catalog, embeddings, posteriors, prompting, standing
from tutor.ui.frame import prose


def tune(prior: AbstractPrior | None, many: int, seed: int, key: str) -> None:
    """Ask how, and tune so many vectors from a prior, once there is one."""
    above = MODEL.body.layers - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rate = float(st.number_input("Learning rate", 0.0001, 1.0, RECIPE.learning_rate, format="%g", key=f"{key}_rate", bind="query-params", width=160))
        steps = int(st.number_input("Steps", 10, 2000, 300, step=50, key=f"{key}_steps", bind="query-params", width=140))
        kind = st.segmented_control("Prompt", ("soft", "deep"), default="soft", required=True, key=f"{key}_kind", bind="query-params", help="A deep prompt has as many vectors again before each of the last layers.")
        layers = st.segmented_control("Last layers", range(1, above + 1), default=above, required=True, key=f"{key}_layers", bind="query-params", disabled=kind == "soft", help="How many get vectors of their own.")
    if prior is None:
        return
    method = SoftPT(length=many, prior=prior) if kind == "soft" else DeepPT(length=many, prior=prior, layers=layers)
    recipe = RECIPE.model_copy(update={"learning_rate": rate, "steps": steps})
    with catalog.one_sentence():
        mine = prompting.own(tuned(method, SUMMARY, recipe, repetitions=1, seed=seed), key, "Tune this prompt")
        if mine:
            posteriors.say(embeddings.ground(), embeddings.now(mine), **prompting.scores(mine))
            prose(standing.own(mine))
