"""Every run there is: find, compare, open elsewhere, take home, delete."""

import streamlit as st

from tutor.figures import regret_curves, training_curve
from tutor.ui import catalog, comparison, library, live, numbers
from tutor.ui.frame import prose
from tutor.ui.picture import picture

MOST = 4

st.title("Runs: everything that was computed")
prose("""A **run** is one specification - source, network, recipe, method, seeds - and all that was measured from it, in a folder named after the
specification. Asking for the same run twice computes it once. Runs shipped with the project are read-only; delete only your own.""")

everything = catalog.infos()
with st.container(horizontal=True, vertical_alignment="bottom"):
    words = st.text_input("Search", key="runs_text", bind="query-params", placeholder="words or a key", max_chars=80, width=220, help="Words in the name, or the beginning of a key.")
    kind = st.selectbox("Kind", ["all", "pretraining", "tuning"], key="runs_kind", bind="query-params", width=145)
    body = st.selectbox("Network", ["all", *library.values(everything, "network")], key="runs_body", bind="query-params", width=145)
    method = st.selectbox("Method", ["all", *library.values(everything, "method")], key="runs_method", bind="query-params", width=145)
    state = st.selectbox("State", ["all", *library.values(everything, "state")], key="runs_state", bind="query-params", width=145)
    own = st.toggle("Only my own", key="runs_own", bind="query-params")
table = library.filtered(library.table(everything), text=words or "", own=own, fields={"kind": kind, "network": body, "method": method, "state": state})
st.caption(f"{len(table)} of {len(everything)} runs · {library.disk()} on disk in your own store")
if table.empty:
    st.info("No run fits these filters." if everything else "There is no run yet: train a network on Pretrain.", icon=":material/arrow_upward:")
    st.stop()

chosen = st.dataframe(table.drop(columns="key"), hide_index=True, key="runs_table", on_select="rerun", selection_mode="multi-row", selection_default={"selection": {"rows": library.first(table), "columns": [], "cells": []}}, column_config=library.COLUMNS, placeholder="–",
                      alt="Runs with their kind, network, method, target, state and regret.")
keys = [table["key"].iloc[row] for row in chosen.selection.rows if row < len(table)]
if not keys:
    st.info("Tick one run to open, download or delete it, or up to four to compare them.", icon=":material/check_box:")
    st.stop()
if len(keys) > MOST:
    st.warning(f"{len(keys)} runs are ticked; the first {MOST} are compared.")
keys = keys[:MOST]
infos = {key: catalog.info(key) for key in keys}

for key, info in infos.items():
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{info.label}**", width="content")
            live.draw(info.status)
        with st.container(horizontal=True, vertical_alignment="center"):
            for page, label, icon, parameters in library.places(info):
                catalog.link(page, label, icon, **parameters)
            if info.spec and info.status.state == "done":
                st.link_button("Download zip", f"api/runs/{key}/export.zip", icon=":material/download:", help="Specification, CSV, NPZ, weights, and the script that reproduces it.")
            library.delete_button(info)
            st.code(key, language=None, width="content")
        if info.spec:
            with st.expander(f"Specification of run {key}"):
                st.code(info.spec.to_toml(), language="toml")

done = {key: info.spec for key, info in infos.items() if info.spec and info.status.state == "done"}
if done:
    st.header("Side by side" if len(done) > 1 else "What it measured")
    with catalog.one_sentence():
        places = comparison.evaluated_on(done)
        on = places[st.selectbox("Evaluated on", list(places), key="runs_on", bind="query-params", width=320)]
        names = comparison.labels(done)
        pinned = comparison.pin(names, "runs_pin") if len(done) > 1 else None
        zero = numbers.curve(pinned, on) if pinned else None
        curves = comparison.over(comparison.curves(done, on, measure="cumulative", against="generator"), zero)
        over = f"pinned {names[pinned]}" if zero else "generator"
        if curves:
            picture(regret_curves(curves, against=over, difference=bool(zero)), key="runs_regret", runs=list(done))
            st.caption(f"Cumulative regret on {on.label}, in nats over the generator, who knows what is hidden: medians, with a thin line per repetition.")
        scored = library.scores(done, names, on)
        if len(scored):
            st.dataframe(scored, hide_index=True, height="content", alt="Accuracy and facts told, 0 to 1, and BLEU, 0 to 100, of each run on this source.")
        elif not curves:
            st.caption(f"Nothing of {on.label} can be right or wrong, and nobody knows its ideal predictor: its loss in training is all that there is.")
        for key, spec in done.items():
            events = [event for event in numbers.events(key) if event["repetition"] == 0]
            if events:
                st.markdown(f"**How it was trained: {infos[key].label}**")
                picture(training_curve(events, bayes_loss=numbers.bayes_loss(spec.on or spec.source, (spec.tuning or spec.recipe).length)), key=f"runs_curve_{key}")
