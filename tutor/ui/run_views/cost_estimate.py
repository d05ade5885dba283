"""What a start will cost, said before the click: processor time, and how long it takes where others come first or compute too."""

import os

import streamlit as st

from tutor.core import system_load
from tutor.runs.spec import RunSpec
from tutor.runs.status import ACTIVE
from tutor.studies import cost
from tutor.ui.run_views import catalog, status_line
from tutor.ui.shell import visitor_runs


def describe_cost(specs: list[RunSpec]) -> str:
    """Say in a sentence how much processor time these runs need, and why they take longer where they must wait or share."""
    costs = [catalog.estimate_seconds(spec) for spec in specs]
    before, at_once = _queue({spec.key() for spec in specs})
    running = sum(status.state in ACTIVE for status, _ in before)
    others, ahead = max(0.0, _others() - running), sum((seconds for _, seconds in before), 0.0)
    return cost_sentence(costs, cost.Capacity(os.cpu_count() or 1, others, at_once, ahead), len(before))


def cost_sentence(costs: list[float], room: cost.Capacity, before: int = 0) -> str:
    """Word the sentence of `describe_cost` from numbers.

    Parameters
    ----------
    costs
        Seconds of each run on one core.
    before
        Number of runs in the queue ahead of them.
    """
    total = f"Costs about {status_line.format_duration(sum(costs))} of one core"
    reasons = [f"{before} run{' comes' if before == 1 else 's come'} first"] if before >= room.at_once else []
    reasons += [f"{min(room.at_once, len(costs))} runs at a time"] if min(room.at_once, len(costs)) > 1 else []
    reasons += ["this machine is busy"] if room.share(len(costs) + before) < status_line.FREE else []
    took = status_line.format_duration(room.seconds(costs))
    return f"{total}; {' and '.join(reasons)}, so it takes about {took}." if reasons else f"{total}."


def _queue(mine: set[str]) -> tuple[list[tuple], int]:
    """Status and seconds left of every other run that the engine has, and how many it computes at a time."""
    try:
        engine = visitor_runs.find_engine()
        keys = [entry.key for entry in engine.queue() if entry.key not in mine] if engine else []
        return [_left(key) for key in keys if catalog.run_state(key)], engine.at_once() if engine else 1
    except (OSError, RuntimeError):                # the scheduler does not answer; the cost alone is said
        return [], 1


def _left(key: str) -> tuple:
    info = catalog.find_info(key)
    whole = catalog.estimate_seconds(info.spec) if info.spec else 0.0
    return info.status, whole if info.status.eta_s is None else info.status.eta_s


@st.cache_data(ttl=2, show_spinner=False)
def _others() -> float:
    return system_load.count_busy_threads()
