"""Why a pipeline becomes a soft prompt: a dense store, a constant that is found first, a gradient that does not reach the encoder."""

import streamlit as st

from tutor.ui.labs.retrieval import ablations, pipeline_settings
from tutor.ui.plot import draw_picture
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

TEXT = PageText("retriever")


@section()
def show_dense_store() -> None:
    """Draw what the density of a store does to retrieval before any training."""
    st.header("Why it happens")
    st.subheader("A dense store: everything is near everything")
    TEXT.write("dense-store")
    dials = pipeline_settings.ask_store("retriever_store")
    if dials:
        pipeline_settings.show_crowding(dials)
        page_facts.record_facts(sharing=ablations.measure_crowding(dials).sharing)


@section()
def show_constant_first(key: str | None) -> None:
    """Draw how training finds one vector for all questions before the content; `key` is the pipeline, None for none."""
    st.subheader("A constant is found first")
    TEXT.write("constant-first")
    if not key:
        return
    left, right = st.columns(2, gap="large")
    with left, section():
        st.markdown("**On the way**")
        draw_picture(ablations.draw_losses(key), key="retriever_course", runs=[key])
        TEXT.caption("on-the-way")
    with right, section():
        st.markdown("**At the end: the loss all around**")
        draw_picture(ablations.draw_loss_landscape(key), key="retriever_surface", runs=[key])
        TEXT.caption("loss-around")


@section()
def show_gradient(key: str | None) -> None:
    """Draw how much of the gradient reaches each stage; `key` is the pipeline, None for none."""
    st.subheader("How much of the signal reaches the encoder")
    TEXT.write("gradient")
    if key and (norms := ablations.draw_norms(key)):
        draw_picture(norms, key="retriever_norms", runs=[key])
