"""What pages show of a finished network's inside, kept between reruns under the run's key."""

import numpy as np
import streamlit as st

from tutor import views
from tutor.disk import StoreError
from tutor.figures import WALKING, Path, Plane, moment
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


def colours(key: str, tap: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What every state of the plane has seen [B, T]: flips, the true bias, the share of heads."""
    found = ground(key, tap)
    return found.flips, found.bias, found.ratio


@st.cache_resource(**LARGE)
def _trail(base: str, key: str, tap: str, axes: tuple[int, int]) -> views.Trail:
    run = runs.load(key)
    return views.trail(ground(base, tap), run.predictor, run.spec.on or run.spec.source, axes)


def path(base: str, key: str, tap: str, axes: tuple[int, int], label: str) -> Path:
    """Where run `key` goes in the plane of run `base`, under this label."""
    found = _trail(base, key, tap, axes)
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


@st.cache_resource(max_entries=16, show_spinner=False)
def film(key: str) -> tuple[list[int], list[np.ndarray]]:
    """The filmed steps of a run, and per step the states [B, T, C] in the plane of its paper taps."""
    return views.film(runs.load(key), ground(key))


def film_feed(key: str, axes: tuple[int, int]) -> dict:
    """Where the picture fetches the film from; the address never changes, so the browser keeps it."""
    return {"url": f"/api/runs/{key}/film?x={axes[0]}&y={axes[1]}", "label": "training step"}


@st.cache_resource(max_entries=32, show_spinner=False)
def walk(key: str) -> views.Walk | None:
    """How the prompt of a tuned run found its place in the plane of its base."""
    run = runs.load(key)
    return views.walk(run, ground(run.spec.base().key()))


def walk_feed(key: str, axes: tuple[int, int]) -> dict | None:
    """Where the picture of one tuned prompt fetches its tuning from; None where it was not filmed."""
    return film_feed(key, axes) | {"label": "tuning step"} if walk(key) else None


def walk_bundle(key: str, axes: tuple[int, int]) -> dict:
    """The same as the picture reads it; the last moment is that of all the sequences which the picture shows."""
    found, base = walk(key), runs.load(key).spec.base().key()
    if found is None:
        raise ValueError(f"run {key} keeps no film of its tuning")
    flat, end = plane(base, "", axes), _trail(base, key, "", axes)
    moments = [moment(flat, trail, found.prompt_end) for trail in found.trails[:-1]] + [moment(flat, end.coordinates, end.prompt_end)]
    return {"steps": found.steps, "traces": WALKING, "x": [x for x, _ in moments], "y": [y for _, y in moments]}


def film_bundle(key: str, axes: tuple[int, int]) -> dict:
    """The film as the picture reads it: steps, and x and y as frames by traces by points (null between sequences)."""
    if runs.load(key).spec.is_tuning:
        return walk_bundle(key, axes)
    steps, frames = film(key)
    chosen = [frame[:, ::2, list(axes)] for frame in frames]
    x, y = ([[_points(frame[..., i])] for frame in chosen] for i in (0, 1))
    return {"steps": steps, "traces": [1], "x": x, "y": y}


def _points(paths: np.ndarray) -> list[float | None]:
    return [value for row in paths.round(3).tolist() for value in (*row, None)][:-1]
