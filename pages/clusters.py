"""Where tasks live inside a network: clusters of texts beside their controls, and the way of a sentence through the space."""

import streamlit as st

from tutor.studies import STUDIES
from tutor.studies.language_presets import MODEL
from tutor.ui.labs.embeddings import cluster_views, sentence_steps, task_maps
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import catalog, run_comparison, study_sections
from tutor.ui.run_views.claim_section import claim_section
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import section

text = PageText("clusters")
text.open()


@claim_section("task-clusters", "How far apart, beyond what words give away?")
def apart(found: dict, layer: int, reading: str) -> str:
    write_paragraph(cluster_views.describe_separation(found, reading))
    if reading != cluster_views.STUDY_READING:
        text.caption("other-reading", judged=cluster_views.STUDY_READING, reading=reading)
    left, right = st.columns(2, gap="large")
    with left, section():
        metric = url_state.choose_segment("Measure", list(cluster_views.OF), default="silhouette", key="clusters_measure",
                                     help=text.read("measures"))
        of = url_state.choose_segment("Of", cluster_views.OF[metric], default=cluster_views.OF[metric][0], key=f"clusters_of_{metric}")
        draw_picture(cluster_views.draw_separation(found, metric, of, reading, layer), key="clusters_separation", link="clusters_layers",
                runs=found["keys"])
    with right, section():
        st.markdown(f"**How far every two tasks lie apart**, trained network, layer {layer}")
        draw_picture(cluster_views.draw_distances(found, reading, layer), key="clusters_pairs", runs=found["keys"])
    text.caption("how-measured")
    return text.read("bounds", judged=cluster_views.STUDY_READING, source=STUDIES["task-clusters"].source)


@section()
def way_of_a_sentence(layer: int) -> None:
    text.begin("The way of a sentence", "sentence")
    steps = sentence_steps.draw_way(sentence_steps.choose_words(), layer)
    left, right = st.columns([3, 2], gap="large")
    with left, section():
        st.markdown("**Word by word**")
        draw_picture(steps, key="clusters_steps", link="clusters_words", runs=[MODEL.key()])
    with right, section():
        if found := run_comparison.draw_claim("localisation"):
            st.markdown("**Over 200 stories**")
            draw_picture(cluster_views.draw_story_jumps(found, layer), key="clusters_jumps", link="clusters_layers", runs=found["keys"])
    text.caption("steps")


if catalog.has_language_model() and (chosen := task_maps.ask_map()):
    with task_maps.drawn_last(chosen):
        apart(chosen.layer, chosen.reading)
        way_of_a_sentence(chosen.layer)
        study_sections.draw_others("clusters", ("task-clusters", "localisation"))
