"""What the page on retrieval asks of trained pipelines, kept between reruns: which there are, one question followed, and diagnoses."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from tutor.analysis import question_trace
from tutor.core.threads import fix_threads
from tutor.figures import Picture, answer_bars
from tutor.measure import Report
from tutor.measure.diagnosis_report import INCONCLUSIVE
from tutor.methods.retrieval import RetrieverPT
from tutor.predictors import Predictor
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.studies import pipeline_diagnosis
from tutor.studies.retriever_or_prompt import DENSE, GOOD
from tutor.studies.retriever_presets import DENSE as DENSE_SPEC
from tutor.studies.retriever_presets import GOOD as GOOD_SPEC
from tutor.studies.retriever_presets import HELD, MAP, OTHERS, SOFT, cell_label, held_label
from tutor.ui.labs.retrieval import report_view
from tutor.ui.run_views import cached_results, cached_states, catalog
from tutor.ui.shell import page_facts, visitor_runs

COMMAND = "prompt-tutor study retriever-or-prompt --fast"
STUDY_PIPELINES: Mapping[str, RunSpec] = {
    GOOD: GOOD_SPEC, DENSE: DENSE_SPEC, **OTHERS, **{held_label(*setting): spec for setting, spec in HELD.items()},
    **{cell_label(*setting): spec for setting, spec in MAP.items()}}
"""The pipelines of the study by what they are called; the first name of a specification counts."""
QUESTIONS = 100
"""Held-out questions that can be chosen."""
FOUND_COLUMNS = {"weight": st.column_config.ProgressColumn("weight", format="%.2f", min_value=0, max_value=1, width="small",
                                                   help="Share of the weight that this sentence gets; the shares of all entries found "
                                                        "sum to 1."),
         "needed": st.column_config.TextColumn("", width=30, help="The entry that holds the answer."),
         "sentence": st.column_config.TextColumn("sentence", width=210)}
CACHE_OPTIONS = {"max_entries": 128, "show_spinner": False}


def is_computed(spec: RunSpec) -> bool:
    """Whether a run is finished."""
    return catalog.run_state(spec.key()) == "done"


def list_pipelines() -> dict[str, str]:
    """Names of the finished pipelines by key: those of the study first, then the visitor's own."""
    names: dict[str, str] = {}
    for name, spec in STUDY_PIPELINES.items():
        if is_computed(spec):
            names.setdefault(spec.key(), name)
    done = [one for one in catalog.list_infos() if one.spec and one.spec.is_tuning and one.status.state == "done" and one.key not in names]
    return names | {one.key: pipeline_name(one.spec) for one in done if isinstance(one.spec.method, RetrieverPT)}


def pipeline_name(spec: RunSpec) -> str:
    """Name a visitor's own pipeline by its settings."""
    how, plain = spec.method, RetrieverPT()
    parts = [f"density {how.density:g}", f"quality {how.quality:g}", f"k {how.k}"]
    parts += [f"{how.facts.people} people"] * (how.facts != plain.facts) + [f"{how.fresh:.0%} true"] * (how.fresh != plain.fresh)
    parts += ["from scratch"] * (how.encoder == "scratch") + [f"{' and '.join(how.frozen)} held"] * bool(how.frozen)
    return f"own: {', '.join(parts)}, {spec.tuning.steps} steps, seed {spec.seeds.tune}"


def list_questions(key: str) -> dict[str, str]:
    """Held-out questions of a run by number (as text), in the order of their draw, at most QUESTIONS."""
    on = catalog.find_info(key).spec.on.held_out()
    return {str(number): on.facts.all[number].question for number in on.numbers[:QUESTIONS]}


def load_network(key: str) -> Predictor:
    """Load the network of a pipeline.

    Raises
    ------
    StoreError
        Where its weights are not stored, as in some shipped runs.
    """
    try:
        return cached_states.load_network(key)
    except StoreError as error:
        raise StoreError("the weights of this pipeline are not kept here; choose another, or train it again below") from error


@st.cache_data(**CACHE_OPTIONS)
def follow_question(key: str, number: int) -> question_trace.QuestionTrace:
    """Follow one question through a pipeline, beside the soft prompt if that is computed."""
    with fix_threads():
        soft = cached_states.load_network(SOFT.key()) if is_computed(SOFT) else None
        return question_trace.follow_question(load_network(key), catalog.find_info(key).spec.on, number, soft)


def draw_answers(way: question_trace.QuestionTrace) -> Picture:
    """Draw the network's answers behind each context."""
    return answer_bars(way.answers, way.truth)


def tabulate_found(way: question_trace.QuestionTrace) -> pd.DataFrame:
    """Make a table of the entries found, in order of weight."""
    return pd.DataFrame([{"needed": "✓" if one.needed else "", "sentence": one.sentence, "weight": one.weight} for one in way.found])


@st.cache_data(max_entries=128, show_spinner="Diagnosing ...")
def list_reports(key: str) -> list[Report]:
    """Diagnose every repetition of a pipeline.

    Raises
    ------
    StoreError
        Where the soft prompt or the evidence is missing; the message says which.
    """
    if not is_computed(SOFT):
        raise StoreError(f"the soft prompt to compare with is not here: run `{COMMAND}`")
    try:
        with fix_threads():
            return pipeline_diagnosis.diagnose_run(visitor_runs.load_run(key), visitor_runs.load_run(SOFT.key()))
    except KeyError as error:
        raise StoreError("the evidence of this pipeline is not kept here; train it again below for its diagnosis") from error


def majority_verdict(found: Sequence[Report]) -> str:
    """Return the verdict of more than half of the repetitions, or INCONCLUSIVE where there is none."""
    verdict, count = Counter(report.verdict for report in found).most_common(1)[0]
    return verdict if 2 * count > len(found) else INCONCLUSIVE


def count_verdicts(found: Sequence[Report]) -> str:
    """Count the repetitions with each verdict, as text; a single report gives its verdict."""
    counted = Counter(report.verdict for report in found)
    return ", ".join(f"{count} × {verdict}" for verdict, count in counted.most_common()) if len(found) > 1 else found[0].verdict


def median_measure(found: Sequence[Report], name: str) -> float | None:
    """Median over repetitions of the measure `name`; None where no report has it."""
    values = [one.value for report in found if (one := report.find(name)) is not None]
    return float(np.median(values)) if values else None


NATS = {"gain": "gain (nats)"}
SHARES_OF = {"store_shuffled": "kept, store shuffled", "soft_share": "soft prompt's share", "hit_rate": "entry found"}
"""Measures in nats, and those that are shares -> what their columns are called."""


def report_facts(found: Sequence[Report]) -> dict[str, float | str]:
    """Facts for lessons: the verdict, and medians of the gain and of three shares, where measured."""
    names = {"gain": "gain", "kept": "store_shuffled", "soft_share": "soft_share", "found": "hit_rate"}
    return {"verdict": majority_verdict(found)} | {
        name: value for name, key in names.items() if (value := median_measure(found, key)) is not None
    }


def size_facts(dials: RetrieverPT, trainable: int) -> dict[str, int | float]:
    """Facts for lessons: entries found and stored and, where the study's soft prompt is computed, the parameters of both.

    Parameters
    ----------
    trainable
        Number of trained parameters of the pipeline.
    """
    found = {"entries": dials.k, "stored": len(dials.facts.all)}
    few = cached_results.load_summary(SOFT.key())["trainable"] if is_computed(SOFT) else None
    return found | ({"soft_numbers": few, "fewer": trainable / few} if few else {})


def show_verdict(key: str, name: str) -> None:
    """Draw the diagnosis of a pipeline."""
    found, dials = list_reports(key), catalog.find_info(key).spec.method
    page_facts.record_facts(pipeline=name, density=dials.density, quality=dials.quality, **report_facts(found),
                    **size_facts(dials, cached_results.load_summary(key)["trainable"]))
    report_view.show_reports(found, "retriever_reports", runs=[key])


def tabulate_pipelines(keys: Mapping[str, str]) -> pd.DataFrame:
    """Make a table with a row per pipeline (name -> key): verdicts, and medians over repetitions."""
    lines = []
    for name, key in keys.items():
        found = list_reports(key)
        nats = {said: median_measure(found, measure) for measure, said in NATS.items()}
        shares = {said: None if (value := median_measure(found, measure)) is None else 100 * value for measure, said in SHARES_OF.items()}
        lines.append({"pipeline": name, "verdict": majority_verdict(found), "repetitions": count_verdicts(found)} | nats | shares)
    return pd.DataFrame(lines)


SHARES = {said: st.column_config.NumberColumn(said, format=form) for measures, form in ((NATS, "%.2f"), (SHARES_OF, "%.0f %%"))
          for said in measures.values()}
