"""What a prompt made by hand does in a finished network, computed when asked and kept under everything it depends on."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from tutor.analysis import manual_prompts, optimizer_step, run_states
from tutor.core.threads import fix_threads
from tutor.figures import Path
from tutor.measure import exact
from tutor.predictors import Predictor
from tutor.sources import AbstractSource, DirichletCategorical
from tutor.training.recipe import Recipe
from tutor.ui.run_views import cached_states
from tutor.ui.shell import visitor_runs

WALK = Recipe(steps=150, batch=8, length=manual_prompts.LENGTH, learning_rate=5e-2, warmup=0.05, cosine=True, stratified=True,
              targets="bayes", beta2=0.9)


@dataclass(frozen=True)
class WorkbenchPrompt:
    """A prompt in front of the network `base`.

    `rows` are vectors (heads, tails) in token space. Added to them is `share` (0 to 1) of the part of the tuned prompt `origin` that no
    amounts of heads and tails can express; the key is empty for a prompt made by hand.
    """

    base: str
    rows: tuple[tuple[float, float], ...]
    origin: str = ""
    share: float = 0.0

    def network(self) -> Predictor:
        """Return the network with this prompt; the part of `origin` is left out where its number of vectors differs."""
        beyond = split_prompt(self.origin)[1] * self.share if self.origin and len(split_prompt(self.origin)[1]) == len(self.rows) else None
        return manual_prompts.attach_prompt(cached_states.load_network(self.base), np.array(self.rows).reshape(-1, 2), beyond)


@st.cache_data(max_entries=64, show_spinner=False)
def split_prompt(key: str) -> tuple[np.ndarray, np.ndarray]:
    """Split the prompt of a tuned run into amounts of heads and tails [K, 2] and the remainder in embedding space."""
    return manual_prompts.split_prompt(visitor_runs.load_run(key).predictor)


@st.cache_data(max_entries=512, show_spinner=False)
def try_prompt(prompt: WorkbenchPrompt, on: AbstractSource) -> manual_prompts.PromptTrial:
    """Measure the regret of a prompt on a target and its worth in flips."""
    with fix_threads():
        return manual_prompts.try_prompt(prompt.network(), on)


@st.cache_data(max_entries=256, show_spinner=False)
def prompt_path(prompt: WorkbenchPrompt, on: AbstractSource, label: str) -> Path:
    """States of the network behind a prompt, as a path in the plane of its states without one."""
    found = run_states.follow_states(cached_states.state_cloud(prompt.base), prompt.network(), on)
    return Path(label, found.coordinates, found.prompt_end, found.off_plane, found.moved)


def beside_no_prompt(prompt: WorkbenchPrompt, on: AbstractSource) -> list[Path]:
    """Paths of the network without a prompt and behind this one."""
    return [prompt_path(WorkbenchPrompt(prompt.base, ()), on, "no prompt"), prompt_path(prompt, on, "your prompt")]


@st.cache_data(max_entries=512, show_spinner=False)
def predict_heads(prompt: WorkbenchPrompt, tokens: tuple[int, ...]) -> np.ndarray:
    """Probability of heads [T + 1] that the network gives before the first of T tokens and after each."""
    return run_states.predict_heads(prompt.network(), tokens)


@st.cache_data(max_entries=16, show_spinner="Trying prompt vectors ...")
def regret_landscape(base: str, on: AbstractSource, points: int) -> manual_prompts.RegretLandscape:
    """Regret of one-vector prompts on a grid of `points` times `points` over token space."""
    with fix_threads():
        return manual_prompts.regret_landscape(cached_states.load_network(base), on, points=points)


@st.cache_data(max_entries=64, show_spinner="The optimiser walks ...")
def optimizer_path(base: str, on: AbstractSource, start: tuple[float, float]) -> np.ndarray:
    """Path [S, 2] of the optimiser through token space from one vector."""
    with fix_threads():
        return manual_prompts.optimizer_path(cached_states.load_network(base), on, np.array([start]), recipe=WALK)[:, 0]


@st.cache_data(max_entries=32, show_spinner="Trying every hard prompt ...")
def rank_prompts(base: str, on: AbstractSource, length: int) -> manual_prompts.PromptRanking:
    """Score all hard prompts of a length in a network."""
    with fix_threads():
        return manual_prompts.rank_prompts(cached_states.load_network(base), on, length)


@st.cache_data(max_entries=128, show_spinner="Tuning up to this step ...")
def dissect_step(base: str, on: AbstractSource, start: tuple[tuple[float, float], ...], step: int) -> optimizer_step.OptimizerStep:
    """Tune from `start` for `step` steps and return the parts of the next step."""
    with fix_threads():
        return optimizer_step.dissect(cached_states.load_network(base), on, np.array(start), step)


@st.cache_data(max_entries=32, show_spinner=False)
def best_pseudo_counts(on: AbstractSource) -> tuple[DirichletCategorical, np.ndarray]:
    """Return the Dirichlet prior with the least regret on a target, and its exact regret curve (nats)."""
    return exact.best_pseudo_counts(on=on, length=manual_prompts.LENGTH)
