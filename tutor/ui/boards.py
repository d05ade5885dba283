"""Runs that a visitor starts from a page: one button for all of them, one to stop, and a board that renews itself while they are computed."""

from collections.abc import Callable, Mapping
from itertools import chain

import pandas as pd
import streamlit as st

from tutor.spec import RunSpec
from tutor.status import Status
from tutor.ui import catalog, live, races, steering

Line = Callable[[RunSpec, Status], dict[str, float]]
"""What a board says of a run beside its state, by column, in shares."""


def buttons(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str, action: str) -> None:
    """Start whatever is not computed, stop what is, and say what it costs."""
    waiting = [spec for label, spec in specs.items() if known[label] is None or known[label].state not in (*live.ACTIVE, *catalog.FINAL)]
    active = [specs[label].key() for label, status in known.items() if status is not None and status.state in live.ACTIVE]
    with st.container(horizontal=True, vertical_alignment="center"):
        if waiting and st.button(action, type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
            for spec in waiting:
                steering.start(spec)
            st.rerun()
        if active and st.button("Stop", key=f"{key}_stop", icon=":material/stop:"):
            for one in active:
                steering.stop(one)
            st.rerun()
        if waiting:
            cost = live.duration(sum(catalog.seconds(spec) for spec in waiting))
            st.caption(f"About {cost} of one free core, longer on a busy machine. Closing this tab loses nothing.", width="content")
        elif not active:
            st.caption("Finished; another setting trains anew.", width="content")


def board(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str, line: Line, about: str) -> None:
    """States, time left and scores; renews itself, and the page runs again when a run changes its state. `about` explains the scores."""
    moving = any(status is not None and status.state in live.ACTIVE for status in known.values())
    st.fragment(_board, run_every=1.0 if moving else None, key=f"{key}_board")(specs, _states(known), line, about)


def _board(specs: Mapping[str, RunSpec], before: Mapping[str, str | None], line: Line, about: str) -> None:
    known = races.states(specs)
    lines = [_line(label, spec, known[label], line) for label, spec in specs.items()]
    names = dict.fromkeys(chain(*lines))
    percent = {name: st.column_config.NumberColumn(name, format="percent", help=about) for name in names if name not in ("network", "state")}
    table = pd.DataFrame(lines, columns=list(names))
    st.dataframe(table, hide_index=True, height="content", placeholder="–", column_config=percent, alt="State and scores of each network.")
    if _states(known) != before:
        st.rerun()


def _states(known: Mapping[str, Status | None]) -> dict[str, str | None]:
    return {label: status and status.state for label, status in known.items()}


def _line(label: str, spec: RunSpec, status: Status | None, line: Line) -> dict:
    if status is None:
        return {"network": label, "state": "not computed"}
    said = {"network": label, "state": live.LOOKS.get(status.state, (status.state,))[0]}
    if status.state == "running" and status.steps:
        left = f", about {live.duration(status.eta_s)} left" if status.eta_s is not None else ""
        said["state"] += f" {status.step / status.steps:.0%}{left}"
    return said | line(spec, status)
