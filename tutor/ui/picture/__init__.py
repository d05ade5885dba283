"""The one way a picture gets on a page: drawn in place by plotly.js, whatever data, theme or frame comes next.

`st.plotly_chart` makes a new chart for each change of its data and loses zoom and focus; this component keeps one DOM node.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any, Protocol, runtime_checkable

import numpy as np
import orjson
import streamlit as st

from tutor.ui import settings, visitors
from tutor.ui.picture import files
from tutor.ui.words import words_of

HEIGHT = 420
FAR = 1e9
"""Beyond any coordinate that a visitor can drag a point to."""


@runtime_checkable
class Picture(Protocol):
    """What `tutor.figures` makes: a drawing for plotly.js, one sentence that says what it shows, and its numbers."""

    drawing: Any
    alt: str
    table: Any


def _columns(table: Any) -> str:
    """A table as names and columns: the browser writes it as CSV when somebody asks, which takes longer than all the rest."""
    columns = [table[name] for name in table]
    values = [column.to_numpy() if column.dtype.kind in "if" else column.tolist() for column in columns]
    return orjson.dumps({"names": list(table), "columns": values}, option=orjson.OPT_SERIALIZE_NUMPY, default=np.ndarray.tolist).decode()


def _heard() -> None:
    """A pin or an end only has to cause a rerun; the page reads the result."""


_component = st.components.v2.component("tutor_picture", js=files.shim("picture.js"), isolate_styles=False)
_timeline = st.components.v2.component("tutor_timeline", js=files.shim("timeline.js"), isolate_styles=False)

PHASES = ("pretraining", "tuning")


def timeline(link: str) -> None:
    """One slider for all pictures of `link` whose frames say "timeline": their moments of pretraining, then of tuning.

    It stays in sight while the page scrolls, and hides where no picture has two moments.
    """
    with st.container(key=f"timeline_{link}"):
        _timeline(key=f"{link}_timeline", data={"link": link, "phases": PHASES})


def picture(  # noqa: PLR0913 - one picture, and every way to bind it to something that moves
    pic: Picture,
    *,
    key: str,
    live: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    frames: Mapping[str, Any] | None = None,
    height: int | None = None,
    replay: Mapping[str, Any] | None = None,
    link: str | None = None,
    phase: int | None = None,
    runs: Sequence[str] = (),
    handle: Mapping[str, Any] | None = None,
    on_moved: Callable[[list[float], list[float]], None] | None = None,
) -> Any:
    """Draw a picture; returns a result with `.pin` (the point clicked, or None) and `.finished` (a live run came to its end).

    live: one or several of `{"url", "traces": [{"index", "x", "y"}]}`: points polled from an events route. A trace may
        add "where" ({field: value} that an event must have) and "mean" (points that a smooth line averages over).
    frames: `{"url", "label", "timeline"}`: a bundle `{"steps", "phases", "traces", "x", "y", "colour"}`, x and y as frames by
        traces by points, or None for what the drawing has; with "timeline" the page's slider moves it, else one of its own.
    phase: of a curve over steps: its place in PHASES; a thin line then shows where the page's timeline is.
    replay: `{"traces", "steps", "seconds"}`: traces that can come back point by point, and when each of their steps was taken.
    link: pictures of one page with the same link light up the same points and show the same frame.
    runs: keys of the runs that are drawn, for the caption under what is exported.
    handle: `{"trace", "only", "step"}`: the trace whose points can be dragged, "x" or "y" where they move one way only, and in which steps; `on_moved` is called with all their x and y before the page runs again.
    """
    feeds = [live] if isinstance(live, Mapping) else list(live or [])
    data = {
        "name": key,
        "figure": pic.drawing.to_json(),
        "alt": pic.alt,
        "table": _columns(pic.table),
        "words": words_of(pic.drawing),
        "height": height or pic.drawing.layout.get("height", HEIGHT),
        "live": [dict(feed) for feed in feeds],
        "frames": dict(frames) if frames else None,
        "replay": dict(replay) if replay else None,
        "link": link,
        "phase": phase,
        "handle": dict(handle) if handle else None,
        "credit": f"Prompt Tutor {metadata.version('prompt-tutor')}" + (f" · runs {', '.join(runs)}" if runs else ""),
        "session": visitors.session(),
        "pairs": settings.partners(),
        "plotly": files.plotly_address(),
    }

    def moved() -> None:
        where = st.session_state[key].get("moved")
        if on_moved and _plain(where):
            on_moved(where["x"], where["y"])

    default = {"pin": None, "moved": None}
    return _component(key=key, data=data, default=default, on_pin_change=_heard, on_finished_change=_heard, on_moved_change=moved)


def _plain(where: Any) -> bool:
    """Whether this is what the browser sends of moved points: as many numbers across as up, and none of them endless."""
    lists = [where.get(axis) for axis in "xy"] if isinstance(where, Mapping) else []
    if len(lists) != 2 or not all(isinstance(one, list) for one in lists) or len(lists[0]) != len(lists[1]):
        return False
    return all(isinstance(value, int | float) and abs(value) < FAR for one in lists for value in one)
