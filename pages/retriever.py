"""Is a retriever just doing prompt tuning? One question followed, the verdict and its causes, and the map of dials."""

import streamlit as st

from tutor.studies.retriever_presets import RECIPE
from tutor.ui.labs.retrieval import causes, followed_question, pipeline_runs, pipeline_settings, verdict_map
from tutor.ui.run_views import catalog, run_comparison, study_sections
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("retriever")
text.open()


@section()
def verdict(known: dict[str, str], key: str | None) -> None:
    text.begin("The verdict", "verdict")
    if key:
        pipeline_runs.show_verdict(key, known[key])


@section()
def verdicts() -> None:
    text.begin("Map of verdicts", "map", steps=RECIPE.steps)
    verdict_map.draw_verdict_map()


@section()
def stages() -> None:
    text.begin("Which stage earns the gain?", "stages")
    pipeline_settings.show_stages()


@section()
def own_dials() -> None:
    text.begin("Train one with your own settings", "own-dials")
    spec = pipeline_settings.ask_pipeline("retriever_own")
    if spec and (mine := pipeline_settings.show_own_pipeline(spec, "retriever_own")):
        pipeline_settings.show_beside_shipped(mine)


@section()
def claim() -> None:
    st.header("The claim, and what was measured")
    if result := run_comparison.draw_claim("retriever-or-prompt"):
        pipeline_settings.show_measurements(result)


if catalog.has_language_model():
    known = pipeline_runs.list_pipelines()
    key = followed_question.show_question(known)
    verdict(known, key)
    catalog.draw_link("check", "Check a pipeline of your own", "upload_file")
    causes.show_dense_store()
    causes.show_constant_first(key)
    causes.show_gradient(key)
    for draw in (verdicts, stages, own_dials, claim):
        draw()
    study_sections.draw_others("retriever", ("retriever-or-prompt",))
