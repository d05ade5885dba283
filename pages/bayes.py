"""Flip a coin and watch an ideal predictor learn; then give it a prompt and see what a prompt can and cannot do."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tutor.sources import AbstractSource
from tutor.ui.labs.coins import flipped_coin, ideal_prompts
from tutor.ui.run_views import catalog
from tutor.ui.shell.prose import PageText, write_paragraph
from tutor.ui.shell.sections import fragment, reserve_places, section

text = PageText("bayes")
text.open()


@section()
def worth(prior: AbstractSource, prompt: tuple[int, ...]) -> None:
    text.begin("What your prompt is worth", "worth", flips=ideal_prompts.AFTER)
    for column, name in zip(st.columns(2), ideal_prompts.TARGETS, strict=True):
        with column, section():
            plain, mine, best = ideal_prompts.regret_beside(prior, prompt, name)
            st.metric(f"Regret on {name.lower()}", f"{mine:.3f} nats", f"{mine - plain:+.3f} against no prompt" if prompt else None,
                      delta_color="inverse", help=text.read("both-regrets", plain=plain, best=best))


@section()
def reach(prior: AbstractSource) -> None:
    text.begin("Can one prompt make two coins?", "reach")
    longest = st.slider("Longest prompt", 2, 16, 12, key="bayes_longest", bind="query-params",
                        help="Every prompt up to this length is tried, exactly.")
    write_paragraph(ideal_prompts.draw_reach(prior, longest))


@section()
def six_flips(prior: AbstractSource) -> None:
    st.subheader("Six pseudo-flips, by how many are heads")
    ideal_prompts.draw_six_flips(prior)
    text.caption("six-flips")


@fragment
def play(asked: flipped_coin.PromptedPredictor, main: DeltaGenerator, below: DeltaGenerator) -> None:
    reserve_places(main, below)
    if flipped := flipped_coin.flip_coin(asked):
        with main:
            flipped_coin.show_belief(flipped)
        with below:
            flipped_coin.show_predictions(flipped)


main, side = st.columns([5, 3], gap="large")
below = st.container()
with side:
    asked = flipped_coin.ask_predictor()
    if asked:
        play(asked, main, below)
if asked:
    worth(*asked)
    reach(asked.prior)
    six_flips(asked.prior)
    catalog.draw_links(("pretrain", "Next: train a network to become this predictor", "arrow_forward"),
                  ("tune", "Or look what tuned prompts do", "tune"))
