"""A prefix of one's own for the tiny language model: every choice that the page takes apart, its tuning watched, its sentence read."""

from collections.abc import Mapping

import streamlit as st

from tutor.figures import stairs
from tutor.figures.loss_stairs import FEED
from tutor.measure.text import guessing_loss
from tutor.methods import AbstractMethod, PrefixPT, SoftPT
from tutor.predictors.placement import Placement
from tutor.results import SENTENCES
from tutor.sources import TinyLanguage
from tutor.sources.language import encode
from tutor.spec import RunSpec
from tutor.status import Status
from tutor.studies.language_presets import INPUT, PREFIX, SUMMARY, TABLE, tuned
from tutor.ui import address, boards, catalog, live, numbers, races, runs
from tutor.ui.picture import picture

LONGEST, WIDEST = 64, 512
"""Vectors and hidden units: what the studies try, and a little more."""
TASKS = {"tables": TABLE, "summaries": SUMMARY}
FLAT = "before the first layer only"
LAYERS = ("in every layer", *(f"in the last {n}" for n in ("two layers", "layer")), FLAT)
HOW_MANY = dict(zip(LAYERS[1:3], (2, 1), strict=True))
WHERE = {"before the table": "prefix", "between table and text": "infix", "half here, half there": "around"}
WORDS = "words of my own"
STARTS = {"random words": "tokens", WORDS: "tokens", "random numbers": "normal", "zeros": "zeros"}
NAME = "your prefix"


def asked() -> RunSpec | None:
    """Ask for every choice, and return the run that they make; None after saying what is wrong."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        common = {"bind": "query-params", "width": 200}
        task = st.selectbox("To tell", list(TASKS), key="anatomy_own_task", **common)
        length = st.number_input("Vectors", 1, LONGEST, 8, key="anatomy_own_length", bind="query-params", width=110, help=f"Rows of keys and values per layer, 1 to {LONGEST}.")
        layers = st.selectbox("Layers", LAYERS, key="anatomy_own_layers", **common)
        where = st.selectbox("Place", list(WHERE), key="anatomy_own_place", **common)
        start = st.selectbox("Start", list(STARTS), key="anatomy_own_from", **common, help="What the vectors are before the first step: what the network itself remembers of words, or numbers.")
        words = st.text_input("Words", "table : name text :", key="anatomy_own_words", bind="query-params", width=200, max_chars=80, disabled=start != WORDS)
        mlp = st.number_input("MLP width", 1, WIDEST, None, key="anatomy_own_mlp", bind="query-params", width=120, placeholder="none", help=f"Hidden units of an MLP that makes the rows while they are tuned, 1 to {WIDEST}; empty: tuned directly.")
        rate = st.number_input("Learning rate", 1e-4, 1.0, PREFIX.learning_rate, format="%g", key="anatomy_own_rate", bind="query-params", width=130, help="Largest rate of Adam; all studies above use 0.05.")
        seed = st.number_input("Seed", 0, 2**31 - 1, 1, key="anatomy_own_seed", bind="query-params", width=120, help="Decides the start and the data: another one may end on another stair.")
    with catalog.one_sentence():
        method = chosen(task, layers=layers, where=where, start=start, words=words or "", length=int(length), mlp=mlp and int(mlp))
        return run_of(method, task, float(rate), int(seed))
    return None


def chosen(task: str, *, layers: str, where: str, start: str, words: str, length: int, mlp: int | None) -> AbstractMethod:  # noqa: PLR0913 - the choices of the page
    """The method that these choices name. ValueError in a sentence where they do not go together."""
    if not 1 <= length <= LONGEST or not 1 <= (mlp or 1) <= WIDEST:
        raise ValueError(f"vectors is {length} and the MLP's width {mlp}; 1 to {LONGEST} vectors and 1 to {WIDEST} hidden units are possible here")
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


def run_of(method: AbstractMethod, task: str, rate: float, seed: int) -> RunSpec:
    """The language model tuned that way, once. ValueError (also pydantic's) where a number is not allowed."""
    recipe = PREFIX.model_validate(PREFIX.model_dump() | {"learning_rate": rate})
    spec = tuned(method, TASKS[task], recipe, repetitions=1, seed=seed)
    return RunSpec.model_validate(spec.model_dump())


def watched(spec: RunSpec) -> None:
    """Start, stop and the loss of a tuning; its scores at the end, and a button that has it tell the visitor's table."""
    with catalog.one_sentence():
        specs, key = {NAME: spec}, spec.key()
        known = races.states(specs)
        boards.buttons(specs, known, "anatomy_own", "Tune this prefix")
        status = known[NAME]
        if status is None:
            return
        moving = status.state in live.ACTIVE
        events = [] if moving else numbers.events(key) if status.state == "done" else runs.load(key).events()
        feed = {"url": f"/api/runs/{key}/events", "traces": FEED} if moving else None
        picture(stairs(events, steps=spec.tuning.steps, marks=levels(spec.on)), key="anatomy_own_loss", link="anatomy_own", live=feed, runs=[key])
        st.caption("A fact that the network does not look up is guessed among sixteen. That costs ln 16 = 2.8 nats, spread over the words of a sentence: the dotted stairs.")
        boards.board(specs, known, "anatomy_own", _line, "Facts: names and values that stand in the sentences. Exact: sentences without a mistake.")
        if status.state == "done":
            bleu = numbers.summary(key)["bleu"]["0"]["median"][0]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Have it tell my table", key="anatomy_own_tell", icon=":material/arrow_upward:", on_click=address.put, args=({"anatomy_run": key},))
                st.markdown(f"**{bleu:.0f} BLEU** over {min(spec.evaluation.sequences, SENTENCES)} documents of people whom it has never met.", width="content")


@st.cache_data(max_entries=8, show_spinner=False)
def levels(on: TinyLanguage) -> dict[str, float]:
    """Loss (nats per asked word) of somebody who knows how to tell and guesses so many facts."""
    return {f"{name} guessed": guessing_loss(on, facts) for facts, name in ((1, "one fact"), (2, "two facts"))}


def _line(spec: RunSpec, status: Status) -> Mapping[str, float]:
    if status.state != "done":
        return {}
    kept = numbers.summary(spec.key())
    return {"facts told": kept["slots"]["0"]["median"][0], "exact sentences": kept["accuracy"]["0"]["median"][0]}

