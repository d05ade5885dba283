"""What the Meaning page shows of any prompt: what it reads as, what it is worth out of its place, and which vectors matter."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from tutor.core.threads import fix_threads
from tutor.figures import Picture, Score, score_bars
from tutor.methods import DeepPT
from tutor.sources.language import WORDS
from tutor.studies.belongs import OTHER_NETWORK, OWN_NETWORK, loss_without_each
from tutor.studies.language_presets import SUMMARY
from tutor.studies.row_fields import select
from tutor.studies.vector_scores import held_out_loss_behind
from tutor.ui.labs.embeddings import posterior_scores, tuned_vectors
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import catalog
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

TEXT = PageText("meaning")
COLUMNS = {"cosine": st.column_config.NumberColumn("cosine of the nearest", format="%.2f"),
           "distance": st.column_config.NumberColumn("its distance", format="%.2f"),
           "tightness": st.column_config.NumberColumn("tightness", format="%.2f",
                                                      help="Mean cosine among the five words: how alike they are.")}


@section()
def show_tape() -> str | None:
    """Draw the choice of a tuned prompt, its nearest words over the tuning, and their numbers; return its key.

    Returns
    -------
    str or None
        None, with a note, where no prompt is tuned.
    """
    known = tuned_vectors.list_prompts()
    if not known:
        st.info("No prompt has been tuned yet. Tune one below, or on Priors.", icon=":material/arrow_downward:")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = url_state.choose_option("Prompt", list(known), "meaning_run", named=known.get, width=520)
        by = url_state.choose_segment("Nearest by", ("cosine", "distance"), default="cosine", key="meaning_by",
                                 help="Cosine compares directions only. Distance (Euclidean) also counts how long the vectors are.")
    with section():
        draw_picture(tuned_vectors.draw_tape(key, by), key="meaning_tape", link="meaning", runs=[key])
        TEXT.caption("tape")
    numbers_of(key)
    return key


@section()
def numbers_of(key: str) -> None:
    """Draw how close the vectors of a prompt are to words, and the five nearest words of each."""
    found = tuned_vectors.token_geometry(key)
    page_facts.record_facts(
        reads=tuned_vectors.read_prompt(key), nearest=found.cosine, by_chance=found.chance, vectors=len(tuned_vectors.current_vectors(key))
    )
    posterior_scores.show_measured(tuned_vectors.word_space(), tuned_vectors.current_vectors(key))
    with st.expander("The five nearest words of every vector"):
        st.dataframe(
            tabulate_words(key), hide_index=True, height="content", column_config=COLUMNS, alt="The five words nearest to every vector."
        )
        chance, own = usual_tightness()
        st.caption(f"Five words taken at random have a tightness of {chance:.2f}; a word and its four nearest, {own:.2f}.")


def draw_losses(result: Mapping) -> Picture:
    """Draw the losses of prompts as tuned, shuffled, incomplete, and in another network."""
    called = {OWN_NETWORK: "its own network", OTHER_NETWORK: "the other network"}
    groups = {name: {row["fields"]["prompt"]: Score(row["value"], row["q25"], row["q75"]) for row in select(result["rows"], place=place)}
              for place, name in called.items()}
    return score_bars(groups, measure="held-out loss (nats per token)")


def is_divisible(key: str) -> bool:
    """Whether single vectors can be left out of a run's prompt: a soft prompt for summaries with more than one vector."""
    spec = catalog.find_info(key).spec
    return spec.on == SUMMARY and not isinstance(spec.method, DeepPT) and spec.method.positions > 1


@st.cache_data(max_entries=64, show_spinner="Leaving out one vector after another ...")
def measure_without_each(key: str) -> tuple[float, list[float]]:
    """Held-out loss (nats per token) of a run's prompt, and without each of its vectors in turn."""
    with fix_threads():
        rows, network = tuned_vectors.current_vectors(key), tuned_vectors.load_network()
        return held_out_loss_behind(network, rows), loss_without_each(network, rows).tolist()


def importance_picture(key: str) -> Picture:
    """Draw how much the held-out loss rises without each vector."""
    whole, without = measure_without_each(key)
    words = [WORDS[i] for i in tuned_vectors.nearest_word_ids(key, "cosine")]
    bars = {f"{k + 1}: {word}": Score(*[loss - whole] * 3) for k, (word, loss) in enumerate(zip(words, without, strict=True))}
    return score_bars({"without": bars}, measure="more lost without it (nats per token)")


def draw_importance(key: str) -> None:
    """Draw the section with `importance_picture`, or a note where no vector can be left out."""
    st.markdown("**Without each vector of the prompt above**")
    if is_divisible(key):
        draw_picture(importance_picture(key), key="meaning_importance", link="meaning", runs=[key])
    else:
        st.info("Vectors are left out of soft prompts for summaries only; choose another prompt above.", icon=":material/arrow_upward:")


def tabulate_words(key: str) -> pd.DataFrame:
    """Make a table of the five words nearest to every vector."""
    return pd.DataFrame(tuned_vectors.list_nearest_words(key))


def usual_tightness() -> tuple[float, float]:
    """Tightness to compare with: of random words, and of a word with its own neighbours, on average."""
    ground = tuned_vectors.word_space()
    return tuned_vectors.random_tightness(), float(
        np.mean([tuned_vectors.word_tightness(word) for word in range(0, len(ground.words), 10)])
    )
