"""Pretrain a small network on coin flips and watch it become the ideal predictor of its source."""

import streamlit as st

from tutor.runs.target_words import describe_targets
from tutor.ui.plot import draw_picture, draw_timeline
from tutor.ui.run_views import catalog, pretraining_form, pretraining_views, run_controls
from tutor.ui.server import frames_api
from tutor.ui.shell import page_facts
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("pretrain")
text.open()


@section()
def losses(shown: pretraining_form.ShownRun) -> None:
    pretraining_views.draw_losses(shown)
    text.write("about")
    text.caption("losses", targets=describe_targets([shown.spec]))
    run_controls.draw_rate_changer(shown.key, shown.status, pretraining_form.RUN)


@section()
def learning(shown: pretraining_form.ShownRun) -> None:
    text.begin("Watch it learn", "learning")
    draw_timeline("pretrain")
    states, beliefs = st.columns(2, gap="medium")
    with states, section():
        draw_picture(frames_api.draw_states(shown.key, shown.moving), key="pretrain_states", link="pretrain", runs=[shown.key],
                frames=pretraining_views.film_of(shown, "whole"))
    with beliefs, section():
        draw_picture(frames_api.draw_predictions(shown.key, shown.moving), key="pretrain_beliefs", link="pretrain", runs=[shown.key],
                frames=pretraining_views.film_of(shown, "beliefs"))
    text.caption("same-sequences")


@section()
def close_to_ideal(shown: pretraining_form.ShownRun) -> None:
    page_facts.record_facts(state=shown.status.state, own=not shown.info.shipped)
    if shown.status.state != "done":
        st.info(text.read("unfinished"), icon=":material/hourglass_empty:")
        return
    text.begin("How close to ideal did it get?", "excess")
    pretraining_views.draw_excess(shown)
    catalog.draw_links(("tune", "Next: tune this network", "arrow_forward", {"tune_base": shown.key}),
                  ("inside", "See its states", "blur_on", {"inside_base": shown.key}), ("runs", "All runs", "folder_open"))


key = pretraining_form.run_in_address()
main, side = st.columns([5, 3], gap="large")
with side:
    pretraining_form.ask_pretraining(key)
with main:
    shown = pretraining_form.show_run(key)
    if shown:
        losses(shown)
if shown:
    learning(shown)
    close_to_ideal(shown)
