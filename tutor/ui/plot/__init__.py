"""The one way a picture gets on a page: drawn in place by plotly.js, whatever data, theme or frame comes next.

`st.plotly_chart` makes a new chart for each change of its data and loses zoom and focus; this component keeps one DOM node.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import orjson
import streamlit as st

from tutor.core.versions import __version__
from tutor.ui.plot import plot_files
from tutor.ui.plot.glossary import find_words
from tutor.ui.plot.reserved_room import remember_height
from tutor.ui.shell import config, sessions
from tutor.ui.shell.browser_modules import make_shim
from tutor.ui.shell.sections import section

HEIGHT = 420
MAX_COORDINATE = 1e9
"""Beyond any coordinate that a visitor can drag a point to."""


@runtime_checkable
class PictureLike(Protocol):
    """The part of a `tutor.figures.Picture` that is needed here: a drawing for plotly.js, a sentence on what it shows, and its numbers."""

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


_component = st.components.v2.component("tutor_picture", js=make_shim("plot", "picture.js"), isolate_styles=False)
_timeline = st.components.v2.component("tutor_timeline", js=make_shim("plot", "timeline.js"), isolate_styles=False)

PHASES = ("pretraining", "tuning")


def draw_timeline(link: str) -> None:
    """Draw one slider that moves all pictures of `link` whose frames have "timeline": first through pretraining, then through tuning.

    While it is out of sight and one of these pictures is not, it stands below the page; it is hidden while no picture has two frames.
    """
    with st.container(key=f"timeline_{link}"):
        _timeline(key=f"{link}_timeline", data={"link": link, "phases": PHASES})


def draw_picture(  # noqa: PLR0913 - one picture, and every way to bind it to something that moves
    pic: PictureLike,
    *,
    key: str,
    live: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    frames: Mapping[str, Any] | None = None,
    height: int | None = None,
    type_size: int | None = None,
    replay: Mapping[str, Any] | None = None,
    link: str | None = None,
    phase: int | None = None,
    runs: Sequence[str] = (),
    handle: Mapping[str, Any] | None = None,
    on_moved: Callable[[list[float], list[float]], None] | None = None,
) -> Any:
    """Draw a picture that keeps its zoom and focus when its data change.

    Parameters
    ----------
    key
        Key of the component; also the file name of what is exported.
    live
        One or several feeds `{"url", "traces": [{"index", "x", "y"}]}`, polled from an events route. A trace may add "where"
        ({field: value} that an event must have) and "mean" (number of points in a running mean).
    frames
        `{"url", "label", "timeline", "film"}`: where to fetch a bundle `{"steps", "phases", "traces", "x", "y", "colour"}`.
        x and y are nested by frame, trace and point; None leaves the drawing's own points. With "timeline" the page's slider moves
        the frames, else the picture has a slider of its own; with "film" it opens at the first frame and takes its time to play.
    height
        Pixels; None takes the height in the drawing's layout.
    type_size
        Pixels that no text in the picture goes below, for a large screen.
    replay
        `{"traces", "steps", "seconds"}`: traces to replay point by point, with the step and the time of each point.
    link
        Pictures of a page with the same link highlight the same points and show the same frame.
    phase
        For a curve over steps, its index in PHASES; a thin line then marks the position of the page's timeline.
    runs
        Keys of the runs in the picture, for the credit line of exports.
    handle
        `{"trace", "only", "step"}`: the trace whose points can be dragged, "x" or "y" to allow one direction only, and the step size.
    on_moved
        Called with the x and y of all points of that trace after a drag, before the page runs again.

    Returns
    -------
    result
        `.pin` is the point that was clicked, or None; `.finished` is set once a live run has ended.
    """
    tall = height or pic.drawing.layout.get("height", HEIGHT)
    remember_height(key, int(tall))
    feeds = [live] if isinstance(live, Mapping) else list(live or [])
    data = {
        "name": key,
        "figure": pic.drawing.to_json(),
        "alt": pic.alt,
        "table": _columns(pic.table),
        "words": find_words(pic.drawing),
        "height": tall,
        "type": type_size,
        "live": [dict(feed) for feed in feeds],
        "frames": dict(frames) if frames else None,
        "replay": dict(replay) if replay else None,
        "link": link,
        "phase": phase,
        "handle": dict(handle) if handle else None,
        "credit": f"Prompt Tutor {__version__}" + (f" · runs {', '.join(runs)}" if runs else ""),
        "session": sessions.visitor_name(),
        "pairs": config.dark_partners(),
        "plotly": plot_files.plotly_address(),
    }

    @section()
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
    return all(isinstance(value, int | float) and abs(value) < MAX_COORDINATE for one in lists for value in one)
