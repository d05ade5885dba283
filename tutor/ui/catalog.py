"""What pages read, kept between reruns: runs, their curves, their planes, and the studies.

A finished run never changes, so its key is the whole key of the cache; whatever still moves is read anew.
"""

from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from tutor import cost, exact, studies, views
from tutor.disk import StoreError
from tutor.figures import Curve
from tutor.measure import belief
from tutor.places import PAGES
from tutor.sources import AbstractSource
from tutor.spec import RunSpec
from tutor.store import RunInfo
from tutor.train import Recipe
from tutor.ui import runs

KEPT = {"max_entries": 256, "show_spinner": False}
FINAL = ("done", "diverged")


@contextmanager
def one_sentence():
    """What goes wrong inside is said in one sentence in its place; the page goes on."""
    try:
        yield
    except (StoreError, ValueError, KeyError, RuntimeError) as error:
        st.error(sentence(error))


def sentence(error: Exception) -> str:
    """An error's message as a sentence."""
    text = str(error).strip("'\" ").splitlines()[0] if str(error) else type(error).__name__
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def link(page: str, label: str, icon: str | None = None, **parameters: str) -> None:
    """A link to another page of the app, opened with these parameters in its address."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=icon and f":material/{icon}:", query_params=parameters or None)


# --- which runs there are --------------------------------------------------------------------------------------------


def info(key: str) -> RunInfo:
    """What is known of a run; StoreError where there is none."""
    path = runs.store().get(key).path
    try:
        known = _info(path, (path / "status.json").stat().st_mtime_ns)
    except OSError:
        return runs.store().info(key)
    return known if known.status.state in FINAL else runs.store().info(key)


@lru_cache(maxsize=4096)
def _info(path: Path, stamp: int) -> RunInfo:
    # Not Streamlit's cache: a page asks for a hundred runs, and each look into that one takes a millisecond.
    return runs.store().info(path.name)


def infos() -> list[RunInfo]:
    """Every run, the newest first."""
    found = []
    for key in runs.store().keys():  # noqa: SIM118 - a store is no dictionary
        with suppress(StoreError):  # deleted since the list was read
            found.append(info(key))
    return sorted(found, key=lambda one: one.status.heartbeat, reverse=True)


def pretrainings() -> dict[str, RunInfo]:
    """Finished pretrainings by key: those with the most tunings first, so that a page opens on something to see."""
    done = [one for one in infos() if one.spec and one.status.state == "done"]
    tuned = [one.spec.base().key() for one in done if one.spec.is_tuning]
    bases = sorted((one for one in done if not one.spec.is_tuning), key=lambda one: (-tuned.count(one.key), one.label, one.key))
    return {one.key: one for one in bases}


def tunings(base: str, on: AbstractSource | None = None) -> dict[str, RunInfo]:
    """Finished tunings of one pretraining by key, to one target or to all."""
    done = [one for one in infos() if one.spec and one.spec.is_tuning and one.status.state == "done"]
    return {one.key: one for one in done if one.spec.base().key() == base and (on is None or one.spec.on == on)}


def targets(base: str) -> dict[str, AbstractSource]:
    """Every target that a pretraining was tuned to, by its label, the one with the most runs first."""
    tuned = [one.spec.on for one in tunings(base).values()]
    return {on.label: on for on in sorted(dict.fromkeys(tuned), key=tuned.count, reverse=True)}


def named(one: RunInfo) -> str:
    """A line that tells one run from another in a list of choices."""
    if one.spec is None:
        return f"damaged run {one.key[:6]}"
    recipe = one.spec.tuning or one.spec.recipe
    seed = f", seed {one.spec.seeds.pretrain}" if one.spec.seeds.pretrain else ""
    kind = f"{recipe.steps:,} steps" if recipe.steps else "untrained"
    return f"{one.label} ({kind}{seed}) · {one.key[:6]}"


def state(key: str) -> str:
    """Where run `key` stands, "" when there is none."""
    folder = runs.store().find(key)
    return info(key).status.state if folder else ""


TARGETS = {
    "sampled": "drawn flips, as in the papers",
    "truth": "the generator's own probabilities (same expected gradient, less noise)",
    "bayes": "the ideal predictor's probabilities (same expected gradient, less noise)",
}


def targets_in_words(recipe: Recipe) -> str:
    """What the loss compares with, as a visitor reads it."""
    return TARGETS[recipe.targets]


@st.cache_data(ttl=300, max_entries=256, show_spinner=False)
def seconds(spec: RunSpec) -> float:
    """What a run will cost on one core, judged by the runs that are finished."""
    known = [(one.spec, one.status.seconds) for one in infos() if one.spec and one.status.state == "done"]
    return cost.seconds_of(spec, known)


# --- what a finished run measured ------------------------------------------------------------------------------------


@st.cache_data(**KEPT)
def arrays(key: str) -> dict[str, np.ndarray]:
    """The stored curves of a finished run."""
    return runs.load(key).arrays


@st.cache_data(**KEPT)
def summary(key: str) -> dict:
    """The stored summary of a finished run."""
    return runs.load(key).summary


@st.cache_data(max_entries=32, show_spinner=False)
def events(key: str) -> list[dict]:
    """Every recorded step of a finished run."""
    return runs.load(key).events()


def curve(key: str, on: AbstractSource, *, measure: str = "cumulative", against: str = "generator", label: str = "") -> Curve | None:
    """One run's regret on a source it was evaluated on, [N, T] in nats; None where it was not.

    `measure` is "cumulative", "instant" or "sampled"; `against` is "generator" or "TargetBayes".
    """
    evaluated = summary(key)["evaluated_on"]
    wanted = on.model_dump(mode="json")
    if wanted not in evaluated:
        return None
    stored = {
        name: np.atleast_2d(arrays(key)[f"regret/{evaluated.index(wanted)}/{name}"])
        for name in ("instant", "cumulative", "excess", "sampled")
    }
    over_bayes = {"cumulative": stored["excess"], "instant": np.diff(stored["excess"], prepend=0.0), "sampled": stored["excess"]}
    spec = info(key).spec
    name = label or (spec.method.label if spec.is_tuning else "pretrained")
    return Curve(name, stored[measure] if against == "generator" else over_bayes[measure])


def lost(key: str, on: AbstractSource) -> float | None:
    """Median cumulative regret (nats) over the generator after 50 tokens of a source, None where the run was not evaluated on it."""
    kept, wanted = summary(key), on.model_dump(mode="json")
    if wanted not in kept["evaluated_on"]:
        return None
    return kept["regret"][str(kept["evaluated_on"].index(wanted))]["median"][0]


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
def bayes_loss(source: AbstractSource, length: int) -> float | None:
    """What the ideal predictor loses per token, or None where it has no exact form."""
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


# --- studies ---------------------------------------------------------------------------------------------------------


@st.cache_data(ttl=20, max_entries=64, show_spinner=False)
def study(name: str, preset: str) -> dict | None:
    """The result of a study, None while runs of it are missing."""
    return studies.result(studies.STUDIES[name], studies.PRESETS[preset], runs.store())
