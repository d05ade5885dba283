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

from tutor import films
from tutor.disk import StoreError
from tutor.figures import MOVING, WALKING, Picture, Plane, ideal_picture, moment, pushed_moment, pushed_traces, state_grid, way
from tutor.ui import attentions, catalog, embeddings, insides, runs
from tutor.ui.headers import FOR_GOOD
from tutor.views import Seen

MOST_AXES, MOST_SIBLINGS = 10, 8
PUSHED = "pushed"
DIGITS = 3
COLOURS = tuple(field.name for field in fields(Seen))
"""What states can be coloured by."""

Axes = tuple[int, int]


def feed(key: str, show: str, axes: Axes = (0, 1), colour: str = "flips") -> dict:
    """Where a picture fetches a run's film from, to be moved by the page's timeline."""
    return {"url": f"/api/runs/{key}/film?show={show}&x={axes[0]}&y={axes[1]}&colour={colour}", "timeline": True}


def pushed_feed(key: str, siblings: tuple[str, ...]) -> dict:
    """Where the picture of several prefixes fetches the film of one of them from: named with all of them, because the answer is kept for good."""
    return {"url": f"/api/runs/{key}/film?show={PUSHED}&among={','.join(siblings)}", "timeline": True}


def walks(key: str) -> bool:
    """Whether a film of this tuning is kept, or at least one of the pretraining before it."""
    return any(len(runs.store().get(one).film.steps()) > 1 for one in {key, _home(key)})


def emergence(key: str) -> films.Emergence | None:
    """A pretraining's filmed states: in the plane of the finished network, or of the newest frame while there is none."""
    return _emergence(key, _standing(key))


def beliefs(key: str) -> films.Beliefs | None:
    """A pretraining's filmed predictions beside the ideal ones."""
    return _beliefs(key, _standing(key))


def emerging(key: str, moving: bool) -> Picture:
    """The states of a pretraining's film as they stand; empty while they come by the feed."""
    found = None if moving else emergence(key)
    name = "flips seen"
    return state_grid(Plane(found.moments[-1], found.explained), found.seen.flips, name=name) if found else state_grid(None, None, name=name)


def agreeing(key: str, moving: bool) -> Picture:
    """Its predictions beside the ideal ones as they stand; empty while they come by the feed."""
    found = None if moving else beliefs(key)
    return ideal_picture(found.ideal, found.moments[-1], found.seen.flips) if found else ideal_picture(None, None, None)


@dataclass(frozen=True)
class Standing:
    """Where a run stands, and how many frames it has: together they say whether a kept answer is still right."""

    state: str
    frames: int

    @property
    def done(self) -> bool:
        return self.state == "done"


def _standing(key: str) -> Standing:
    folder = runs.store().get(key)
    return Standing(folder.status().state, len(folder.film.steps()))


@st.cache_resource(max_entries=8, show_spinner=False)
def _emergence(key: str, standing: Standing) -> films.Emergence | None:
    return films.emergence(runs.load(key), insides.ground(key) if standing.done else None)


@st.cache_resource(max_entries=16, show_spinner=False)
def _beliefs(key: str, standing: Standing) -> films.Beliefs | None:
    return films.beliefs(runs.load(key))


@st.cache_resource(max_entries=32, show_spinner=False)
def _walk(key: str, standing: Standing) -> films.Walk | None:
    run = runs.load(key)
    if run.spec.method.changes_weights and not standing.done:
        return None  # its plane is that of the finished network
    return films.walk(run, insides.ground(_home(key)))


def _home(key: str) -> str:
    """The run in whose plane a tuned network is drawn: its base, or itself where its weights were tuned."""
    spec = runs.load(key).spec
    return key if spec.method.changes_weights else spec.base().key()


def _points(coordinates: np.ndarray, axes: Axes) -> list[np.ndarray]:
    return [coordinates[..., axis].reshape(-1).round(DIGITS).astype(np.float32) for axis in axes]


def states_bundle(key: str, axes: Axes, colour: str, *, whole: bool = False) -> dict:
    """Filmed states as dots; at the last moment of a finished run the drawing's own, which are more, unless `whole`."""
    found = emergence(key)
    if found is None:
        return {"steps": [], "traces": [0], "x": [], "y": []}
    own = _standing(key).done and not whole
    shown = [_points(states, axes) for states in found.moments[: -1 if own else None]] + [(None, None)] * own
    shade = getattr(found.seen, colour).reshape(-1).round(DIGITS)
    return {"steps": found.steps, "traces": [0], "colour": shade, "x": [[x] for x, _ in shown], "y": [[y] for _, y in shown]}


def beliefs_bundle(key: str, axes: Axes, colour: str) -> dict:
    """The network's probability of heads over the ideal predictor's; trace 1 of the picture moves."""
    found = beliefs(key)
    if found is None:
        return {"steps": [], "traces": [1], "x": [], "y": []}
    ideal = found.ideal.reshape(-1).round(DIGITS)
    network = [[states.reshape(-1).round(DIGITS)] for states in found.moments]
    shade = getattr(found.seen, colour).reshape(-1).round(DIGITS)
    return {"steps": found.steps, "traces": [1], "colour": shade, "x": [[ideal]] * len(network), "y": network}


AS_DRAWN = ([None] * (1 + len(WALKING)),) * 2
"""A moment at which every trace is as the picture has it."""


def walk_bundle(key: str, axes: Axes, colour: str) -> dict:
    """First the base's states and where its data start, then the prompt on its way; the last moment is that of the drawing."""
    standing, home = _standing(key), _home(key)
    walk = _walk(key, standing)
    before = emergence(home) if home != key else None
    earlier, later = before.steps if before else [], walk.steps if walk else [0]
    shown = _starts(before, axes) if before else []
    if walk:
        flat = insides.plane(home, "", axes)
        moments = [moment(flat, trail, walk.prompt_end) for trail in walk.trails]
        shown += [([None, *x], [None, *y]) for x, y in moments[: -1 if standing.done else None]]
    if standing.done or not walk:
        shown.append(AS_DRAWN)
    phases = [0] * len(earlier) + [1] * len(later)
    return {"steps": [*earlier, *later], "phases": phases, "traces": [0, *WALKING], "x": [x for x, _ in shown], "y": [y for _, y in shown]}


def _starts(before: films.Emergence, axes: Axes) -> list[tuple[list, list]]:
    """Moments of pretraining: the grey states, no prompt, and where the data begin; the finished network's grey is the drawing's."""
    shown = []
    for states in before.moments:
        start = states[:, 0].mean(0).round(DIGITS)
        shown.append(tuple([grey, [], [], [float(start[axis])]] for grey, axis in zip(_points(states, axes), axes, strict=True)))
    for parts in shown[-1]:
        parts[0] = None
    return shown


def pushed_bundle(key: str, siblings: tuple[str, ...]) -> dict:
    """How a prefix of a list network came to push the outputs of the first layer, beside `siblings` (it is one of them), which are drawn
    as they are; the last moment is that of the drawing. ValueError where these do not belong together.
    """
    attentions.require_siblings(key, siblings)
    traces = pushed_traces(siblings.index(key), len(siblings))
    found = attentions.pushing(key, siblings)
    if found is None:
        return {"steps": [], "traces": traces, "x": [], "y": []}
    shown = [*(pushed_moment(found.without, behind) for behind in found.moments[:-1]), ([None] * len(traces),) * 2]
    return {"steps": found.steps, "phases": [1] * len(shown), "traces": traces, "x": [x for x, _ in shown], "y": [y for _, y in shown]}


def vectors_bundle(key: str, axes: Axes, colour: str) -> dict:
    """The vectors of a prompt on their way among the words; colours and axes are those of the drawing."""
    found = embeddings.course(key)
    if found is None:
        return {"steps": [], "traces": MOVING, "x": [], "y": []}
    places, last = embeddings.moments(key).round(DIGITS).astype(np.float32), len(found.steps)
    x, y = ([[np.ascontiguousarray(part) for part in (way(places[: f + 1])[axis], places[f, :, axis])] for f in range(last)] for axis in (0, 1))
    return {"steps": found.steps, "phases": [1] * last, "traces": MOVING, "x": x, "y": y}


SHOWS: dict[str, Callable[[str, Axes, str], dict]] = {
    "states": states_bundle,
    "whole": partial(states_bundle, whole=True),
    "beliefs": beliefs_bundle,
    "walk": walk_bundle,
    "vectors": vectors_bundle,
}


async def run_film(request: Request) -> Response:
    """The film of a run; of a finished one the answer never changes, of another X-State says whether to ask again."""
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
        return PlainTextResponse(catalog.sentence(error), 404)
    headers = FOR_GOOD if standing.done else growing
    return Response(orjson.dumps(bundle, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json", headers=headers)
