"""Films as pictures fetch them: every moment of a run in one answer, so that scrubbing asks nobody.

A bundle says of each frame its phase (0 pretraining, 1 tuning) and its step, and holds x and y as frames by traces by
points; None where the drawing's own points stay.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import orjson
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tutor.analysis import training_frames
from tutor.analysis.run_states import SeenFlips
from tutor.figures import (
    MOVING,
    WALKING,
    Picture,
    Plane,
    ideal_picture,
    join_vector_paths,
    moment_traces,
    pushed_positions,
    pushed_traces,
    state_grid,
)
from tutor.runs.io.disk import StoreError
from tutor.ui.labs.beliefs import cached_beliefs
from tutor.ui.labs.embeddings import tuned_vectors
from tutor.ui.labs.prefixes import attention_views
from tutor.ui.plot.frame_feeds import PUSHED, Axes
from tutor.ui.run_views import cached_states
from tutor.ui.server.headers import FOR_GOOD
from tutor.ui.shell import visitor_runs
from tutor.ui.shell.sections import error_sentence

MOST_AXES, MOST_SIBLINGS = 10, 8
DIGITS = 3
COLOURS = tuple(field.name for field in fields(SeenFlips))
"""What states can be coloured by."""


def has_film(key: str) -> bool:
    """Whether a tuning has a film of at least two frames, or else the pretraining that it starts from."""
    return any(len(visitor_runs.open_store().get(one).film.steps()) > 1 for one in {key, _home(key)})


def state_history(key: str) -> training_frames.StateHistory | None:
    """Filmed states of a pretraining, in the plane of the finished network or, before that, of the newest frame; None without frames."""
    return _emergence(key, _standing(key))


def prediction_history(key: str) -> training_frames.PredictionHistory | None:
    """Filmed predictions of a pretraining beside the ideal ones; None without frames or without an exact predictor."""
    return _beliefs(key, _standing(key))


def draw_states(key: str, moving: bool) -> Picture:
    """Draw the newest filmed states of a pretraining; empty while it is `moving`, since they then come through the feed."""
    found = None if moving else state_history(key)
    name = "flips seen"
    return (
        state_grid(Plane(found.moments[-1], found.explained), found.seen.flips, name=name) if found else state_grid(None, None, name=name)
    )


def draw_predictions(key: str, moving: bool) -> Picture:
    """Draw the newest filmed predictions of a pretraining over the ideal ones; empty while it is `moving`."""
    found = None if moving else prediction_history(key)
    return ideal_picture(found.ideal, found.moments[-1], found.seen.flips) if found else ideal_picture(None, None, None)


@dataclass(frozen=True)
class FilmState:
    """State of a run and its number of frames; cached answers about its film are valid while both are unchanged."""

    state: str
    frames: int

    @property
    def done(self) -> bool:
        return self.state == "done"


def _standing(key: str) -> FilmState:
    folder = visitor_runs.open_store().get(key)
    return FilmState(folder.status().state, len(folder.film.steps()))


@st.cache_resource(max_entries=8, show_spinner=False)
def _emergence(key: str, standing: FilmState) -> training_frames.StateHistory | None:
    return training_frames.project_training(visitor_runs.load_run(key), cached_states.state_cloud(key) if standing.done else None)


@st.cache_resource(max_entries=16, show_spinner=False)
def _beliefs(key: str, standing: FilmState) -> training_frames.PredictionHistory | None:
    return training_frames.read_predictions(visitor_runs.load_run(key))


@st.cache_resource(max_entries=32, show_spinner=False)
def _walk(key: str, standing: FilmState) -> training_frames.TuningHistory | None:
    run = visitor_runs.load_run(key)
    if run.spec.method.changes_weights and not standing.done:
        return None  # its plane is that of the finished network
    return training_frames.project_tuning(run, cached_states.state_cloud(_home(key)))


def _home(key: str) -> str:
    """The run in whose plane a tuned network is drawn: its base, or itself where its weights were tuned."""
    spec = visitor_runs.load_run(key).spec
    return key if spec.method.changes_weights else spec.base().key()


def _points(coordinates: np.ndarray, axes: Axes) -> list[np.ndarray]:
    return [coordinates[..., axis].reshape(-1).round(DIGITS).astype(np.float32) for axis in axes]


def states_bundle(key: str, axes: Axes, colour: str, *, whole: bool = False) -> dict:
    """Frames of a pretraining's states as dots.

    Parameters
    ----------
    axes
        Principal components across and up, from 0.
    colour
        A field of SeenFlips.
    whole
        Whether to include the last frame of a finished run, for which the picture otherwise keeps its own, more numerous dots.
    """
    found = state_history(key)
    if found is None:
        return {"steps": [], "traces": [0], "x": [], "y": []}
    own = _standing(key).done and not whole
    shown = [_points(states, axes) for states in found.moments[: -1 if own else None]] + [(None, None)] * own
    shade = found.seen.read(colour).reshape(-1).round(DIGITS)
    return {"steps": found.steps, "traces": [0], "colour": shade, "x": [[x] for x, _ in shown], "y": [[y] for _, y in shown]}


def beliefs_bundle(key: str, axes: Axes, colour: str) -> dict:
    """Frames of the network's probability of heads (y) over the ideal predictor's (x), for trace 1 of the picture."""
    found = prediction_history(key)
    if found is None:
        return {"steps": [], "traces": [1], "x": [], "y": []}
    ideal = found.ideal.reshape(-1).round(DIGITS)
    network = [[states.reshape(-1).round(DIGITS)] for states in found.moments]
    shade = found.seen.read(colour).reshape(-1).round(DIGITS)
    return {"steps": found.steps, "traces": [1], "colour": shade, "x": [[ideal]] * len(network), "y": network}


AS_DRAWN = ([None] * (1 + len(WALKING)),) * 2
"""A moment at which every trace is as the picture has it."""


def walk_bundle(key: str, axes: Axes, colour: str) -> dict:
    """Frames of the base's states during pretraining, then of the trajectory behind the prompt during tuning; the last is the drawing."""
    standing, home = _standing(key), _home(key)
    walk = _walk(key, standing)
    before = state_history(home) if home != key else None
    earlier, later = before.steps if before else [], walk.steps if walk else [0]
    shown = _starts(before, axes) if before else []
    if walk:
        flat = cached_states.state_plane(home, "", axes)
        moments = [moment_traces(flat, trail, walk.prompt_end) for trail in walk.trails]
        shown += [([None, *x], [None, *y]) for x, y in moments[: -1 if standing.done else None]]
    if standing.done or not walk:
        shown.append(AS_DRAWN)
    phases = [0] * len(earlier) + [1] * len(later)
    return {"steps": [*earlier, *later], "phases": phases, "traces": [0, *WALKING], "x": [x for x, _ in shown], "y": [y for _, y in shown]}


def _starts(before: training_frames.StateHistory, axes: Axes) -> list[tuple[list, list]]:
    """Moments of pretraining: the grey states, no prompt, and where the data begin; the finished network's grey is the drawing's."""
    shown = []
    for states in before.moments:
        start = states[:, 0].mean(0).round(DIGITS)
        shown.append(tuple([grey, [], [], [float(start[axis])]] for grey, axis in zip(_points(states, axes), axes, strict=True)))
    for parts in shown[-1]:
        parts[0] = None
    return shown


def pushed_bundle(key: str, siblings: tuple[str, ...]) -> dict:
    """Frames of how one prefix came to change the outputs of the first attention layer, among its `siblings`, which stand still.

    Parameters
    ----------
    siblings
        Keys of all prefixes in the picture, `key` among them.

    Raises
    ------
    ValueError
        Where these are not prefixes of one list network for different tasks.
    """
    attention_views.require_siblings(key, siblings)
    traces = pushed_traces(siblings.index(key), len(siblings))
    found = attention_views.read_push_history(key, siblings)
    if found is None:
        return {"steps": [], "traces": traces, "x": [], "y": []}
    shown = [*(pushed_positions(found.without, behind) for behind in found.moments[:-1]), ([None] * len(traces),) * 2]
    return {"steps": found.steps, "phases": [1] * len(shown), "traces": traces, "x": [x for x, _ in shown], "y": [y for _, y in shown]}


def vectors_bundle(key: str, axes: Axes, colour: str) -> dict:
    """Frames of a prompt's vectors in the plane of words; `axes` and `colour` have no effect."""
    found = tuned_vectors.vector_history(key)
    if found is None:
        return {"steps": [], "traces": MOVING, "x": [], "y": []}
    places, last = tuned_vectors.plane_history(key).round(DIGITS).astype(np.float32), len(found.steps)
    x, y = ([[np.ascontiguousarray(part) for part in (join_vector_paths(places[: f + 1])[axis], places[f, :, axis])] for f in range(last)]
            for axis in (0, 1))
    return {"steps": found.steps, "phases": [1] * last, "traces": MOVING, "x": x, "y": y}


def layer_bundle(key: str, axes: Axes, colour: str) -> dict:
    """Frames of the beliefs about hidden states that are read off layer `axes[0]`, from 0; `colour` has no effect."""
    return cached_beliefs.bundle_beliefs(key, axes[0])


SHOWS: dict[str, Callable[[str, Axes, str], dict]] = {
    "states": states_bundle,
    "whole": partial(states_bundle, whole=True),
    "beliefs": beliefs_bundle,
    "walk": walk_bundle,
    "vectors": vectors_bundle,
    "layer": layer_bundle,
}


async def answer_film(request: Request) -> Response:
    """Answer with the frames of a run as JSON.

    The answer for a finished run never changes. For any other run the header X-State says whether to ask again; status 204 means that there
    is no new frame.
    """
    query = request.query_params
    show, colour = query.get("show", "states"), query.get("colour", "flips")
    axes = [query.get(name, str(default)) for default, name in enumerate("xy")]
    siblings = tuple(query.get("among", "").split(",")[:MOST_SIBLINGS])
    if show not in (*SHOWS, PUSHED) or colour not in COLOURS:
        return PlainTextResponse(f"show must be one of {', '.join((*SHOWS, PUSHED))}, and colour one of {', '.join(COLOURS)}.", 400)
    if not all(axis.isascii() and axis.isdigit() and int(axis) < MOST_AXES for axis in axes):
        return PlainTextResponse("x and y must be components, whole numbers from 0 to 9.", 400)
    key = request.path_params["key"]
    try:
        standing = await asyncio.to_thread(_standing, key)
        growing = {"X-State": standing.state, "Cache-Control": "no-store"}
        if not standing.done and query.get("known") == str(standing.frames):
            return Response(status_code=204, headers=growing)
        bundled = partial(pushed_bundle, key, siblings) if show == PUSHED else partial(SHOWS[show], key, tuple(map(int, axes)), colour)
        bundle = await asyncio.to_thread(bundled)
    except (StoreError, ValueError, IndexError) as error:
        return PlainTextResponse(error_sentence(error), 404)
    headers = FOR_GOOD if standing.done else growing
    return Response(orjson.dumps(bundle, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json", headers=headers)
