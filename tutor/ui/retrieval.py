"""What the page on retrieval asks of trained pipelines, kept between reruns: which there are, one question followed, diagnoses, the loss around them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from tutor import diagnosed, retrieved
from tutor.disk import StoreError
from tutor.figures import Phase, Picture, answer_bars, crowd_bars, crowd_lines, loss_surface, over_training, phase_map
from tutor.figures.picture import listed
from tutor.measure import Report
from tutor.retrieval import RetrieverPT
from tutor.runner import one_thread_count
from tutor.spec import RunSpec
from tutor.studies.retriever_or_prompt import DENSE, GOOD
from tutor.studies.retriever_presets import DENSE as DENSE_SPEC
from tutor.studies.retriever_presets import GOOD as GOOD_SPEC
from tutor.studies.retriever_presets import HELD, MAP, OTHERS, SOFT
from tutor.ui import catalog, insides, numbers, runs

COMMAND = "prompt-tutor study retriever-or-prompt --fast"
NAMED: Mapping[str, RunSpec] = {
    GOOD: GOOD_SPEC, DENSE: DENSE_SPEC, **OTHERS, **{f"{name}, {stage} held": spec for (name, stage), spec in HELD.items()},
    **{f"density {density:g}, quality {quality:g}": spec for (density, quality), spec in MAP.items()}}
"""The pipelines of the study by what they are called; the first name of a specification counts."""
QUESTIONS = 100
"""Held-out questions that can be chosen."""
DENSITIES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
FOUND = st.column_config.ProgressColumn("weight", format="percent", min_value=0, max_value=1, help="Share of the weight that this sentence gets; the shares of all entries found sum to 1.")
LOOKED = ("own", "shuffled", "constant")
CURVES = {"own": "as it is", "shuffled": "store shuffled", "constant": "its constant alone"}
"""What is looked at during a training -> what it is called."""
STAGES = ("encoder", "curator", "projection")
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
    parts += ["from scratch"] * (how.encoder == "scratch") + [f"{listed(list(how.frozen))} held"] * bool(how.frozen)
    return f"own: {', '.join(parts)}, {spec.tuning.steps} steps, seed {spec.seeds.tune}"


def asked(key: str) -> dict[str, str]:
    """Held-out questions of a run by their number, as text, in the order of their draw."""
    on = catalog.info(key).spec.on.held_out()
    return {str(number): on.facts.all[number].question for number in on.numbers[:QUESTIONS]}


@st.cache_data(**KEPT)
def followed(key: str, number: int) -> retrieved.Followed:
    """One question, followed through a pipeline; beside a soft prompt where that is there."""
    with one_thread_count():
        soft = insides.network(SOFT.key()) if there(SOFT) else None
        return retrieved.followed(insides.network(key), catalog.info(key).spec.on, number, soft)


def answers(way: retrieved.Followed) -> Picture:
    """What is answered behind each context."""
    return answer_bars(way.answers, way.truth)


def sentences(way: retrieved.Followed) -> pd.DataFrame:
    """What was found, the heaviest first."""
    return pd.DataFrame([{"weight": one.weight, "sentence": one.sentence, "needed": "← needed" if one.needed else ""} for one in way.found])


@st.cache_data(max_entries=128, show_spinner="Diagnosing ...")
def reports(key: str) -> list[Report]:
    """A diagnosis of every repetition. StoreError says what is missing."""
    if not there(SOFT):
        raise StoreError(f"the soft prompt to compare with is not here: run `{COMMAND}`")
    try:
        with one_thread_count():
            return diagnosed.reports(runs.store(), runs.load(key), runs.load(SOFT.key()))
    except KeyError as error:
        raise StoreError(f"the evidence of this pipeline is not kept here: run `{COMMAND}`") from error


def agreed(found: Sequence[Report]) -> tuple[str, int]:
    """The verdict that most repetitions got, and how many of them."""
    return Counter(report.verdict for report in found).most_common(1)[0]


def middle(found: Sequence[Report], name: str) -> float | None:
    """Median of a measure over repetitions; None where no report has it."""
    values = [one.value for report in found if (one := report.find(name)) is not None]
    return float(np.median(values)) if values else None


MEASURES = {"gain": "gain (nats)", "store_shuffled": "kept, store shuffled", "soft_share": "soft prompt's share", "hit_rate": "entry found"}


def told(found: Sequence[Report]) -> dict[str, float | str]:
    """What a lesson can ask for."""
    names = {"gain": "gain", "kept": "store_shuffled", "soft_share": "soft_share", "found": "hit_rate"}
    return {"verdict": agreed(found)[0]} | {name: value for name, key in names.items() if (value := middle(found, key)) is not None}


def beside(keys: Mapping[str, str]) -> pd.DataFrame:
    """Diagnosed pipelines, a line each; medians over their repetitions."""
    lines = []
    for name, key in keys.items():
        found = reports(key)
        verdict, agree = agreed(found)
        lines.append({"pipeline": name, "verdict": verdict, "repetitions that agree": f"{agree} of {len(found)}"} | {said: middle(found, key) for key, said in MEASURES.items()})
    return pd.DataFrame(lines)


SHARES = {said: st.column_config.NumberColumn(said, format="%.2f" if "nats" in said else "percent") for said in MEASURES.values()}


# Causes.

@st.cache_data(max_entries=256, show_spinner=False)
def crowd(dials: RetrieverPT) -> retrieved.Crowd:
    """A store with these dials, without training."""
    with one_thread_count():
        return retrieved.crowd(dials)


def alike(dials: RetrieverPT) -> Picture:
    """How alike its entries are."""
    return crowd_bars(crowd(dials))


def denser(dials: RetrieverPT) -> Picture:
    """The same dials with every density."""
    along = [crowd(dials.model_copy(update={"density": density})) for density in DENSITIES]
    return crowd_lines(DENSITIES, along, k=min(dials.k, len(dials.facts.all)), chosen=dials.density)


def course(key: str) -> Picture:
    """What a pipeline loses on held-out questions while it is trained, and what two others lose."""
    kept = numbers.arrays(key)
    return over_training({said: kept[f"found/course/{name}"] for name, said in CURVES.items()}, measure="held-out loss (nats)", levels=levels(key))


def levels(key: str) -> dict[str, float]:
    """Loss without context and behind the soft prompt, as far as it is known."""
    plain = numbers.arrays(key).get("found/exam/no_context")
    try:
        soft = middle(reports(key), "soft_prompt_gain")
    except (StoreError, ValueError):
        soft = None
    if plain is None:
        return {}
    level = float(np.mean(plain))
    return {"without context": level} | ({"soft prompt": level - soft} if soft is not None else {})


def norms(key: str) -> Picture | None:
    """The gradient's norm at each stage that was trained; None where none was."""
    kept = numbers.arrays(key)
    found = {stage: kept[f"found/course/{stage}"] for stage in STAGES}
    trained = {stage: values for stage, values in found.items() if not np.isnan(values).all()}
    return over_training(trained, measure="norm of the gradient", log=True) if trained else None


@st.cache_data(max_entries=16, show_spinner="Measuring the loss around the pipeline, for some seconds ...")
def _surface(key: str) -> retrieved.Surface:
    with one_thread_count():
        return retrieved.surface(insides.network(key), catalog.info(key).spec.on)


def surface(key: str) -> Picture:
    """The loss around a trained pipeline."""
    return loss_surface(_surface(key))


def phases() -> tuple[Picture | None, dict[str, str]]:
    """The map of densities and qualities as far as it is computed, and its cells' keys by their names."""
    cells, keys = {}, {}
    for (density, quality), spec in MAP.items():
        if there(spec):
            found = reports(spec.key())
            verdict, agree = agreed(found)
            kept, gain = middle(found, "store_shuffled"), middle(found, "gain")
            cells[density, quality] = Phase(verdict, agree, len(found), float("nan") if kept is None else kept, gain)
            keys[f"density {density:g}, quality {quality:g}"] = spec.key()
    return (phase_map(cells) if cells else None), keys
