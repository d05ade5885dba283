"""What finished runs and exact references measured, kept between reruns: a finished run never changes, so its key is the whole key."""

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from tutor import studies
from tutor.analysis import run_states
from tutor.figures import Curve
from tutor.measure import belief, exact
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.ui.run_views import catalog
from tutor.ui.shell import visitor_runs

CACHE_OPTIONS = {"max_entries": 256, "show_spinner": False}


def load_arrays(key: str) -> Mapping[str, np.ndarray]:
    """Load the stored arrays of a finished run, by name; they are shared, so nobody may write to them."""
    return _arrays(visitor_runs.open_store(), key)


@lru_cache(maxsize=256)
def _arrays(store: RunStore, key: str) -> Mapping[str, np.ndarray]:
    # Not Streamlit's cache, which unpickles all arrays of a run anew at each of the many looks that a page takes.
    found = visitor_runs.load_run(key).arrays
    for values in found.values():
        values.setflags(write=False)
    return MappingProxyType(found)


@st.cache_data(max_entries=4096, show_spinner=False)
def keeps_vectors(key: str) -> bool:
    """Whether a finished run stores the vectors of a soft or deep prompt; only the answer is cached, as pages ask this of every tuning."""
    return "prompt/0" in visitor_runs.load_run(key).arrays


def load_summary(key: str) -> Mapping[str, Any]:
    """Load the stored summary of a finished run."""
    return _summary(visitor_runs.open_store(), key)


@lru_cache(maxsize=256)
def _summary(store: RunStore, key: str) -> Mapping[str, Any]:
    return MappingProxyType(visitor_runs.load_run(key).summary)


@st.cache_data(max_entries=32, show_spinner=False)
def load_events(key: str) -> list[dict]:
    """Load all recorded training steps of a finished run."""
    return visitor_runs.load_run(key).events()


def regret_curve(key: str, on: AbstractSource, *, measure: str = "cumulative", against: str = "generator", label: str = "") -> Curve | None:
    """Regret of a finished run on one of its evaluation sources.

    Parameters
    ----------
    measure
        "cumulative", "instant" or "sampled"; over TargetBayes "sampled" equals "cumulative".
    against
        "generator", or "TargetBayes" for the exact Bayes predictor of `on`.
    label
        Label of the curve; "" means the label of the run's method.

    Returns
    -------
    Curve or None
        Values [N, T] in nats, a row per repetition. None where the run was not evaluated on `on`, or `on` has no known Bayes predictor.
    """
    evaluated, kept = load_summary(key)["evaluated_on"], load_arrays(key)
    wanted = on.model_dump(mode="json")
    if wanted not in evaluated or str(evaluated.index(wanted)) not in load_summary(key)["regret"]:
        return None
    place = f"regret/{evaluated.index(wanted)}"
    stored = {name: np.atleast_2d(kept[f"{place}/{name}"]) for name in ("instant", "cumulative", "excess", "sampled")}
    over_bayes = {"cumulative": stored["excess"], "instant": np.diff(stored["excess"], prepend=0.0), "sampled": stored["excess"]}
    spec = catalog.find_info(key).spec
    method = spec.method.label if spec.is_tuning else "pretrained"
    return Curve(label or method, of=method, values=stored[measure] if against == "generator" else over_bayes[measure])


def median_regret(key: str, on: AbstractSource) -> float | None:
    """Median cumulative regret (nats) over the generator after 50 tokens of `on`; None where the run was not evaluated on it."""
    kept, wanted = load_summary(key), on.model_dump(mode="json")
    if wanted not in kept["evaluated_on"]:
        return None
    known = kept["regret"].get(str(kept["evaluated_on"].index(wanted)))
    return known and known["median"][0]


@st.cache_data(**CACHE_OPTIONS)
def baseline_curves(spec: RunSpec, on: AbstractSource, *, measure: str = "cumulative", against: str = "generator") -> list[Curve]:
    """Exact reference curves of a run on a source, in nats; empty where either source has no exact form.

    Parameters
    ----------
    measure, against
        As in `regret_curve`; the references have no sampled form, so "sampled" gives the cumulative one.
    """
    if not (isinstance(spec.source, AbstractExchangeable) and isinstance(on, AbstractExchangeable)):
        return []
    length = spec.tuning.length if spec.tuning else 50
    prompt = (getattr(spec.method, "length", None) or 6) if spec.method else 6
    try:
        found = exact.baselines(pretrained=spec.source, on=on, length=spec.evaluation.length, prompt_length=prompt, tuned_length=length)
    except ValueError:                             # more sides than counts can be listed for
        return []
    # An untrained network has no prior, so the references of a pretraining say nothing about it.
    kept = [name for name in found if spec.recipe.steps or name not in exact.OF_PRETRAINED]
    zero = found["TargetBayes"] if against == "TargetBayes" else 0.0
    shown = {name: found[name] - zero for name in kept if name != ("Oracle" if against == "TargetBayes" else "")}
    return [
        Curve(name, (np.diff(values, prepend=0.0) if measure == "instant" else values)[None], exact=True) for name, values in shown.items()
    ]


@st.cache_data(**CACHE_OPTIONS)
def reference_curves(source: AbstractSource, on: AbstractSource, length: int = 50) -> list[Curve]:
    """Exact reference curves (cumulative regret in nats) of an ideal predictor pretrained on `source` and evaluated on `on`.

    Raises
    ------
    ValueError
        Where a source has more sides than counts can be listed for.
    """
    found = exact.baselines(pretrained=source, on=on, length=length)
    return [Curve(name, values[None], exact=True) for name, values in found.items()]


def optimal_regret(on: AbstractSource, length: int = 50) -> float | None:
    """Regret (nats) of the exact Bayes predictor of `on` over the generator after `length` flips; None where there is no exact form."""
    try:
        found = reference_curves(on, on, length) if isinstance(on, AbstractExchangeable) else []
    except ValueError:
        return None
    return next((float(one.values[0, -1]) for one in found if one.label == "TargetBayes"), None)


def uniform_excess(source: AbstractSource, length: int = 50) -> dict[str, float]:
    """Fact for lessons: excess (nats) of the uniform predictor over the ideal one after `length` flips; empty without an exact form."""
    ideal = bayes_loss(source, length)
    return {} if ideal is None else {f"uniform_excess_after_{length}": length * (math.log(source.vocab) - ideal)}


@st.cache_data(**CACHE_OPTIONS)
def ideal_scores(source: AbstractSource, on: AbstractSource, prompts: list[tuple[int, ...]], length: int = 50) -> np.ndarray:
    """Score hard prompts in the exact Bayes predictor of `source`: excess loss (nats per token) over that of `on`, one per prompt."""
    return run_states.ideal_scores(source, on, prompts, length)


@st.cache_data(**CACHE_OPTIONS)
def bayes_loss(source: AbstractSource, length: int) -> float | None:
    """Loss (nats per token) of the exact Bayes predictor of a source; None where it has no exact form."""
    if not isinstance(source, AbstractExchangeable):
        return None
    try:
        return belief.bayes_loss(source, length)
    except ValueError:
        return None


@st.cache_data(ttl=20, max_entries=64, show_spinner=False)
def study_result(name: str, preset: str) -> dict | None:
    """Load or make the result of a study for a named preset; None while runs are missing. Cached for 20 seconds."""
    return studies.make_result(studies.STUDIES[name], studies.PRESETS[preset], visitor_runs.open_store())
