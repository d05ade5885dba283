"""What pages show of a finished network's inside, kept between reruns under the run's key."""

import streamlit as st

from tutor import views
from tutor.disk import StoreError
from tutor.figures import Path, Plane
from tutor.predictors import Predictor
from tutor.ui import runs

KEPT = {"max_entries": 256, "show_spinner": False}
LARGE = {"max_entries": 48, "show_spinner": "Reading the network's states ..."}


@st.cache_resource(**LARGE)
def ground(key: str, tap: str = "") -> views.Ground:
    """The plane of a network's own states."""
    run = runs.load(key)
    return views.ground(run.predictor, run.spec.source, tap)


def plane(key: str, tap: str, axes: tuple[int, int]) -> Plane:
    """The same as a picture's plane; ValueError where a component does not exist."""
    found = ground(key, tap)
    most = len(found.projection.explained_variance)
    if not 0 <= min(axes) <= max(axes) < most:
        raise ValueError(f"the components are {axes[0] + 1} and {axes[1] + 1}; this network has 1 to {most}")
    return Plane(found.coordinates, found.projection.explained_variance, axes)


def seen(key: str, tap: str) -> views.Seen:
    """What every state of the plane has seen."""
    return ground(key, tap).seen


@st.cache_resource(**LARGE)
def trail(base: str, key: str, tap: str, axes: tuple[int, int]) -> views.Trail:
    """Where run `key` goes in the plane of run `base`."""
    run = runs.load(key)
    return views.trail(ground(base, tap), run.predictor, run.spec.on or run.spec.source, axes)


def path(base: str, key: str, tap: str, axes: tuple[int, int], label: str) -> Path:
    """The same under a label, as a picture's path."""
    found = trail(base, key, tap, axes)
    return Path(label, found.coordinates, found.prompt_end, found.off_plane, found.moved)


@st.cache_data(**KEPT)
def taps(key: str) -> list[str]:
    """Where the states of a network can be looked at."""
    run = runs.load(key)
    return views.taps(run.predictor, run.spec.source)


@st.cache_data(max_entries=64, show_spinner="Probing the states of both networks ...")
def readings(key: str) -> list[views.Reading]:
    """Linear probes of a pretrained network beside the untrained one."""
    return views.readings(runs.load(key))


@st.cache_data(**KEPT)
def prompt_scores(key: str) -> views.PromptScores | None:
    """What every hard prompt of a finished search scored."""
    return views.prompt_scores(runs.load(key))


@st.cache_data(**KEPT)
def prompt_vectors(key: str) -> int:
    """How many vectors a finished run puts in front, zero where it has none, puts them elsewhere, or does not keep them."""
    try:
        network = runs.load(key).predictor
        return len(network.prompt()) if network.placement.kind == "prefix" else 0
    except StoreError:
        return 0


@st.cache_resource(max_entries=8, show_spinner=False)
def network(key: str) -> Predictor:
    """The network of a finished run, for a few predictions."""
    return runs.load(key).predictor
