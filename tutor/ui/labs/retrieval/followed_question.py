"""One question followed through a pipeline: what it found, and what the network answers."""

import streamlit as st

from tutor.methods.retrieval import RetrieverPT
from tutor.ui.labs.retrieval import pipeline_runs
from tutor.ui.plot import draw_picture
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

TEXT = PageText("retriever")


@section()
def show_question(known: dict[str, str]) -> str | None:
    """Draw one question on its way through a pipeline chosen from `known` (names by key); return its key, or None where there is none."""
    st.header("One question, step by step")
    if not known:
        st.info(f"No pipeline is trained here yet: run `{pipeline_runs.COMMAND}`, or train one below.", icon=":material/hourglass_empty:")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = url_state.choose_option("Pipeline", list(known), "retriever_run", named=known.get, width=360)
        asked = pipeline_runs.list_questions(key)
        number = url_state.choose_option("Question", list(asked), "retriever_question", named=asked.get, width=360)
    with section():                                # what cannot be followed has a verdict all the same
        way = pipeline_runs.follow_question(key, int(number))
        left, right = st.columns(2, gap="large")
        with left, section():
            st.markdown("**Found in the store**")
            st.dataframe(pipeline_runs.tabulate_found(way), hide_index=True, height="content", column_config=pipeline_runs.FOUND_COLUMNS,
                         alt="The sentences found, with their weights.")
        with right, section():
            st.markdown(f"**What the network answers** (true: *{way.truth}*)")
            draw_picture(pipeline_runs.draw_answers(way), key="retriever_answers", runs=[key])
        TEXT.caption("answers")
    facts = RetrieverPT().facts
    TEXT.write("question", stored=len(facts.all), people=facts.people)
    return key
