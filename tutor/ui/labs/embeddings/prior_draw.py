"""Vectors drawn from a prior of the visitor's: on the map of words, by their distances, and in words."""

from typing import NamedTuple

import streamlit as st

from tutor.methods.priors import AbstractPrior
from tutor.studies.language_presets import MODEL
from tutor.ui.labs.embeddings import embedding_views, nearest_words, posterior_scores, tuned_vectors
from tutor.ui.plot import draw_picture
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.sections import section


class PriorChoice(NamedTuple):
    """A prior with the number and seed of its draws, the layer they are shown in, and the tasks whose texts are shown.

    The prior is None where its form has an error.
    """

    prior: AbstractPrior | None
    many: int
    seed: int
    layer: int
    texts: list[str]


@section()
def draw_from_prior() -> PriorChoice | None:
    """Draw vectors from a prior: controls, map, distances and nearest words; None where the controls failed."""
    st.header("Draw from a prior")
    left, right = st.columns([2, 3], gap="large")
    with left:
        wish = ask_prior()
    if wish:
        with right:
            show_map(wish)
        show_in_words(wish)
    return wish


@section()
def ask_prior() -> PriorChoice:
    """Draw the controls for a prior, the number of vectors, seed, layer and texts."""
    wanted = tuned_vectors.ask_prior("priors_prior")
    with st.container(horizontal=True):
        many = int(st.number_input("Vectors", 1, 64, 10, key="priors_many", bind="query-params", width=120))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="priors_seed", bind="query-params", width=140))
        layer = url_state.choose_segment("Space", range(MODEL.body.layers), default=0,
                                    format_func=lambda n: "words" if n == 0 else f"into layer {n + 1}", key="priors_layer",
                                    help="Vectors of a soft prompt stand among the embeddings of words; those of a deep prompt also "
                                         "enter the layers above.")
    more = st.multiselect("Words in texts of", list(embedding_views.TEXTS), key="priors_texts", bind="query-params",
                          placeholder="also show",
                          help="Shows the words as the network represents them in texts of a task. Texts that a prior is fitted to are "
                               "always shown.")
    return PriorChoice(wanted, many, seed, layer, more)


@section()
def show_map(wish: PriorChoice) -> None:
    """Draw the map of the vectors and their distances to the mean of all words; nothing without a prior."""
    wanted, many, seed, layer, more = wish
    if wanted is None:
        return
    around = tuple(name for name in embedding_views.TEXTS if name in {*more, *embedding_views.list_fitted_tasks(wanted)})
    with section():
        draw_picture(embedding_views.draw_prior_map(wanted, layer, many, seed, around), key="priors_drawn", link="priors_drawn")
    with section():
        draw_picture(embedding_views.draw_prior_distances(wanted, layer, many, seed, around), key="priors_away", link="priors_drawn")


@section()
def show_in_words(wish: PriorChoice) -> None:
    """Draw the vectors' geometry among the words, and a caption that explains the map."""
    wanted, many, seed, layer, more = wish
    if wanted is not None:
        posterior_scores.show_measured(tuned_vectors.word_space(layer), tuned_vectors.draw_vectors(wanted, layer, many, seed))
        nearest_words.show_shrinkage(wanted, layer)
        page_facts.record_facts(prior=wanted.label, vectors=many, **nearest_words.prior_facts(wanted, layer, many, seed))
    around = {*more, *embedding_views.list_fitted_tasks(wanted)} if wanted is not None else ()
    st.caption("Grey: every word of the language" + (", read alone" if layer else "") + ". The map has the two directions in which "
               + ("they and the texts"
                  if layer and around else "words") + " differ most, so what lies far off in others looks near; the rows under it have "
                                                      "the distances in all dimensions. One radius is how far a word lies from the "
                                                      "middle.")
