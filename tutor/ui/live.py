"""Where a run stands, in words that renew themselves once a second, and only while there is something to wait for."""

import streamlit as st

from tutor.status import Status
from tutor.ui import runs

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


def panel(key: str) -> Status:
    """State, step, time left, place in the queue and message of run `key`; the whole page runs again when the state changes.

    Buttons are the page's: it gets the status. Raises StoreError where there is no such run.
    """
    status = runs.store().get(key).status()
    pace = 1.0 if status.state in ACTIVE else None
    st.fragment(_watch, run_every=pace, key=f"state_{key}")(key, status.state)
    return status


def _watch(key: str, known: str) -> None:
    status = runs.store().get(key).status()
    draw(status, queue_place(key) if status.state == "queued" else None)
    if status.state != known:
        st.rerun()


def draw(status: Status, place: int | None = None) -> None:
    """One line of state and, while it runs, how far it is."""
    word, icon, colour = LOOKS.get(status.state, (status.state, "help", "gray"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=f":material/{icon}:", color=colour)
        st.caption(told(status, place), width="content")
    if status.state in ("running", "measuring") and status.steps:
        st.progress(min(1.0, status.step / status.steps))


def told(status: Status, place: int | None = None) -> str:
    """Everything known about a run in one line."""
    parts = []
    if place is not None:
        parts.append("next to start" if place <= 0 else f"{place} run{'s' if place > 1 else ''} before it")
    if status.steps and status.state != "queued":
        parts.append(f"step {status.step:,} of {status.steps:,}")
    if status.repetitions > 1:
        parts.append(f"repetition {min(status.repetition + 1, status.repetitions)} of {status.repetitions}")
    if status.state == "running" and status.eta_s is not None:
        parts.append(f"{duration(status.eta_s)} left")
    elif status.state == "done" and status.seconds:
        parts.append(f"computed in {duration(status.seconds)}")
    if status.message:
        parts.append(status.message)
    return " · ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as people say them: 8 s, 3 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def queue_place(key: str) -> int | None:
    """How many runs are begun before this one; None where that is not known."""
    try:
        engine = runs.engine()
        places = {queued.key: queued.position - 1 for queued in engine.queue()} if engine else {}
    except (OSError, RuntimeError):   # the scheduler does not answer; the state alone is shown
        return None
    return places.get(key)
