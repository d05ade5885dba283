"""What a prompt made by hand does in a finished network, computed when asked and kept under everything it depends on."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from tutor import exact, slow, views, workbench
from tutor.figures import Path
from tutor.predictors import Predictor
from tutor.recipe import Recipe
from tutor.runner import one_thread_count
from tutor.sources import AbstractSource, DirichletCategorical
from tutor.ui import insides, runs

WALK = Recipe(steps=150, batch=8, length=workbench.LENGTH, learning_rate=5e-2, warmup=0.05, cosine=True, stratified=True, targets="bayes", beta2=0.9)


@dataclass(frozen=True)
class Prompt:
    """A prompt before network `base`: rows in token space, and a share of what the tuned run `origin` has off their plane."""

    base: str
    rows: tuple[tuple[float, float], ...]
    origin: str = ""
    share: float = 0.0

    def network(self) -> Predictor:
        """The network behind this prompt."""
        beyond = taken_apart(self.origin)[1] * self.share if self.origin and len(taken_apart(self.origin)[1]) == len(self.rows) else None
        return workbench.prompted(insides.network(self.base), np.array(self.rows).reshape(-1, 2), beyond)


@st.cache_data(max_entries=64, show_spinner=False)
def taken_apart(key: str) -> tuple[np.ndarray, np.ndarray]:
    """The prompt of a tuned run: rows in token space, and the part off their plane."""
    return workbench.taken_apart(runs.load(key).predictor)


@st.cache_data(max_entries=512, show_spinner=False)
def trial(prompt: Prompt, on: AbstractSource) -> workbench.Trial:
    """Regret and worth of a prompt."""
    with one_thread_count():
        return workbench.trial(prompt.network(), on)


@st.cache_data(max_entries=256, show_spinner=False)
def path(prompt: Prompt, on: AbstractSource, label: str) -> Path:
    """Where the network goes behind this prompt, in the plane of its own unprompted states."""
    found = views.trail(insides.ground(prompt.base), prompt.network(), on)
    return Path(label, found.coordinates, found.prompt_end, found.off_plane, found.moved)


@st.cache_data(max_entries=512, show_spinner=False)
def heads(prompt: Prompt, tokens: tuple[int, ...]) -> np.ndarray:
    """Probability of heads before the first of `tokens` and after each."""
    return views.heads_predicted(prompt.network(), tokens)


@st.cache_data(max_entries=16, show_spinner="Trying 625 prompt vectors ...")
def surface(base: str, on: AbstractSource) -> workbench.Surface:
    """The landscape of one-vector prompts."""
    with one_thread_count():
        return workbench.surface(insides.network(base), on)


@st.cache_data(max_entries=64, show_spinner="The optimiser walks ...")
def walk(base: str, on: AbstractSource, start: tuple[float, float]) -> np.ndarray:
    """Where the optimiser goes from one vector [S, 2]."""
    with one_thread_count():
        return workbench.walk(insides.network(base), on, np.array([start]), recipe=WALK)[:, 0]


@st.cache_data(max_entries=32, show_spinner="Trying every hard prompt ...")
def ranking(base: str, on: AbstractSource, length: int) -> workbench.Ranking:
    """All hard prompts of a length."""
    with one_thread_count():
        return workbench.ranking(insides.network(base), on, length)


@st.cache_data(max_entries=128, show_spinner="Tuning up to this step ...")
def dissection(base: str, on: AbstractSource, start: tuple[tuple[float, float], ...], step: int) -> slow.Dissection:
    """One step of tuning, taken apart."""
    with one_thread_count():
        return slow.dissect(insides.network(base), on, np.array(start), step)


@st.cache_data(max_entries=32, show_spinner=False)
def best_pseudo_counts(on: AbstractSource) -> tuple[DirichletCategorical, np.ndarray]:
    """The best that any pseudo-counts can do on a target, exactly."""
    return exact.best_pseudo_counts(on=on, length=workbench.LENGTH)
