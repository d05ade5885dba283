"""What pages show of a finished network's inside, kept between reruns under the run's key."""

import streamlit as st

from tutor.analysis import run_states
from tutor.figures import Path, Plane
from tutor.predictors import Predictor
from tutor.runs.io.disk import StoreError
from tutor.ui.shell import visitor_runs

CACHE_OPTIONS = {"max_entries": 256, "show_spinner": False}
LARGE = {"max_entries": 48, "show_spinner": "Reading the network's states ..."}


@st.cache_resource(**LARGE)
def state_cloud(key: str, tap: str = "") -> run_states.StateCloud:
    """States of a network on its own source with their principal components.

    Parameters
    ----------
    tap
        Where the states are recorded; "" means the network's main tap.
    """
    run = visitor_runs.load_run(key)
    return run_states.fit_state_cloud(run.predictor, run.spec.source, tap)


def state_plane(key: str, tap: str, axes: tuple[int, int]) -> Plane:
    """The state cloud of a network, projected onto two principal components (counted from 0).

    Raises
    ------
    ValueError
        Where the network does not have both components.
    """
    found = state_cloud(key, tap)
    most = len(found.projection.explained_variance)
    if not 0 <= min(axes) <= max(axes) < most:
        raise ValueError(f"the components are {axes[0] + 1} and {axes[1] + 1}; this network has 1 to {most}")
    return Plane(found.coordinates, found.projection.explained_variance, axes)


def count_dimensions(key: str, tap: str) -> int:
    """Number of dimensions of the state space at `tap`."""
    return len(state_cloud(key, tap).projection.mean)


def seen_flips(key: str, tap: str) -> run_states.SeenFlips:
    """For every state of the cloud [B, T]: flips read so far, their share of heads, and the bias of their coin."""
    return state_cloud(key, tap).seen


@st.cache_resource(**LARGE)
def follow_states(base: str, key: str, tap: str, axes: tuple[int, int]) -> run_states.Trajectory:
    """States of the network of run `key` on its target, projected onto the plane of run `base`."""
    run = visitor_runs.load_run(key)
    return run_states.follow_states(state_cloud(base, tap), run.predictor, run.spec.on or run.spec.source, axes)


def picture_path(base: str, key: str, tap: str, axes: tuple[int, int], label: str) -> Path:
    """The trajectory from `follow_states` as a `Path` for pictures, called `label` and coloured as the run's method."""
    found, spec = follow_states(base, key, tap, axes), visitor_runs.load_run(key).spec
    of = spec.method.label if spec.is_tuning else ""
    return Path(label, found.coordinates, found.prompt_end, found.off_plane, found.moved, of)


@st.cache_data(**CACHE_OPTIONS)
def list_taps(key: str) -> list[str]:
    """Names of the places in a network at which its states can be read."""
    run = visitor_runs.load_run(key)
    return run_states.list_taps(run.predictor, run.spec.source)


@st.cache_data(max_entries=64, show_spinner="Probing the states of both networks ...")
def probe_taps(key: str) -> list[run_states.TapProbes]:
    """Held-out R² of linear probes at every tap, of a pretrained network and of the same network before training."""
    return run_states.probe_taps(visitor_runs.load_run(key))


@st.cache_data(**CACHE_OPTIONS)
def prompt_scores(key: str) -> run_states.PromptScores | None:
    """Score of every hard prompt in the first repetition of a finished search; None where the run was no such search."""
    return run_states.read_prompt_scores(visitor_runs.load_run(key))


@st.cache_data(**CACHE_OPTIONS)
def count_prompt_vectors(key: str) -> int:
    """Number of prompt vectors in front of the input; 0 where the run has none, places them elsewhere, or does not store them."""
    try:
        network = visitor_runs.load_run(key).predictor
        return len(network.prompt()) if network.placement.kind == "prefix" else 0
    except StoreError:
        return 0


@st.cache_resource(max_entries=8, show_spinner=False)
def load_network(key: str) -> Predictor:
    """Load the network of a finished run, for a few predictions."""
    return visitor_runs.load_run(key).predictor
