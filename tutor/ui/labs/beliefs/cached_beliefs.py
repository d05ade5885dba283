"""What the page of beliefs asks of a network, kept between reruns; answers about a run that is not finished hold for its newest frame."""

import numpy as np
import streamlit as st

from tutor import measure
from tutor.analysis import belief_views, training_frames
from tutor.figures import MOVING_BELIEFS, Simplex, make_simplex, place_points
from tutor.measure.belief_readings import LONGEST
from tutor.ui.run_views import catalog
from tutor.ui.shell import visitor_runs

DIGITS = 3


def view_beliefs(key: str) -> belief_views.BeliefView:
    """Beliefs read off the network of a run, off the same network untrained, and the exact ones."""
    return _view(key, catalog.run_state(key) == "done")


@st.cache_resource(max_entries=16, show_spinner="Reading the network's beliefs ...")
def _view(key: str, done: bool) -> belief_views.BeliefView:
    return belief_views.view_beliefs(visitor_runs.load_run(key))


def find_simplex(key: str) -> Simplex:
    """Where the states of a run's source have their corners."""
    return make_simplex(view_beliefs(key).exact)


def read_history(key: str) -> training_frames.BeliefHistory | None:
    """The beliefs in the film of a pretraining; None without a film."""
    return _history(key, *_standing(key))


def _standing(key: str) -> tuple[bool, int]:
    folder = visitor_runs.open_store().get(key)
    return folder.status().state == "done", len(folder.film.steps())


@st.cache_resource(max_entries=8, show_spinner=False)
def _history(key: str, done: bool, frames: int) -> training_frames.BeliefHistory | None:
    return training_frames.read_belief_history(visitor_runs.load_run(key))


@st.cache_data(max_entries=64, show_spinner="Scoring the beliefs of both networks ...")
def score_beliefs(key: str) -> measure.BeliefScores:
    """Held-out R² of the beliefs of a finished network, beside what less than it tells."""
    return belief_views.score_run(visitor_runs.load_run(key))


@st.cache_data(max_entries=256, show_spinner=False)
def walk_beliefs(key: str, tokens: tuple[int, ...]) -> belief_views.BeliefWalk:
    """What a finished network and the ideal predictor believe while they read tokens.

    Raises
    ------
    ValueError
        Where a token is none of the source's.
    """
    run = visitor_runs.load_run(key)
    return belief_views.walk_beliefs(run.predictor, run.spec.source, view_beliefs(key).trained.maps, tokens[:LONGEST])


def bundle_beliefs(key: str, layer: int) -> dict:
    """Frames of the beliefs that are read off one layer (from 0), for the dots of `belief_simplex`; the last of a finished run is the
    drawing's own.

    Raises
    ------
    ValueError
        Where the network has no such layer.
    """
    found = read_history(key)
    if found is None:
        return {"steps": [], "traces": [MOVING_BELIEFS], "x": [], "y": []}
    if layer >= found.moments.shape[1]:
        raise ValueError(f"x is {layer}; this network has layers 0 to {found.moments.shape[1] - 1}")
    simplex, (done, _) = find_simplex(key), _standing(key)
    placed = [place_points(simplex, moment[layer]) for moment in found.moments[:-1 if done else None]]
    axes = {letter: [[places[at].round(DIGITS).astype(np.float32)] for places in placed] + [[None]] * done
            for at, letter in enumerate("xyz"[:simplex.corners.shape[1]])}
    return {"steps": found.steps, "traces": [MOVING_BELIEFS]} | axes
