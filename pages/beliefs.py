"""What a network believes about a state that nobody sees: the triangle of exact beliefs beside its own, layer by layer."""

import streamlit as st

from tutor.ui.labs.beliefs import belief_pictures, own_process, token_walk
from tutor.ui.plot import draw_timeline
from tutor.ui.run_views import catalog, study_sections
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("beliefs")
text.open()


@section()
def triangles(key: str, tokens: tuple[int, ...]) -> None:
    draw_timeline("beliefs")
    belief_pictures.draw_triangles(key, tokens)
    text.caption("points")
    text.write("about")


@section()
def next_token(key: str, tokens: tuple[int, ...]) -> None:
    text.begin("What comes next?", "next")
    left, right = st.columns([3, 2], gap="large")
    with left, section():
        away = belief_pictures.draw_next_token(key, tokens)
    with right:
        text.put("away", kl=away, tokens=len(tokens))


@section()
def reading(key: str) -> None:
    text.begin("When does the belief appear?", "curve")
    left, right = st.columns([3, 2], gap="large")
    with left, section():
        belief_pictures.draw_curve(key)
    with right, section():
        facts = belief_pictures.read_facts(key)
        text.put("linear" if facts["r2_probabilities"] > 1 - belief_pictures.SAME else "beyond", **facts)


@section()
def own() -> None:
    text.begin("Your own process", "own")
    own_process.ask_process()


if key := own_process.choose_network():
    info = catalog.find_info(key)
    tokens = token_walk.ask_tokens(info.spec.source.vocab)
    triangles(key, tokens)
    if catalog.run_state(key) == "done":
        next_token(key, tokens)
        reading(key)
own()
study_sections.draw_others("beliefs")
