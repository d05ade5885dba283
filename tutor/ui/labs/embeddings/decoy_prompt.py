"""A prompt that is made to read as a sentence of the visitor's, and what it then is worth."""

import streamlit as st

from tutor.methods import CellPT, WaywardPT
from tutor.methods.worded import AbstractWordedPT
from tutor.runs.spec import RunSpec
from tutor.studies.embedding_presets import RECIPE
from tutor.studies.language_presets import SUMMARY, tuning_spec
from tutor.ui.labs.embeddings import anchored_prompts, live_tuning, posterior_scores, tuned_vectors
from tutor.ui.run_views import run_block, run_comparison
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section

PULL, CELLS = "a pull", "cells"
"""How the prompt is held to its words: WaywardPT or CellPT."""


@section()
def draw_decoy_prompt() -> None:
    """Draw a field for a sentence, the tuning of a prompt that must read as it, and the prompt beside its controls."""
    st.subheader("Your own sentence")
    spec = ask_decoy_prompt()
    words = spec.method.words
    mine = live_tuning.show_own_tuning(spec, "meaning_own", "Tune a prompt that reads as this", by="distance")
    if not mine:
        return
    st.markdown(f"It reads: *{anchored_prompts.read_vectors(mine, words)[0]}*")
    free = anchored_prompts.free_spec(spec)
    beside = anchored_prompts.find_free_prompt(run_comparison.draw_claim("waywardness"), free)
    if beside:
        st.markdown(anchored_prompts.score_prompt(mine, words, beside).sentence)
        st.dataframe(anchored_prompts.tabulate_controls(mine, words, beside), hide_index=True, height="content", width="content",
                     alt="Held-out loss and BLEU of the prompt beside its controls.")
        run_block.run_or_load(free, "meaning_free", "Tune as many vectors that nothing holds")
        posterior_scores.show_measured(tuned_vectors.word_space(), tuned_vectors.current_vectors(mine))


def ask_decoy_prompt() -> RunSpec:
    """Draw the controls of a prompt that must read as a sentence and return the run that they ask for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Sentence that it should read as", "it is sunny in ashford every day .", key="meaning_decoy",
                             bind="query-params", max_chars=200, width=420,
                             help=f"At most {anchored_prompts.MAX_WORDS} words of the made-up language; each holds one vector.")
        held = url_state.choose_segment("Held to its words by", [PULL, CELLS], default=PULL, key="meaning_held",
                                        help="a pull: each vector is drawn towards its word. cells: each may go wherever no other word is "
                                             "nearer, so it always reads as its word.")
        method = ask_method(anchored_prompts.parse_decoy(text or ""), held)
        steps = int(st.number_input("Steps", 10, 2000, 300, step=50, key="meaning_steps", bind="query-params", width=140))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="meaning_seed", bind="query-params", width=140))
    return tuning_spec(method, SUMMARY, RECIPE.model_copy(update={"steps": steps}), repetitions=1, seed=seed)


def ask_method(words: tuple[int, ...], held: str) -> AbstractWordedPT:
    """Return the method that holds a prompt to its words as chosen; draw the strength where that is a pull."""
    if held == CELLS:
        return CellPT(words=words)
    strength = float(st.number_input("Strength of the pull", 0.0, 10_000.0, anchored_prompts.STRENGTH, format="%g", key="meaning_strength",
                                     bind="query-params", width=180,
                                     help="Tuning adds a penalty to the loss that pulls every vector to its word. This many nats "
                                          "are added for a mean squared distance of 1, where 1 is as far as a random word."))
    return WaywardPT(words=words, strength=strength)
