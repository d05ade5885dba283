"""Which stage of a pipeline earns its gain, pipelines with a visitor's own dials, and the study's numbers beside the source's."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from tutor.figures import Picture, Score, score_bars, training_lines
from tutor.methods.retrieval import RetrieverPT
from tutor.runs.spec import RunSpec, SpecError
from tutor.sources import FactQuestions
from tutor.sources.language.facts import Facts
from tutor.studies.retriever_or_prompt import DENSE, GOOD, MEASURES, THEIRS
from tutor.studies.retriever_presets import HELD, RECIPE, SOFT, cell_label, tuning_spec
from tutor.studies.retriever_presets import THEIRS as REPORTED
from tutor.studies.row_fields import find, select
from tutor.ui.labs.retrieval.ablations import CURVES, STAGES, draw_densities, draw_similarity, load_snapshots, measure_crowding
from tutor.ui.labs.retrieval.pipeline_runs import COMMAND, SHARES, STUDY_PIPELINES, is_computed, list_reports, tabulate_pipelines
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, claim_section, event_feed, run_block, status_line
from tutor.ui.shell import url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import forms

TEXT = PageText("retriever")
MIN_PEOPLE, MAX_PEOPLE = 24, 400
"""People: of fewer, too few questions are held out for a diagnosis."""


def list_gains(spec: RunSpec) -> list[float]:
    """Gain (nats) of every repetition of a pipeline."""
    return [report.find("gain").value for report in list_reports(spec.key())]


def make_score(values) -> Score:
    """Make a score from the median and quartiles of single repetitions."""
    return Score(*(float(q) for q in np.quantile(np.asarray(values, dtype=float), (0.5, 0.25, 0.75))))


def draw_frozen_stages() -> Picture | None:
    """Draw the gain lost in each repetition by not training a stage; None while no such run is finished."""
    groups: dict[str, dict[str, Score]] = {}
    for (name, stage), spec in HELD.items():
        if is_computed(spec) and is_computed(STUDY_PIPELINES[name]):
            lost = np.subtract(list_gains(STUDY_PIPELINES[name]), list_gains(spec))
            groups.setdefault(name, {})[f"{stage} held"] = make_score(lost)
    return score_bars(groups, measure="gain lost (nats)") if groups else None


def draw_gradient_shares() -> Picture | None:
    """Draw each stage's share of the gradient norms, as the median over a training; None while neither pipeline is finished."""
    groups: dict[str, dict[str, Score]] = {}
    for name in (GOOD, DENSE):
        if is_computed(STUDY_PIPELINES[name]):
            norms = np.stack([load_snapshots(STUDY_PIPELINES[name].key(), stage) for stage in STAGES])                # (stages, N, S)
            shares = np.nanmedian(norms / norms.sum(0), axis=2)
            groups[name] = {stage: make_score(values) for stage, values in zip(STAGES, shares, strict=True)}
    return score_bars(groups, measure="share of the gradient's norm") if groups else None


def ask_store(key: str) -> RetrieverPT | None:
    """Draw sliders for a store and return its settings; None, with an error on the page, where they are not allowed."""
    with st.container(horizontal=True):
        density = st.slider("Density", 0.0, 0.98, 0.85, 0.01, key=f"{key}_density", bind="query-params", width=180,
                            help="Mean cosine of two entries' embeddings: how alike they are.")
        quality = st.slider("Quality", 0.0, 1.0, 1.0, 0.05, key=f"{key}_quality", bind="query-params", width=180,
                            help="Share of an embedding, beside what all have in common, that is the sentence's meaning; the rest is "
                                 "noise.")
        people = st.slider("People", 40, MAX_PEOPLE, MAX_PEOPLE, 20, key=f"{key}_people", bind="query-params", width=180,
                           help="Five entries of the store are about each.")
        k = st.slider("Entries found, k", 1, 64, 8, key=f"{key}_k", bind="query-params", width=180,
                      help="How many entries nearest to the question get a weight; all others get none.")
        temperature = st.slider("Temperature", 0.01, 0.5, 0.05, 0.01, key=f"{key}_temperature", bind="query-params", width=180,
                                help="Divides the cosines before the softmax: the smaller it is, the more the nearest entry counts.")
    return _checked({"density": density, "quality": quality, "facts": {"people": int(people)}, "k": int(k), "temperature": temperature})


def show_crowding(dials: RetrieverPT) -> None:
    """Draw four numbers and two pictures on how crowded a store is."""
    found, k = measure_crowding(dials), min(dials.k, len(dials.facts.all))
    told = [("Cosine to the nearest", f"{np.median(found.nearest):.2f}", "Median cosine of an entry with its eight nearest neighbours."),
            ("Needed entry found", f"{found.found:.0%}",
             f"Share of held-out questions whose entry is among the {k} found, before any training."),
            ("Needed entry nearest", f"{found.first:.0%}", "Share of these questions whose entry is the nearest of all."),
            ("Weight shared by", f"{found.sharing:.1f} of {k}",
             "How many entries with equal weights would be equally even (perplexity).")]
    for column, (name, value, meaning) in zip(st.columns(4), told, strict=True):
        column.metric(name, value, border=True, help=meaning)
    left, right = st.columns(2, gap="large")
    with left:
        draw_picture(draw_similarity(dials), key="retriever_alike")
    with right:
        draw_picture(draw_densities(dials), key="retriever_denser")


def _checked(dials: dict) -> RetrieverPT | None:
    try:
        return RetrieverPT.model_validate(dials)
    except SpecError as error:
        st.error(str(error))
        return None


def ask_pipeline(key: str) -> RunSpec | None:
    """Draw the form of a visitor's pipeline and return its run; None where a field is wrong."""
    made = forms.ask_fields(RetrieverPT, key, hide={"facts", "questions", "length"})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people = int(
            st.number_input(
                "people",
                MIN_PEOPLE,
                MAX_PEOPLE,
                MAX_PEOPLE,
                step=20,
                key=f"{key}_people",
                bind="query-params",
                width=150,
                help="The store holds five facts about each person; a quarter of them is kept for the test at the end.",
            )
        )
        steps = int(st.number_input("steps", 10, 2000, RECIPE.steps, step=50, key=f"{key}_steps", bind="query-params", width=150))
        seed = int(st.number_input("seed", 0, 2**31 - 1, 0, key=f"{key}_seed", bind="query-params", width=150))
    if made is None:
        return None
    facts = Facts(people=min(max(people, MIN_PEOPLE), MAX_PEOPLE))
    spec = tuning_spec(made.model_copy(update={"facts": facts}), RECIPE.model_copy(update={"steps": steps}), repetitions=1, seed=seed)
    return spec.model_copy(update={"on": FactQuestions(facts=facts)})


def show_own_pipeline(spec: RunSpec, key: str) -> str | None:
    """Draw start and stop buttons and progress of a pipeline; return its key once it is finished, else None."""
    state, name = run_block.run_or_load(spec, key, "Train this pipeline"), spec.key()
    if not state:
        return None
    traces = [{"index": place, "x": "step", "y": field, "where": {"repetition": 0}} for place, field in enumerate(CURVES)]
    with section():
        events, feed = event_feed.follow_run(name, state, traces, moving=state in status_line.ACTIVE)
        curves = {said: np.array([[event[field] if event[field] is not None else np.nan for event in events]])
                  for field, said in CURVES.items()}
        draw_picture(training_lines(curves, measure="held-out loss (nats)", steps=spec.tuning.steps), key=f"{key}_course", runs=[name],
                live=feed)
    return name if state == "done" else None


def show_beside_shipped(key: str) -> None:
    """Draw a visitor's finished pipeline beside the shipped ones."""
    keys = {"yours": key} | {name: STUDY_PIPELINES[name].key() for name in (GOOD, DENSE) if is_computed(STUDY_PIPELINES[name])}
    st.dataframe(
        tabulate_pipelines(keys), hide_index=True, height="content", column_config=SHARES, alt="Your pipeline beside those of the study."
    )
    for report in list_reports(key):
        st.markdown(f"**Yours: {report.verdict}.** {' '.join(report.because)}")
    st.button("Follow a question through it", key="retriever_own_follow", icon=":material/arrow_upward:", on_click=url_state.set_later,
              args=({"retriever_run": key},))
    TEXT.caption("own-diagnosis", steps=SOFT.tuning.steps, people=SOFT.on.facts.people)


def choose_by_click(drawn, parameter: str) -> None:
    """Put the pipeline of a clicked cell of the map into the address.

    Parameters
    ----------
    drawn
        Result of `draw_picture`.
    parameter
        Parameter of the address that holds the choice.
    """
    pin = drawn.pin
    if pin and pin != st.session_state.get(f"{parameter}_pin") and pin.get("x") and pin.get("y"):
        st.session_state[f"{parameter}_pin"] = pin
        url_state.set_later({parameter: cell_label(float(pin["x"]), float(pin["y"]))})
        st.rerun()


def show_stages() -> None:
    """Draw the loss of gain without each stage, and beside it the shares of the gradient."""
    lost, hint = draw_frozen_stages(), draw_gradient_shares()
    if lost is None:
        st.info(f"No pipeline with a stage held at its start is computed here: run `{COMMAND}`.", icon=":material/hourglass_empty:")
    left, right = st.columns([3, 2], gap="large")
    with left:
        if lost:
            st.markdown("**Evidence: the gain that is lost without training it**")
            draw_picture(lost, key="retriever_held", link="retriever_stages")
    with right:
        if hint:
            st.markdown("**Hint: its share of the gradient**")
            draw_picture(hint, key="retriever_hint", link="retriever_stages")
    TEXT.caption("stage-medians")


def show_measurements(result: Mapping) -> None:
    """Draw the study's numbers beside those of the source, and its checks."""
    st.dataframe(tabulate_source(result), hide_index=True, height="content", alt="The numbers of the source beside ours.")
    TEXT.caption("source-arithmetic")
    st.markdown(describe_look_alike(result))
    st.markdown(describe_temperature(result))
    claim_section.show_checks(result)


def describe_temperature(result: Mapping) -> str:
    """Describe the control for density: a dense store searched at a lower temperature, and the good one at a higher."""
    sharp, blunt = (_value(result, name, "store_shuffled") for name in ("dense store, sharper search", "good store, blunter search"))
    return ("**It is the search, not the store.** What two cosines differ by is 4.5 times less in the dense store. Divided by a "
            f"temperature that is 4.5 times smaller, the same store makes a pipeline that keeps {sharp:.0%} when it is shuffled; with one "
            f"4.5 times larger, the good store makes one that keeps {blunt:.0%}. So check the temperature before you rebuild the store.")


def describe_look_alike(result: Mapping) -> str:
    """Describe what two numbers of the source can show by themselves, and what the one that it does not report would add."""
    share, times, kept = ({name: _value(result, name, measure) for name in names} for measure, names in
                          (("soft_share", (GOOD, THEIRS)), ("times_as_efficient", (GOOD, THEIRS)), ("store_shuffled", (GOOD, DENSE))))
    return (f"**What a soft prompt's share cannot tell.** In front of the good store, too, a soft prompt reproduces {share[GOOD]:.0%} of "
            f"the gain, {times[GOOD]:.0f} times as much per parameter, much as the source reports of its own pipeline "
            f"({share[THEIRS]:.0%}, {times[THEIRS]:.0f} times): much of any gain comes from telling *what kind* of word is needed. With "
            f"a shuffled store the good one keeps {kept[GOOD]:.0%} of its gain (below zero, wrong entries do harm), the dense one "
            f"{kept[DENSE]:.0%}. Only wrong content tells the two apart.")


def _value(result: Mapping, pipeline: str, measure: str) -> float:
    return find(result["rows"], pipeline=pipeline, held=None, measure=measure)["value"]


COLUMNS = {THEIRS: "the source", DENSE: DENSE, GOOD: GOOD}


def tabulate_source(result: Mapping) -> pd.DataFrame:
    """Make a table of the source's numbers beside ours with the dense and the good store: medians, quartiles in brackets."""
    shown = ("gain", "soft_prompt_gain", "soft_share", "times_as_efficient", "store_shuffled")
    lines = [{"measure": MEASURES[name]} | {said: _said(select(result["rows"], pipeline=pipeline, held=None, measure=name))
                                            for pipeline, said in COLUMNS.items()} for name in shown]
    counts = {THEIRS: REPORTED["pipeline"][1]} | {name: find(result["rows"], pipeline=name, held=None, measure="gain")["trainable"]
                                                  for name in (DENSE, GOOD)}
    lines.append({"measure": "parameters of the pipeline"} | {said: f"{counts[method]:,}" for method, said in COLUMNS.items()})
    few = cached_results.load_summary(SOFT.key())["trainable"] if is_computed(SOFT) else None
    prompts = {THEIRS: REPORTED["soft prompt"][1], DENSE: few, GOOD: few}
    return pd.DataFrame([*lines, {"measure": "parameters of the soft prompt"} | {said: f"{prompts[method]:,}" if prompts[method] else "–"
                                                                                 for method, said in COLUMNS.items()}])


def _said(rows: Sequence[Mapping]) -> str:
    """The one row that there is, or that there is none."""
    if not rows:
        return "not known"
    row, = rows
    spread = f" ({row['q25']:.3g} to {row['q75']:.3g})" if row["q75"] > row["q25"] else ""
    return f"{row['value']:.4g}{spread}" if row["value"] >= 100 else f"{row['value']:.2f}{spread}"
