"""A visitor's own prompt for summaries from a prior: soft or deep, tuned, watched, and told where its vectors ended."""

import streamlit as st

from tutor.methods import DeepPT, SoftPT
from tutor.studies.embedding_presets import RECIPE
from tutor.studies.language_presets import MODEL, SUMMARY, tuning_spec
from tutor.ui.labs.embeddings import live_tuning, nearest_words, posterior_scores, tuned_vectors
from tutor.ui.labs.embeddings.prior_draw import PriorChoice
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

TEXT = PageText("priors")


@section()
def show_tuning(wish: PriorChoice, key: str) -> None:
    """Draw the settings and the tuning of a soft prompt with as many vectors as in `wish`, from its prior; nothing where that is None."""
    prior, many, seed, *_ = wish
    st.header("Tune one yourself")
    TEXT.write("tune", vectors=f"{many} {'vector' if many == 1 else 'vectors'}")
    above = MODEL.body.layers - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rate = float(st.number_input("Learning rate", 0.0001, 1.0, RECIPE.learning_rate, format="%g", key=f"{key}_rate",
                                     bind="query-params", width=160))
        steps = int(st.number_input("Steps", 10, 2000, 300, step=50, key=f"{key}_steps", bind="query-params", width=140))
        kind = url_state.choose_segment("Prompt", ("soft", "deep"), default="soft", key=f"{key}_kind",
                                   help="A deep prompt also has vectors of its own in front of each of the last layers.")
        layers = url_state.choose_segment("Last layers", range(1, above + 1), default=above, key=f"{key}_layers", disabled=kind == "soft",
                                     help="How many get vectors of their own.")
    if prior is None:
        return
    method = SoftPT(length=many, prior=prior) if kind == "soft" else DeepPT(length=many, prior=prior, layers=layers)
    recipe = RECIPE.model_copy(update={"learning_rate": rate, "steps": steps})
    with section():
        mine = live_tuning.show_own_tuning(tuning_spec(method, SUMMARY, recipe, repetitions=1, seed=seed), key, "Tune this prompt")
        if mine:
            posterior_scores.show_measured(tuned_vectors.word_space(), tuned_vectors.current_vectors(mine), **live_tuning.load_scores(mine))
            write_paragraph(nearest_words.describe_own_prompt(mine))
