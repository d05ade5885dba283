"""A sentence of the visitor's on its way through the states of the language model, word by word, and how far it jumps."""

import streamlit as st

from tutor.figures import Picture
from tutor.studies.language_presets import MODEL
from tutor.ui.labs.embeddings import cluster_views
from tutor.ui.plot import draw_picture
from tutor.ui.shell import page_facts


def choose_words() -> tuple[int, ...]:
    """Draw a field for a sentence and return its word ids; raises ValueError as `parse_sentence` does."""
    text = st.text_input(
        "A sentence",
        cluster_views.EXAMPLE,
        key="clusters_sentence",
        bind="query-params",
        max_chars=500,
        help=f"At most {cluster_views.MAX_WORDS} words of the made-up language, such as names, towns, foods, pets, numbers.",
    )
    return cluster_views.parse_sentence(text or "")


def draw_way(words: tuple[int, ...], layer: int) -> Picture:
    """Draw a sentence's path in a layer, the network's continuation and mean steps beside shuffled words; return the picture of steps."""
    more = cluster_views.continue_words(words)
    over, bars, steps = cluster_views.draw_sentence_path(words, more, layer)
    mine, its = steps[: len(words) - 1], steps[len(words) - 1 :]
    page_facts.record_facts(layer=layer, words=len(words), written=cluster_views.decode(more), step_generated=float(its.mean()))
    if len(mine):
        page_facts.record_facts(step_given=float(mine.mean()))
    st.markdown(f"The network goes on: *{cluster_views.decode(more)}*")
    mixed = cluster_views.measure_shuffled_steps(words, more, layer)
    with st.container(horizontal=True):
        for name, steps_of, lot in (("Mean step of your words", mine, mixed[0]), ("Mean step of the network's", its, mixed[1])):
            st.metric(name, f"{steps_of.mean():.2f}" if len(steps_of) else "one word takes no step",
                      f"in random order {lot:.2f}" if len(steps_of) else None, delta_color="off", delta_arrow="off", border=True,
                      help=f"In random order: the same words, shuffled, a mean over {cluster_views.ORDERS} orders. Only a step that "
                           "differs from it says anything about the sentence.")
    st.caption("The map names words where there is room; point at a dot to read the others.")
    draw_picture(over, key="clusters_way", link="clusters_words", runs=[MODEL.key()])
    return bars
