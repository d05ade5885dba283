"""Where a run stands, in words that renew themselves, so that every tab that shows a run shows the same.

A run that rests may be continued by somebody else at any time, so all but the finished ones are looked at again and again.
"""

from collections.abc import Mapping

import streamlit as st

from tutor.runs.io.disk import StoreError
from tutor.runs.status import FINAL, Status
from tutor.ui.shell import sections, sessions, visitor_runs

ACTIVE = ("queued", "running", "measuring")
"""States that end by themselves, so that waiting for the next one makes sense."""
LOOKS = {
    "queued": ("waiting", "schedule", "gray"),
    "running": ("running", "play_arrow", "blue"),
    "measuring": ("measuring", "straighten", "blue"),
    "done": ("done", "check", "green"),
    "paused": ("paused", "pause", "orange"),
    "diverged": ("diverged", "trending_up", "red"),
    "failed": ("failed", "error", "red"),
    "interrupted": ("interrupted", "link_off", "orange"),
    "corrupt": ("damaged", "heart_broken", "red"),
}
"""State -> word, icon, colour."""
FREE = 0.75
"""Share of a core below which a machine is called busy."""
FROZEN = "your view is frozen; the run goes on for another viewer"


def refresh_interval(*states: str | None) -> float | None:
    """Seconds between two refreshes for runs in these states ("" or None: never started); None where no state can change any more.

    While a run is computed each refresh takes its share of the cores that train.
    """
    return 2.0 if any(state in ACTIVE for state in states) else 1.5 if any(state not in FINAL for state in states) else None


def draw_status_panel(key: str) -> Status:
    """Draw state, step, time left and queue position of a run, refreshed by itself; the page runs again when the state changes.

    Returns
    -------
    Status
        The status now, by which the page decides which buttons to draw.

    Raises
    ------
    StoreError
        Where there is no such run.
    """
    status = visitor_runs.open_store().get(key).status()
    sections.fragment(_watch, run_every=refresh_interval(status.state), key=f"state_{key}")(key, _seen(key, status))
    return status


def _watch(key: str, known: tuple) -> None:
    try:
        status = visitor_runs.open_store().get(key).status()
    except StoreError:             # between two looks it was reset or deleted; a page that runs again says which
        st.rerun()
    draw_status(status, queue_place(key) if status.state == "queued" else None, frozen=sessions.is_frozen(key))
    if _seen(key, status) != known:
        st.rerun()


def _seen(key: str, status: Status) -> tuple:
    """What of a run the whole page goes by: while it is computed its steps arrive by themselves, afterwards they do not."""
    return (status.state, sessions.is_frozen(key)) if status.state in ACTIVE else (status.state, status.step, status.repetition)


def await_others(states: Mapping[str, str], key: str) -> None:
    """Rerun the page once one of these runs changes its state, because another visitor or tab has started it.

    Parameters
    ----------
    states
        State by run key; "" for a run that was never started.
    """
    sections.fragment(_await, run_every=refresh_interval(*states.values()), key=key)(dict(states))


def _await(known: Mapping[str, str]) -> None:
    if {key: read_state(key) for key in known} != known:
        st.rerun()


def read_state(key: str) -> str:
    """Read the current state of a run from the store; "" where there is no such run."""
    folder = visitor_runs.open_store().find(key)
    return folder.status().state if folder else ""


def draw_status(status: Status, place: int | None = None, *, frozen: bool = False) -> None:
    """Draw one line with the state of a run and a progress bar while it runs; `place` is its position in the queue, from 0."""
    word, icon, colour = LOOKS.get(status.state, (status.state, "help", "gray"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=f":material/{icon}:", color=colour)
        st.caption(" · ".join([describe_status(status, place), *[FROZEN] * (frozen and status.state in ACTIVE)]), width="content")
    if status.state in ("running", "measuring") and status.steps:
        st.progress(min(1.0, status.step / status.steps))


def describe_status(status: Status, place: int | None = None) -> str:
    """Describe a run in one line: queue position, step, repetition, time left or taken, and its message."""
    parts = []
    if place is not None:
        parts.append("next to start" if place <= 0 else f"{place} run{'s' if place > 1 else ''} before it")
    if status.steps and status.state != "queued":
        parts.append(f"step {status.step:,} of {status.steps:,}")
    if status.repetitions > 1:
        parts.append(f"repetition {min(status.repetition + 1, status.repetitions)} of {status.repetitions}")
    if status.state == "running" and status.eta_s is not None:
        parts.append(describe_time_left(status))
    elif status.state == "done" and status.seconds:
        parts.append(f"computed in {format_duration(status.seconds)}")
    if status.message:
        parts.append(visitor_runs.hide_addresses(status.message))
    return " · ".join(parts)


def describe_time_left(status: Status) -> str:
    """Say how long a run still takes, and whether a busy machine slows it down."""
    busy = "this machine is busy: " if status.waiting > 1 - FREE else ""
    return f"{busy}{format_duration(status.eta_s)} left"


def format_duration(seconds: float) -> str:
    """Format seconds for people: 8 s, 3 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def queue_place(key: str) -> int | None:
    """Number of runs ahead of this one in the queue; None where it is not queued or the engine does not answer."""
    try:
        engine = visitor_runs.find_engine()
        places = {queued.key: queued.position - 1 for queued in engine.queue()} if engine else {}
    except (OSError, RuntimeError):   # the scheduler does not answer; the state alone is shown
        return None
    return places.get(key)
