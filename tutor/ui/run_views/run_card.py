"""One run on the page Runs: where it stands, where it can be opened, what can be taken home, and deleting with a second thought."""

import streamlit as st

from tutor.methods import PrefixPT
from tutor.methods.retrieval import RetrieverPT
from tutor.runs.io.disk import StoreError
from tutor.runs.store import RunInfo
from tutor.sources import Lists, TinyLanguage
from tutor.ui.run_views import cached_results, catalog, status_line
from tutor.ui.shell import visitor_runs
from tutor.ui.shell.sections import error_sentence, section


@section()
def draw_card(info: RunInfo) -> None:
    """Draw one run in a box: label, status, links to pages, download, delete button and specification."""
    key = info.key
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{info.label}**", width="content")
            status_line.draw_status(info.status)
        with st.container(horizontal=True, vertical_alignment="center"):
            for page, label, icon, parameters in list_pages_for(info):
                catalog.draw_link(page, label, icon, **parameters)
            if info.spec and info.status.state == "done":
                st.link_button("Download zip", f"api/runs/{key}/export.zip", icon=":material/download:",
                               help="Specification, CSV, NPZ, weights, and the script that reproduces it.")
            delete_button(info)
            st.code(key, language=None, width="content")
        if info.spec:
            with st.expander(f"Specification of run {key}"):
                st.code(info.spec.to_toml(), language="toml")


def list_pages_for(info: RunInfo) -> list[tuple[str, str, str, dict[str, str]]]:
    """List the pages that can open a run, each as (page, label, icon, parameters of the address); empty for a damaged run."""
    if info.spec is None:
        return []
    base = info.spec.base().key()
    if isinstance(info.spec.method, RetrieverPT):
        return [("retriever", "Open in Retriever doctor", "stethoscope",
                 {"retriever_run": info.key} if info.status.state == "done" else {})]
    if isinstance(info.spec.source, TinyLanguage):
        told = isinstance(info.spec.on, TinyLanguage) and info.spec.on.tasks == ("table",)
        vectors = info.status.state == "done" and cached_results.keeps_vectors(info.key)
        return [("meaning", "Read it in Meaning", "translate", {"meaning_run": info.key})] * vectors + [
            ("anatomy", "Open in Anatomy", "format_list_bulleted", {"anatomy_run": info.key} if told else {})]
    if isinstance(info.spec.source, Lists):
        prefix = isinstance(info.spec.method, PrefixPT)
        return [("attention", "Open in Attention", "visibility", {"attention_run": info.key})] * prefix + [
            ("skills", "Open in Skills", "school", {})
        ]
    if info.spec.is_tuning:
        return [
            ("tune", "Open in Tune", "tune", {"tune_base": base}),
            ("regret", "Open in Regret", "query_stats", {"regret_what": "network", "regret_base": base}),
            ("inside", "Open in Inside", "blur_on", {"inside_base": base}),
        ]
    return [
        ("pretrain", "Open in Pretrain", "model_training", {"pretrain_run": base}),
        ("tune", "Tune it", "tune", {"tune_base": base}),
        ("inside", "Open in Inside", "blur_on", {"inside_base": base}),
    ]


def delete_button(info: RunInfo) -> None:
    """Draw a button that deletes an own run after a second click; for a shipped run draw a note instead."""
    if info.shipped:
        st.caption("shipped, read-only", width="content")
        return
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete run `{info.key}` for good? It can only be computed again.")
        st.button("Delete it", type="primary", key=f"runs_delete_{info.key}", on_click=_delete, args=(info.key,))


@section()
def _delete(key: str) -> None:
    try:
        visitor_runs.open_store().delete(key)
        st.toast(f"Run {key[:6]} is deleted.", icon=":material/delete:")
    except StoreError as error:
        st.toast(error_sentence(error), icon=":material/error:")
