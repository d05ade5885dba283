"""Runs that a visitor starts from a page: one button for all of them, one to stop, and a board that renews itself while they are
computed."""

from collections.abc import Callable, Mapping
from itertools import chain

import pandas as pd
import streamlit as st

from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.ui.run_views import catalog, cost_estimate, method_race, run_controls, status_line
from tutor.ui.shell import sections

Line = Callable[[RunSpec, Status], dict[str, float]]
"""What a board says of a run beside its state, by column, in shares."""


def draw_start_and_stop(  # noqa: PLR0913 - runs, and what each button says
    specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str, *, start: str, stop: str, finished: str = ""
) -> None:
    """Draw a button that starts all runs not yet computed, one that stops all in progress, and the cost.

    Parameters
    ----------
    specs, known
        Runs by label, and their status by the same labels; None for a run that was never started.
    key
        Prefix of the buttons' keys.
    start, stop
        Labels of the buttons; `start` may hold {waiting} and {all}, the numbers of runs.
    finished
        Text to show once all runs are finished; "" shows nothing.
    """
    waiting = [spec for label, spec in specs.items()
               if known[label] is None or known[label].state not in (*status_line.ACTIVE, *catalog.FINAL)]
    active = [specs[label].key() for label, status in known.items() if status is not None and status.state in status_line.ACTIVE]
    with st.container(horizontal=True, vertical_alignment="center"):
        label = start.format(waiting=len(waiting), all=len(specs))
        if waiting and st.button(label, type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
            for spec in waiting:
                run_controls.start_run(spec)
            st.rerun()
        if active and st.button(stop, key=f"{key}_stop", icon=":material/stop:"):
            for one in active:
                run_controls.stop_run(one)
            st.rerun()
        if waiting:
            st.caption(f"{cost_estimate.describe_cost(waiting)} Closing this tab loses nothing.", width="content")
        elif finished and not active:
            st.caption(finished, width="content")


def draw_progress_table(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str, line: Line, about: str) -> None:
    """Draw a table of state, time left and scores that refreshes itself; the page runs again when a run changes its state.

    Parameters
    ----------
    line
        Returns the scores of a run (shares, 0 to 1) by column name.
    about
        Help text of the score columns.
    """
    sections.fragment(_board, run_every=status_line.refresh_interval(*_states(known).values()), key=f"{key}_board")(
        specs, _states(known), line, about
    )


def _board(specs: Mapping[str, RunSpec], before: Mapping[str, str | None], line: Line, about: str) -> None:
    known = method_race.read_states(specs)
    lines = [_line(label, spec, known[label], line) for label, spec in specs.items()]
    names = dict.fromkeys(chain(*lines))
    percent = {name: st.column_config.NumberColumn(name, format="percent", help=about) for name in names
               if name not in ("network", "state")}
    table = pd.DataFrame(lines, columns=list(names))
    st.dataframe(table, hide_index=True, height="content", placeholder="–", column_config=percent, alt="State and scores of each network.")
    if _states(known) != before:
        st.rerun()


def _states(known: Mapping[str, Status | None]) -> dict[str, str | None]:
    return {label: status and status.state for label, status in known.items()}


def _line(label: str, spec: RunSpec, status: Status | None, line: Line) -> dict:
    if status is None:
        return {"network": label, "state": "not computed"}
    said = {"network": label, "state": status_line.LOOKS.get(status.state, (status.state,))[0]}
    if status.state == "running" and status.steps:
        left = f", {status_line.describe_time_left(status)}" if status.eta_s is not None else ""
        said["state"] += f" {status.step / status.steps:.0%}{left}"
    return said | line(spec, status)
