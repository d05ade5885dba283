"""A prefix of one's own for the tiny language model: every choice that the page takes apart, its tuning watched, its sentence read."""

import math
from collections.abc import Mapping

import streamlit as st

from tutor.figures import loss_stairs
from tutor.figures.loss_cumulative import FEED
from tutor.measure.generation import guessing_loss
from tutor.measure.run_measures import SENTENCES
from tutor.methods import AbstractMethod, PrefixPT, SoftPT
from tutor.predictors.prompt_placement import Placement
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.sources import TinyLanguage
from tutor.sources.language import encode
from tutor.studies.language_presets import INPUT, PREFIX, SUMMARY, TABLE, tuning_spec
from tutor.ui.labs.prefixes.findings import VALUES
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, event_feed, run_block, status_line
from tutor.ui.shell import url_state
from tutor.ui.shell.sections import section

MAX_LENGTH, MAX_MLP_WIDTH = 64, 512
"""Vectors and hidden units: what the studies try, and a little more."""
TASKS = {"tables": TABLE, "summaries": SUMMARY}
FLAT = "before the first layer only"
LAYERS = ("in every layer", *(f"in the last {n}" for n in ("two layers", "layer")), FLAT)
HOW_MANY = dict(zip(LAYERS[1:3], (2, 1), strict=True))
WHERE = {"before the table": "prefix", "between table and text": "infix", "half here, half there": "around"}
WORDS = "words of my own"
STARTS = {"random words": "tokens", WORDS: "tokens", "random numbers": "normal", "zeros": "zeros"}
NAME = "your prefix"


@section()
def show_tuning() -> None:
    """Draw the section in which a visitor tunes a prefix."""
    st.header("Tune one of your own")
    if spec := ask_prefix():
        show_run(spec)


def ask_prefix() -> RunSpec | None:
    """Draw all choices for a prefix and return its run; None, with an error on the page, where they do not go together."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        common = {"bind": "query-params", "width": 200}
        task = st.selectbox("To tell", list(TASKS), key="anatomy_own_task", **common)
        length = st.number_input("Vectors", 1, MAX_LENGTH, 8, key="anatomy_own_length", bind="query-params", width=110,
                                 help=f"Rows of keys and values per layer, 1 to {MAX_LENGTH}.")
        layers = st.selectbox("Layers", LAYERS, key="anatomy_own_layers", **common)
        where = st.selectbox("Place", list(WHERE), key="anatomy_own_place", **common)
        start = st.selectbox("Start", list(STARTS), key="anatomy_own_from", **common,
                             help="The vectors before the first step: what the network computes from words, or random numbers.")
        words = st.text_input("Words", "table : name text :", key="anatomy_own_words", bind="query-params", width=200, max_chars=80,
                              disabled=start != WORDS)
        mlp = st.number_input(
            "MLP width",
            1,
            MAX_MLP_WIDTH,
            None,
            key="anatomy_own_mlp",
            bind="query-params",
            width=120,
            placeholder="none",
            help=f"Hidden units of an MLP that computes the vectors during tuning, 1 to {MAX_MLP_WIDTH}; empty: tuned directly.",
        )
        rate = st.number_input("Learning rate", 1e-4, 1.0, PREFIX.learning_rate, format="%g", key="anatomy_own_rate", bind="query-params",
                               width=130, help=f"Largest rate of Adam; all studies above use {PREFIX.learning_rate:g}.")
        seed = st.number_input("Seed", 0, 2**31 - 1, 1, key="anatomy_own_seed", bind="query-params", width=120,
                               help="Fixes the start and the data; another seed may end at another loss.")
    with section():
        method = make_method(task, layers=layers, where=where, start=start, words=words or "", length=int(length), mlp=mlp and int(mlp))
        return make_spec(method, task, float(rate), int(seed))
    return None


def make_method(  # noqa: PLR0913 - the choices of the page
    task: str, *, layers: str, where: str, start: str, words: str, length: int, mlp: int | None
) -> AbstractMethod:
    """Make the method from the choices of the page.

    Raises
    ------
    ValueError
        Where the choices do not go together.
    """
    if not 1 <= length <= MAX_LENGTH or not 1 <= (mlp or 1) <= MAX_MLP_WIDTH:
        raise ValueError(
            f"vectors is {length} and the MLP's width {mlp}; 1 to {MAX_LENGTH} vectors and 1 to {MAX_MLP_WIDTH} hidden units are "
            "possible here"
        )
    if task != "tables" and WHERE[where] != "prefix":
        raise ValueError(f"the place is '{where}'; for summaries it must be in front, because what is summarised has no fixed length")
    place = Placement() if WHERE[where] == "prefix" else Placement(kind=WHERE[where], after=INPUT)
    own = tuple(encode(words)) if start == WORDS else ()
    if start == WORDS and not own:
        raise ValueError("there are no words to start from; type some of the tiny language, like table : name")
    if layers == FLAT:
        if mlp or own:
            raise ValueError(f"the layers are '{FLAT}'; there an MLP and words of one's own are not possible")
        return SoftPT(length=length, init=STARTS[start], placement=place)
    return PrefixPT(length=length, init=STARTS[start], words=own, layers=HOW_MANY.get(layers), mlp=mlp, placement=place)


def make_spec(method: AbstractMethod, task: str, rate: float, seed: int) -> RunSpec:
    """Specify one tuning of the language model with this method.

    Raises
    ------
    ValueError
        Where rate or seed is not allowed (pydantic's ValidationError included).
    """
    recipe = PREFIX.model_validate(PREFIX.model_dump() | {"learning_rate": rate})
    spec = tuning_spec(method, TASKS[task], recipe, repetitions=1, seed=seed)
    return RunSpec.model_validate(spec.model_dump())


def show_run(spec: RunSpec) -> None:
    """Draw buttons, loss and scores of a tuning and, once it is finished, a button that applies it to the visitor's table."""
    if run_block.run_and_watch(
        {NAME: spec}, "anatomy_own", "Tune this prefix", draw=lambda known: _loss(spec, known[NAME].state), line=_line,
        about="Facts: names and values that the sentences get right. Exact: sentences without a mistake.",
    ):
        key = spec.key()
        bleu = cached_results.load_summary(key)["bleu"]["0"]["median"][0]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Describe my table", key="anatomy_own_tell", icon=":material/arrow_upward:", on_click=url_state.set_later,
                      args=({"anatomy_run": key},))
            st.markdown(f"**{bleu:.0f} BLEU** over {min(spec.evaluation.sequences, SENTENCES)} documents about people that it has never "
                        f"seen.", width="content")


def _loss(spec: RunSpec, state: str) -> None:
    events, feed = event_feed.follow_run(spec.key(), state, FEED, moving=state in status_line.ACTIVE)
    draw_picture(
        loss_stairs(events, steps=spec.tuning.steps, marks=guess_losses(spec.on)),
        key="anatomy_own_loss",
        link="anatomy_own",
        live=feed,
        runs=[spec.key()],
    )
    st.caption(f"If the network does not look a fact up, it guesses among {VALUES}. That costs ln {VALUES} = {math.log(VALUES):.1f} "
               "nats, spread over the words of a sentence (dotted lines).")


@st.cache_data(max_entries=8, show_spinner=False)
def guess_losses(on: TinyLanguage) -> dict[str, float]:
    """Loss (nats per asked word) of a predictor that guesses one or two facts and knows everything else, by label."""
    return {f"{name} guessed": guessing_loss(on, facts) for facts, name in ((1, "one fact"), (2, "two facts"))}


def _line(spec: RunSpec, status: Status) -> Mapping[str, float]:
    if status.state != "done":
        return {}
    kept = cached_results.load_summary(spec.key())
    return {"facts told": kept["slots"]["0"]["median"][0], "exact sentences": kept["accuracy"]["0"]["median"][0]}

