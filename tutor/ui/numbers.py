"""What finished runs and exact references measured, kept between reruns: a finished run never changes, so its key is the whole key."""

import numpy as np
import streamlit as st

from tutor import exact, studies, views
from tutor.figures import Curve
from tutor.measure import belief
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.spec import RunSpec
from tutor.ui import catalog, runs

KEPT = {"max_entries": 256, "show_spinner": False}


@st.cache_data(**KEPT)
def arrays(key: str) -> dict[str, np.ndarray]:
    """The stored curves of a finished run."""
    return runs.load(key).arrays


@st.cache_data(max_entries=4096, show_spinner=False)
def keeps_vectors(key: str) -> bool:
    """Whether a finished run keeps the vectors of a soft or deep prompt; asked of every tuning with every click, so only that is kept."""
    return "prompt/0" in runs.load(key).arrays


@st.cache_data(**KEPT)
def summary(key: str) -> dict:
    """The stored summary of a finished run."""
    return runs.load(key).summary


@st.cache_data(max_entries=32, show_spinner=False)
def events(key: str) -> list[dict]:
    """Every recorded step of a finished run."""
    return runs.load(key).events()


def curve(key: str, on: AbstractSource, *, measure: str = "cumulative", against: str = "generator", label: str = "") -> Curve | None:
    """One run's regret on a source it was evaluated on, [N, T] in nats; None where it was not, or nobody knows the ideal predictor.

    `measure` is "cumulative", "instant" or "sampled"; `against` is "generator" or "TargetBayes".
    """
    evaluated = summary(key)["evaluated_on"]
    wanted = on.model_dump(mode="json")
    if wanted not in evaluated or str(evaluated.index(wanted)) not in summary(key)["regret"]:
        return None
    stored = {
        name: np.atleast_2d(arrays(key)[f"regret/{evaluated.index(wanted)}/{name}"])
        for name in ("instant", "cumulative", "excess", "sampled")
    }
    over_bayes = {"cumulative": stored["excess"], "instant": np.diff(stored["excess"], prepend=0.0), "sampled": stored["excess"]}
    spec = catalog.info(key).spec
    name = label or (spec.method.label if spec.is_tuning else "pretrained")
    return Curve(name, stored[measure] if against == "generator" else over_bayes[measure])


def lost(key: str, on: AbstractSource) -> float | None:
    """Median cumulative regret (nats) over the generator after 50 tokens of a source, None where the run was not evaluated on it."""
    kept, wanted = summary(key), on.model_dump(mode="json")
    if wanted not in kept["evaluated_on"]:
        return None
    known = kept["regret"].get(str(kept["evaluated_on"].index(wanted)))
    return known and known["median"][0]


@st.cache_data(**KEPT)
def baselines(spec: RunSpec, on: AbstractSource, *, measure: str = "cumulative", against: str = "generator") -> list[Curve]:
    """The exact references of a run on a source; none where the sources have no exact form."""
    length = spec.tuning.length if spec.tuning else 50
    prompt = (getattr(spec.method, "length", None) or 6) if spec.method else 6
    try:
        found = exact.baselines(pretrained=spec.source, on=on, length=spec.evaluation.length, prompt_length=prompt, tuned_length=length)
    except (ValueError, AttributeError):
        return []
    # An untrained network has no prior, so the references of a pretraining say nothing about it.
    kept = [name for name in found if spec.recipe.steps or not name.startswith("PreBayes")]
    zero = found["TargetBayes"] if against == "TargetBayes" else 0.0
    shown = {name: found[name] - zero for name in kept if name != ("Oracle" if against == "TargetBayes" else "")}
    return [
        Curve(name, (np.diff(values, prepend=0.0) if measure == "instant" else values)[None], exact=True) for name, values in shown.items()
    ]


@st.cache_data(**KEPT)
def references(source: AbstractSource, on: AbstractSource, length: int = 50) -> list[Curve]:
    """The exact references of a network that knows `source`, on `on`."""
    found = exact.baselines(pretrained=source, on=on, length=length)
    return [Curve(name, values[None], exact=True) for name, values in found.items()]


@st.cache_data(**KEPT)
def ideal_scores(source: AbstractSource, on: AbstractSource, prompts: list[tuple[int, ...]], length: int = 50) -> np.ndarray:
    """What hard prompts cost the ideal predictor of `source` over that of `on` (nats per token)."""
    return views.ideal_scores(source, on, prompts, length)


@st.cache_data(**KEPT)
def bayes_loss(source: AbstractSource, length: int) -> float | None:
    """What the ideal predictor loses per token, or None where it has no exact form."""
    if not isinstance(source, AbstractExchangeable):
        return None
    try:
        return belief.bayes_loss(source, length)
    except (ValueError, AttributeError):
        return None


@st.cache_data(**KEPT)
def reach(source: AbstractSource, on: AbstractSource, longest: int, length: int) -> views.Reach:
    """The best hard prompts of every length, exactly."""
    return views.reach(source, on, longest=longest, length=length)


@st.cache_data(**KEPT)
def behind_prompts(source: AbstractSource, on: AbstractSource, prompts: list[tuple[int, ...]], flips: int) -> np.ndarray:
    """Exact regret (nats) after so many flips of the ideal predictor of `source` behind each prompt."""
    return views.behind_prompts(source, on, prompts, flips)


@st.cache_data(ttl=20, max_entries=64, show_spinner=False)
def study(name: str, preset: str) -> dict | None:
    """The result of a study, None while runs of it are missing."""
    return studies.result(studies.STUDIES[name], studies.PRESETS[preset], runs.store())
