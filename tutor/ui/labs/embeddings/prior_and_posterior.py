"""From prior to posterior: where tuned prompts started, where they ended, and how far they went."""

import streamlit as st

from tutor.studies.embedding_presets import PRIORS, RATES, RECIPE
from tutor.ui.labs.embeddings import embedding_views, nearest_words, posterior_scores, spread_tables, tuned_vectors
from tutor.ui.plot import draw_picture, draw_timeline, frame_feeds
from tutor.ui.run_views import catalog
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import write_paragraph
from tutor.ui.shell.sections import section


@section()
def show_posteriors() -> None:
    """Draw the study's prompts from start to end, for a choice of priors, and how far their vectors moved."""
    st.header("From prior to posterior")
    labels = st.multiselect("Priors", list(PRIORS), default=["far region"], key="priors_shown", bind="query-params",
                            help="Choose one to see its whole path, or several to compare starts and ends.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        where = st.selectbox("Vectors of a", list(posterior_scores.WHERE), key="priors_where", bind="query-params", width=240,
                             help="A deep prompt has vectors of its own before every layer.")
        rate = url_state.choose_segment("Learning rate", RATES, default=RECIPE.learning_rate, key="priors_rate",
                                   disabled=where != posterior_scores.SOFT)
        more = st.multiselect("Words in texts of", list(embedding_views.TEXTS), key="priors_map_texts", bind="query-params",
                              placeholder="also show", width=300)
        way = url_state.choose_segment("Map by", ("PCA", "t-SNE"), default="PCA", key="priors_by")
    level, found = posterior_scores.WHERE[where], posterior_scores.choose_runs(labels, where, rate)
    there = {label: key for label, key in found.items() if catalog.run_state(key) == "done"}
    if len(there) < len(found):
        study = "embedding-collapse" if where == posterior_scores.SOFT else "priors-move-positions-not-quality"
        st.info(f"Not computed here yet: {', '.join(sorted(found.keys() - there))}. Run `prompt-tutor study {study}`.",
                icon=":material/hourglass_empty:")
    if not there:
        return
    around, drawn = embedding_views.list_shown_texts(there, level, more), list(there.values())[:6]
    with section():
        if way == "t-SNE":
            embedding_views.show_tsne(there, level, "priors")
        else:
            draw_timeline("priors")
            only = next(iter(there.values())) if len(there) == 1 and not level else None
            frames = frame_feeds.feed_frames(only, "vectors") if only and tuned_vectors.vector_history(only) else None
            draw_picture(embedding_views.draw_prompt_map(there, level, around), key="priors_way", link="priors", runs=drawn, frames=frames)
    with section():
        draw_picture(embedding_views.draw_prompt_distances(there, level, around), key="priors_gone", link="priors", runs=drawn)
        moving = "" if way == "t-SNE" else "; those of a single soft prompt move with the slider"
        st.caption(f"Open markers: where vectors started. Filled: where tuning left them{moving}. Small and faint: ends of the other "
                   f"repetitions, which had other starts. The rows under the map have the distances in all dimensions.")
        spread_tables.show_table(nearest_words.tabulate_prompts(there, level), "Where each prompt ended among the words.")
        write_paragraph(nearest_words.describe_prompts(there, level))
