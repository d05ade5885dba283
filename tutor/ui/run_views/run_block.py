"""Runs that a page asks for: a button that has them computed, what that costs, how far they are, and what comes out of them."""

from collections.abc import Callable, Mapping

from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.ui.run_views import method_race, progress_table, status_line

Known = Mapping[str, Status | None]
"""Where each run stands by its label, None where nobody has started it."""


def run_or_load(spec: RunSpec, key: str, action: str) -> str:
    """Draw start and stop buttons, cost and status of one run.

    Parameters
    ----------
    key
        Prefix of the buttons' keys.
    action
        Label of the start button.

    Returns
    -------
    str
        State of the run; "" where it was never started.
    """
    known = method_race.read_states({action: spec})
    progress_table.draw_start_and_stop({action: spec}, known, key, start="Continue" if known[action] else action, stop="Stop")
    if known[action] is None:
        status_line.await_others({spec.key(): ""}, f"{key}_awaited")
        return ""
    status_line.draw_status_panel(spec.key())
    return known[action].state


def run_and_watch(  # noqa: PLR0913 - runs, their picture and their table
    specs: Mapping[str, RunSpec], key: str, action: str, *, draw: Callable[[Known], None], line: progress_table.Line, about: str
) -> bool:
    """Draw start and stop buttons for several runs and, once one is started, a picture and a table that refreshes itself.

    Parameters
    ----------
    specs
        Runs by label.
    draw
        Draws the picture; it receives the status of each run.
    line, about
        Scores and help text of the table, as in `draw_progress_table`.

    Returns
    -------
    bool
        Whether all runs are finished.
    """
    known = method_race.read_states(specs)
    progress_table.draw_start_and_stop(specs, known, key, start=action, stop="Stop", finished="Finished; another setting trains anew.")
    if not any(known.values()):                          # there is no table yet that would see another tab start them
        status_line.await_others({spec.key(): "" for spec in specs.values()}, f"{key}_awaited")
        return False
    draw(known)
    progress_table.draw_progress_table(specs, known, key, line, about)
    return all(status is not None and status.state == "done" for status in known.values())
