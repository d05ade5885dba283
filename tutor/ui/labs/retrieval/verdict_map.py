"""The map of dials on the page about retrieval: the verdict on every pipeline, and the training of the one that is clicked."""

import streamlit as st

from tutor.ui.labs.retrieval import ablations, pipeline_settings
from tutor.ui.labs.retrieval.pipeline_runs import COMMAND
from tutor.ui.plot import draw_picture
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText

TEXT = PageText("retriever")


def draw_verdict_map() -> None:
    """Draw the map of verdicts, and say how many of its cells are missing."""
    drawn, cells = ablations.draw_phases()
    if len(cells) < len(ablations.MAP):
        missing = len(ablations.MAP) - len(cells)
        st.info(f"{missing} of {len(ablations.MAP)} cells are not computed here: run `{COMMAND}`.", icon=":material/hourglass_empty:")
    if not drawn:
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        pipeline_settings.choose_by_click(draw_picture(drawn, key="retriever_map", runs=list(cells.values())[:6]), "retriever_cell")
    with right:
        cell = url_state.choose_option("Cell", list(cells), "retriever_cell", named=str, width=320)
        draw_picture(ablations.draw_losses(cells[cell]), key="retriever_cell_course", runs=[cells[cell]])
    TEXT.caption("map-signs", command=COMMAND)
