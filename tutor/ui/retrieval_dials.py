"""Which stage of a pipeline earns its gain, pipelines with a visitor's own dials, and the study's numbers beside the source's."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st
from pydantic import ValidationError

from tutor.figures import Picture, Score, over_training, score_bars
from tutor.retrieval import RetrieverPT
from tutor.sources import FactQuestions
from tutor.sources.language.facts import Facts
from tutor.spec import RunSpec, sentence
from tutor.studies.retriever_or_prompt import DENSE, GOOD, MEASURES, THEIRS
from tutor.studies.retriever_presets import HELD, RECIPE, SOFT, tuned
from tutor.studies.retriever_presets import THEIRS as REPORTED
from tutor.ui import address, catalog, comparison, forms, live, numbers, prompting, runs
from tutor.ui.picture import picture
from tutor.ui.retrieval import COMMAND, NAMED, SHARES, beside, reports, there
from tutor.ui.retrieval_causes import CURVES, STAGES, alike, crowd, denser, watched

FEWEST, MOST = 24, 400
"""People: of fewer, too few questions are held out for a diagnosis."""


def gains(spec: RunSpec) -> list[float]:
    """Gain of every repetition (nats)."""
    return [report.find("gain").value for report in reports(spec.key())]


def quartiles(values) -> Score:
    return Score(*(float(q) for q in np.quantile(np.asarray(values, dtype=float), (0.5, 0.25, 0.75))))


def lost_when_held() -> Picture | None:
    """Gain lost by holding a stage at its start, repetition by repetition; None while no such run is there."""
    groups: dict[str, dict[str, Score]] = {}
    for (name, stage), spec in HELD.items():
        if there(spec) and there(NAMED[name]):
            lost = np.subtract(gains(NAMED[name]), gains(spec))
            groups.setdefault(name, {})[f"{stage} held"] = quartiles(lost)
    return score_bars(groups, measure="gain lost (nats)") if groups else None


def hints() -> Picture | None:
    """Each stage's share of the gradient's norms, over a whole training: only a hint."""
    groups: dict[str, dict[str, Score]] = {}
    for name in (GOOD, DENSE):
        if there(NAMED[name]):
            norms = np.stack([watched(NAMED[name].key(), stage) for stage in STAGES])                # (stages, N, S)
            shares = np.nanmedian(norms / norms.sum(0), axis=2)
            groups[name] = {stage: quartiles(values) for stage, values in zip(STAGES, shares, strict=True)}
    return score_bars(groups, measure="share of the gradient's norm") if groups else None


def store_dials(key: str) -> RetrieverPT | None:
    """Sliders for a store that nothing is trained on; None after saying what is wrong."""
    with st.container(horizontal=True):
        density = st.slider("Density", 0.0, 0.98, 0.85, 0.01, key=f"{key}_density", bind="query-params", width=180, help="Mean cosine of two entries' embeddings: how alike they are.")
        quality = st.slider("Quality", 0.0, 1.0, 1.0, 0.05, key=f"{key}_quality", bind="query-params", width=180, help="Share of an embedding, beside what all have in common, that is the sentence's meaning; the rest is noise.")
        people = st.slider("People", 40, MOST, MOST, 20, key=f"{key}_people", bind="query-params", width=180, help="Five entries of the store are about each.")
        k = st.slider("Entries found, k", 1, 64, 8, key=f"{key}_k", bind="query-params", width=180, help="The nearest to the question; only these get a weight.")
        temperature = st.slider("Temperature", 0.01, 0.5, 0.05, 0.01, key=f"{key}_temperature", bind="query-params", width=180, help="Cosines are divided by it before the softmax: the smaller, the more the nearest entry counts.")
    return _checked({"density": density, "quality": quality, "facts": {"people": int(people)}, "k": int(k), "temperature": temperature})


def crowding(dials: RetrieverPT) -> None:
    """What such a store does, in four numbers and two pictures."""
    found, k = crowd(dials), min(dials.k, len(dials.facts.all))
    told = [("Cosine to the nearest", f"{np.median(found.nearest):.2f}", "Of each entry with its eight nearest others; the median."),
            ("Needed entry found", f"{found.found:.0%}", f"Share of held-out questions whose entry is among the {k} found, before any training."),
            ("Needed entry nearest", f"{found.first:.0%}", "Share of these questions whose entry is the nearest of all."),
            ("Weight shared by", f"{found.sharing:.1f} of {k}", "Perplexity of the weights: as many entries with equal weights would be as even.")]
    for column, (name, value, meaning) in zip(st.columns(4), told, strict=True):
        column.metric(name, value, border=True, help=meaning)
    left, right = st.columns(2, gap="large")
    with left:
        picture(alike(dials), key="retriever_alike")
    with right:
        picture(denser(dials), key="retriever_denser")


def _checked(dials: dict) -> RetrieverPT | None:
    try:
        return RetrieverPT.model_validate(dials)
    except ValidationError as error:
        st.error(sentence(error))
        return None


def own_dials(key: str) -> RunSpec | None:
    """The form of a pipeline of one's own; None while something is wrong."""
    made = forms.form(RetrieverPT, key, hide={"facts", "questions", "length"})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people = int(st.number_input("people", FEWEST, MOST, MOST, step=20, key=f"{key}_people", bind="query-params", width=150, help="Five facts about each stand in the store; a quarter of them is only asked for at the end."))
        steps = int(st.number_input("steps", 10, 2000, RECIPE.steps, step=50, key=f"{key}_steps", bind="query-params", width=150))
        seed = int(st.number_input("seed", 0, 2**31 - 1, 0, key=f"{key}_seed", bind="query-params", width=150))
    if made is None:
        return None
    facts = Facts(people=min(max(people, FEWEST), MOST))
    spec = tuned(made.model_copy(update={"facts": facts}), RECIPE.model_copy(update={"steps": steps}), repetitions=1, seed=seed)
    return spec.model_copy(update={"on": FactQuestions(facts=facts)})


def own(spec: RunSpec, key: str) -> str | None:
    """Start, stop and watch this pipeline; its key once it is finished."""
    state, name = prompting.steered(spec, key, "Train this pipeline"), spec.key()
    if not state:
        return None
    moving = state in live.ACTIVE
    feed = {"url": f"/api/runs/{name}/events", "traces": [{"index": place, "x": "step", "y": field, "where": {"repetition": 0}} for place, field in enumerate(CURVES)]}
    with catalog.one_sentence():
        events = [] if moving else runs.load(name).events()
        curves = {said: np.array([[event[field] if event[field] is not None else np.nan for event in events]]) for field, said in CURVES.items()}
        picture(over_training(curves, measure="held-out loss (nats)", steps=spec.tuning.steps), key=f"{key}_course", runs=[name], live=feed if moving else None)
    return name if state == "done" else None


def placed(key: str) -> None:
    """A finished pipeline of one's own beside the shipped ones."""
    keys = {"yours": key} | {name: NAMED[name].key() for name in (GOOD, DENSE) if there(NAMED[name])}
    st.dataframe(beside(keys), hide_index=True, height="content", column_config=SHARES, alt="Your pipeline beside those of the study.")
    for report in reports(key):
        st.markdown(f"**Yours: {report.verdict}.** {' '.join(report.because)}")
    st.button("Follow a question through it", key="retriever_own_follow", icon=":material/arrow_upward:", on_click=address.put, args=({"retriever_run": key},))
    st.caption("The soft prompt in this diagnosis is that of the study: four vectors, tuned in 500 steps on questions about 400 people.")


def pinned(drawn, parameter: str) -> None:
    """A click on a cell of the map chooses it below."""
    pin = drawn.pin
    if pin and pin != st.session_state.get(f"{parameter}_pin") and pin.get("x") and pin.get("y"):
        st.session_state[f"{parameter}_pin"] = pin
        address.put({parameter: f"density {pin['x']}, quality {pin['y']}"})
        st.rerun()


def stages() -> None:
    """What is lost without each stage, and the hint beside it."""
    lost, hint = lost_when_held(), hints()
    if lost is None:
        st.info(f"No pipeline with a stage held at its start is computed here: run `{COMMAND}`.", icon=":material/hourglass_empty:")
    left, right = st.columns([3, 2], gap="large")
    with left:
        if lost:
            st.markdown("**Evidence: the gain that is lost without training it**")
            picture(lost, key="retriever_held", link="retriever_stages")
    with right:
        if hint:
            st.markdown("**Hint: its share of the gradient**")
            picture(hint, key="retriever_hint", link="retriever_stages")
    st.caption("Medians over the repetitions, whiskers are quartiles; each repetition is compared with the one of the same store and start. Share of the gradient: of the three norms, median over all steps.")


def measured(result: Mapping) -> None:
    """The study's numbers beside the source's, and its checks."""
    st.dataframe(side_by_side(result), hide_index=True, height="content", alt="The numbers of the source beside ours.")
    st.caption("The source divides a gain of 0.20 by 3,555,076 parameters and one of 0.10 by 12,288: the soft prompt then gains 144.7 times as much per parameter, not 149. Gains rounded to two digits leave anything from 134 to 156 possible, "
               "so 149 cannot be checked. What is not in the source says so. Ours: medians over three repetitions, quartiles in brackets.")
    st.markdown(look_alike(result))
    st.markdown(temperature(result))
    with st.expander("What was checked"):
        comparison.checks(result)


def temperature(result: Mapping) -> str:
    """The control of density: the same store searched more sharply, and the good one less."""
    rows = {(row["method"], row["metric"]): row["value"] for row in result["rows"]}
    kept, sharp, blunt = MEASURES["store_shuffled"], "dense store, sharper search", "good store, blunter search"
    return (f"**It is the search, not the store.** What two cosines differ by is 4.5 times less in the dense store. Divided by a temperature that is 4.5 times smaller, the same store makes a pipeline that keeps {rows[sharp, kept]:.0%} when it is "
            f"shuffled; with one 4.5 times larger, the good store makes one that keeps {rows[blunt, kept]:.0%}. Before anything is rebuilt, it pays to look at the temperature.")


def look_alike(result: Mapping) -> str:
    """What the source's own two numbers can tell, beside the only one that it does not give."""
    rows = {(row["method"], row["metric"]): row["value"] for row in result["rows"]}
    share, times, kept = (MEASURES[name] for name in ("soft_share", "times_as_efficient", "store_shuffled"))
    return (f"**What a soft prompt's share cannot tell.** In front of the good store, too, a soft prompt reproduces {rows[GOOD, share]:.0%} of the gain, {rows[GOOD, times]:.0f} times as much per parameter, much as the source "
            f"reports of its own pipeline ({rows[THEIRS, share]:.0%}, {rows[THEIRS, times]:.0f} times): much of any gain is to say *what kind* of word is wanted. Yet with a shuffled store the good one keeps {rows[GOOD, kept]:.0%} of its gain (below zero, wrong entries do harm), "
            f"the dense one {rows[DENSE, kept]:.0%}. Only wrong content tells the two apart.")


COLUMNS = {THEIRS: "the source", DENSE: DENSE, GOOD: GOOD}


def side_by_side(result: Mapping) -> pd.DataFrame:
    """The source's numbers, ours with the dense store, ours with the good one; medians, quartiles in brackets."""
    rows = {(row["method"], row["metric"]): row for row in result["rows"]}
    shown = [MEASURES[name] for name in ("gain", "soft_prompt_gain", "soft_share", "times_as_efficient", "store_shuffled")]
    lines = [{"measure": metric} | {said: _said(rows.get((method, metric))) for method, said in COLUMNS.items()} for metric in shown]
    counts = {THEIRS: REPORTED["pipeline"][1]} | {method: rows[method, MEASURES["gain"]]["trainable"] for method in (DENSE, GOOD)}
    lines.append({"measure": "parameters of the pipeline"} | {said: f"{counts[method]:,}" for method, said in COLUMNS.items()})
    few = numbers.summary(SOFT.key())["trainable"] if there(SOFT) else None
    prompts = {THEIRS: REPORTED["soft prompt"][1], DENSE: few, GOOD: few}
    return pd.DataFrame([*lines, {"measure": "parameters of the soft prompt"} | {said: f"{prompts[method]:,}" if prompts[method] else "–" for method, said in COLUMNS.items()}])


def _said(row: Mapping | None) -> str:
    if row is None:
        return "not known"
    spread = f" ({row['q25']:.3g} to {row['q75']:.3g})" if row["q75"] > row["q25"] else ""
    return f"{row['value']:.4g}{spread}" if row["value"] >= 100 else f"{row['value']:.2f}{spread}"
