"""What the page on retrieval asks of trained pipelines, kept between reruns: which there are, one question followed, and diagnoses."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from tutor import diagnosed, retrieved
from tutor.disk import StoreError
from tutor.figures import Picture, answer_bars
from tutor.measure import Report
from tutor.measure.report import INCONCLUSIVE
from tutor.predictors import Predictor
from tutor.retrieval import RetrieverPT
from tutor.runner import one_thread_count
from tutor.spec import RunSpec
from tutor.studies.retriever_or_prompt import DENSE, GOOD
from tutor.studies.retriever_presets import DENSE as DENSE_SPEC
from tutor.studies.retriever_presets import GOOD as GOOD_SPEC
from tutor.studies.retriever_presets import HELD, MAP, OTHERS, SOFT
from tutor.ui import catalog, insides, runs

COMMAND = "prompt-tutor study retriever-or-prompt --fast"
NAMED: Mapping[str, RunSpec] = {
    GOOD: GOOD_SPEC, DENSE: DENSE_SPEC, **OTHERS, **{f"{name}, {stage} held": spec for (name, stage), spec in HELD.items()},
    **{f"density {density:g}, quality {quality:g}": spec for (density, quality), spec in MAP.items()}}
"""The pipelines of the study by what they are called; the first name of a specification counts."""
QUESTIONS = 100
"""Held-out questions that can be chosen."""
FOUND = {"weight": st.column_config.ProgressColumn("weight", format="%.2f", min_value=0, max_value=1, width="small", help="Share of the weight that this sentence gets; the shares of all entries found sum to 1."),
         "needed": st.column_config.TextColumn("", width=30, help="The entry that holds the answer."), "sentence": st.column_config.TextColumn("sentence", width=210)}
KEPT = {"max_entries": 128, "show_spinner": False}


def there(spec: RunSpec) -> bool:
    """Whether a run is computed."""
    return catalog.state(spec.key()) == "done"


def pipelines() -> dict[str, str]:
    """Finished pipelines by key: the study's by what they are called there, then a visitor's own."""
    names: dict[str, str] = {}
    for name, spec in NAMED.items():
        if there(spec):
            names.setdefault(spec.key(), name)
    done = [one for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done" and one.key not in names]
    return names | {one.key: called(one.spec) for one in done if isinstance(one.spec.method, RetrieverPT)}


def called(spec: RunSpec) -> str:
    """What tells a visitor's own pipeline from others."""
    how, plain = spec.method, RetrieverPT()
    parts = [f"density {how.density:g}", f"quality {how.quality:g}", f"k {how.k}"]
    parts += [f"{how.facts.people} people"] * (how.facts != plain.facts) + [f"{how.fresh:.0%} true"] * (how.fresh != plain.fresh)
    parts += ["from scratch"] * (how.encoder == "scratch") + [f"{' and '.join(how.frozen)} held"] * bool(how.frozen)
    return f"own: {', '.join(parts)}, {spec.tuning.steps} steps, seed {spec.seeds.tune}"


def asked(key: str) -> dict[str, str]:
    """Held-out questions of a run by their number, as text, in the order of their draw."""
    on = catalog.info(key).spec.on.held_out()
    return {str(number): on.facts.all[number].question for number in on.numbers[:QUESTIONS]}


def network(key: str) -> Predictor:
    """The network behind a pipeline. StoreError where its weights are not kept, as of some shipped runs."""
    try:
        return insides.network(key)
    except StoreError as error:
        raise StoreError("the weights of this pipeline are not kept here; choose another, or train it again below") from error


@st.cache_data(**KEPT)
def followed(key: str, number: int) -> retrieved.Followed:
    """One question, followed through a pipeline; beside a soft prompt where that is there."""
    with one_thread_count():
        soft = insides.network(SOFT.key()) if there(SOFT) else None
        return retrieved.followed(network(key), catalog.info(key).spec.on, number, soft)


def answers(way: retrieved.Followed) -> Picture:
    """What is answered behind each context."""
    return answer_bars(way.answers, way.truth)


def sentences(way: retrieved.Followed) -> pd.DataFrame:
    """What was found, the heaviest first."""
    return pd.DataFrame([{"needed": "✓" if one.needed else "", "sentence": one.sentence, "weight": one.weight} for one in way.found])


@st.cache_data(max_entries=128, show_spinner="Diagnosing ...")
def reports(key: str) -> list[Report]:
    """A diagnosis of every repetition. StoreError says what is missing."""
    if not there(SOFT):
        raise StoreError(f"the soft prompt to compare with is not here: run `{COMMAND}`")
    try:
        with one_thread_count():
            return diagnosed.reports(runs.load(key), runs.load(SOFT.key()))
    except KeyError as error:
        raise StoreError("the evidence of this pipeline is not kept here; train it again below for its diagnosis") from error


def agreed(found: Sequence[Report]) -> str:
    """The verdict that more than half of the repetitions got, else that it is inconclusive."""
    verdict, count = Counter(report.verdict for report in found).most_common(1)[0]
    return verdict if 2 * count > len(found) else INCONCLUSIVE


def each(found: Sequence[Report]) -> str:
    """How many repetitions got which verdict, in words."""
    counted = Counter(report.verdict for report in found)
    return ", ".join(f"{count} × {verdict}" for verdict, count in counted.most_common()) if len(found) > 1 else found[0].verdict


def middle(found: Sequence[Report], name: str) -> float | None:
    """Median of a measure over repetitions; None where no report has it."""
    values = [one.value for report in found if (one := report.find(name)) is not None]
    return float(np.median(values)) if values else None


MEASURES = {"gain": "gain (nats)", "store_shuffled": "kept, store shuffled", "soft_share": "soft prompt's share", "hit_rate": "entry found"}


def told(found: Sequence[Report]) -> dict[str, float | str]:
    """What a lesson can ask for."""
    names = {"gain": "gain", "kept": "store_shuffled", "soft_share": "soft_share", "found": "hit_rate"}
    return {"verdict": agreed(found)} | {name: value for name, key in names.items() if (value := middle(found, key)) is not None}


def beside(keys: Mapping[str, str]) -> pd.DataFrame:
    """Diagnosed pipelines, a line each; medians over their repetitions."""
    lines = []
    for name, key in keys.items():
        found = reports(key)
        values = {said: (value if said.endswith("(nats)") or value is None else 100 * value) for name_of, said in MEASURES.items() for value in [middle(found, name_of)]}
        lines.append({"pipeline": name, "verdict": agreed(found), "repetitions": each(found)} | values)
    return pd.DataFrame(lines)


SHARES = {said: st.column_config.NumberColumn(said, format="%.2f" if said.endswith("(nats)") else "%.0f %%") for said in MEASURES.values()}
