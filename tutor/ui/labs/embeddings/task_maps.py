"""The controls of the maps of texts, and the maps: a network's texts beside those of a control."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st

from tutor.measure.cluster_scores import READINGS
from tutor.studies.language_presets import MODEL
from tutor.ui.labs.embeddings import cluster_views
from tutor.ui.plot import draw_picture
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

TEXT = PageText("clusters")


class TaskMapChoice(NamedTuple):
    """Layer, reading of texts, control, and map (PCA or t-SNE with perplexity and seed)."""

    layer: int
    reading: str
    control: str
    way: str
    perplexity: float = 30.0
    seed: int = 42


@section()
def ask_map() -> TaskMapChoice | None:
    """Draw the controls of the maps; None where one of them failed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = url_state.choose_segment("Layer", range(1, MODEL.body.layers + 1), default=1, key="clusters_layer",
                                    help="The residual stream after this block.")
        reading = url_state.choose_segment("A text is", READINGS, default="mean", key="clusters_reading",
                                       help="The mean of the states after all of its words, or the state after its last full stop. There "
                                            "the word and its position are the same in all texts, so only the words before can make a "
                                            "difference.")
        control = url_state.choose_segment("Beside it", (cluster_views.BAG, cluster_views.UNTRAINED), default=cluster_views.BAG,
                                      key="clusters_control")
        way = url_state.choose_segment("Map by", ("PCA", "t-SNE"), default="PCA", key="clusters_map")
    if way == "PCA":
        return TaskMapChoice(layer, reading, control, way)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        perplexity = float(st.number_input("Perplexity", 2.0, float(cluster_views.TEXTS_PER_TASK), 30.0, 1.0, key="clusters_perplexity",
                                           bind="query-params", width=160, help="About how many neighbours each text keeps."))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 42, key="clusters_seed", bind="query-params", width=160))
    st.warning("On a t-SNE map **distances mean nothing**: neither how far two clusters lie apart nor how wide one is. Only neighbours "
               "are kept.")
    return TaskMapChoice(layer, reading, control, way, perplexity, seed)


@contextmanager
def drawn_last(chosen: TaskMapChoice) -> Iterator[None]:
    """Context manager around the rest of the page: draws the maps before it, or after it with t-SNE, which takes seconds."""
    places = st.columns(2, gap="medium")
    if chosen.way == "PCA":
        show_maps(places, chosen)
    show_legend(chosen)
    yield
    if chosen.way == "t-SNE":
        show_maps(places, chosen)


@section()
def show_legend(chosen: TaskMapChoice) -> None:
    """Explain the dots and ellipses of the maps."""
    TEXT.write("about")
    TEXT.caption("map", each=cluster_views.TEXTS_PER_TASK, sums=TEXT.read("sums-in-two-groups") if chosen.reading == "mean" else "",
                 ellipses=TEXT.read("ellipses") if chosen.way == "PCA" else "")


def show_maps(places: list, chosen: TaskMapChoice) -> None:
    """Draw the map of the trained network's texts and that of the control, in two `places`."""
    layer, reading, control, way, perplexity, seed = chosen
    for place, who in zip(places, (cluster_views.TRAINED, control), strict=True):
        with place, section():
            st.markdown(f"**{cluster_views.NETWORK_NAMES[who][:1].upper()}{cluster_views.NETWORK_NAMES[who][1:]}**"
                        + ("" if who == cluster_views.BAG else f", layer {layer}"))
            drawn = (
                cluster_views.draw_pca_map(who, layer, reading)
                if way == "PCA"
                else cluster_views.draw_tsne_map(who, layer, reading, perplexity, seed)
            )
            draw_picture(drawn, key=f"clusters_map_{who}", link="clusters", runs=[MODEL.key()])
