"""Steering a run: buttons that ask the engine to start, stop, step or fork it. A run that others watch is left running.

A run has one state, whoever looks: what a button does is decided by where the run stands when it is pressed, since another tab may
have moved it after the button was drawn.
"""

import time

import streamlit as st

from tutor.runs.engine.local_cluster import EngineError
from tutor.runs.fork import fork_run
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec, SpecError
from tutor.runs.status import Status
from tutor.ui.run_views import catalog, status_line
from tutor.ui.shell import presentation, sessions, visitor_runs
from tutor.ui.shell.sections import error_sentence, section

WRONG = (StoreError, SpecError, EngineError, OSError)
STEPS = (1, 10, 100)
STOP_TIMEOUT_S = 1.0   # seconds that a click waits for a run to stop: so long the page that follows may still show it running


def start_run(spec: RunSpec, until: int | None = None) -> str | None:
    """Have the engine compute a run.

    Parameters
    ----------
    until
        Step at which to pause; None computes to the end.

    Returns
    -------
    str or None
        Key of the run; None, with an error on the page, where it cannot be started.
    """
    if presentation.is_lecture():
        st.error("A lecture computes nothing, so nothing can fail. End the lecture to start a run.")
        return None
    try:
        engine = visitor_runs.find_engine()
        if engine is None:
            st.error("This app runs without an engine, so it can show runs but not compute them; start it with `prompt-tutor app`.")
            return None
        return engine.submit(spec, until=until)
    except WRONG as error:
        st.error(error_sentence(error))
    return None


def stop_run(key: str) -> bool:
    """Stop a run with a checkpoint, unless other visitors watch it; return whether it was asked to stop."""
    others = sessions.count_other_watchers(key)
    if others:
        who = f"{others} other visitors watch" if others > 1 else "Another visitor watches"
        st.toast(f"{who} this run, so it goes on.", icon=":material/group:")
        return False
    try:
        engine = visitor_runs.find_engine()
        if engine is None:
            raise EngineError("this app runs without an engine; the run can be stopped where it is computed")
        engine.stop(key)
    except WRONG as error:
        st.error(error_sentence(error))
        return False
    _wait(key)
    return True


def _wait(key: str) -> None:
    until = time.monotonic() + STOP_TIMEOUT_S
    while status_line.read_state(key) in status_line.ACTIVE and time.monotonic() < until:
        time.sleep(0.05)


def draw_transport(key: str, status: Status, parameter: str) -> bool:
    """Draw the buttons play, pause, step, stop, reset and new seed of a pretraining.

    Parameters
    ----------
    parameter
        Parameter of the address that holds the run's key; a new seed or a reset writes another key there.

    Returns
    -------
    bool
        Whether the picture of the run should be live.
    """
    info = catalog.find_info(key)
    active = status.state in status_line.ACTIVE
    still = active or status.state in catalog.FINAL or info.shipped
    frozen = active and sessions.is_frozen(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if active:
            _while_computed(key, frozen, parameter)
        else:
            _play(info.spec, bool(status.step), still, parameter)
        for n in STEPS:
            told = f"Take {n} training step{'s' if n > 1 else ''}, then pause."
            st.button(f"+{n}", key=f"{parameter}_step_{n}", disabled=still, on_click=_go, args=(info.spec, n), help=told)
        again = {"icon": ":material/restart_alt:", "on_click": _reset, "args": (key, info.spec), "help": RESET}
        st.button("Reset", key=f"{parameter}_reset", disabled=still or not status.step, **again)
        other = {"icon": ":material/casino:", "on_click": _reseed, "args": (info.spec, parameter), "help": RESEED}
        st.button("New seed", key=f"{parameter}_seed", **other)
    return active and not frozen


RESET = "Back to step 0 with the same initial weights. A finished run never changes: drag through its film instead."
RESEED = "A new run with the same settings and other initial weights."


def _while_computed(key: str, frozen: bool, parameter: str) -> None:
    label, icon = ("Play", "play_arrow") if frozen else ("Pause", "pause")
    told = "Freezes your view. If nobody else watches, the computation stops too."
    freeze = {"on_click": _unfreeze if frozen else _halt, "args": (key,), "help": "Your view moves again." if frozen else told}
    st.button(label, key=f"{parameter}_pause", icon=f":material/{icon}:", **freeze)
    halt = {"on_click": _halt, "args": (key,), "help": "Stop with a checkpoint; continue whenever you like."}
    st.button("Stop", key=f"{parameter}_stop", icon=":material/stop:", **halt)


def _play(spec: RunSpec, begun: bool, still: bool, parameter: str) -> None:
    told = "Continues from exactly here to the last step."
    go = {"icon": ":material/play_arrow:", "type": "primary", "on_click": _go, "args": (spec, None), "help": told}
    st.button("Continue" if begun else "Play", key=f"{parameter}_play", disabled=still, **go)


def draw_rate_changer(key: str, status: Status, parameter: str) -> None:
    """Draw a control that changes the learning rate from the current step on.

    This starts a child run, which shares the steps so far and continues with the new rate.

    Parameters
    ----------
    parameter
        Parameter of the address that holds the run's key; the child's key replaces it.
    """
    recipe = catalog.find_info(key).spec.recipe
    past = "If the past is no longer on the disk, it is computed again, with the same numbers."
    with st.popover("Change the learning rate", icon=":material/alt_route:"):
        st.markdown("A running specification never changes, so this makes a **child run** with the same past.")
        now = min(status.step, recipe.steps)
        step = st.number_input("From step", 0, recipe.steps, now, key=f"{parameter}_fork_step", help=past)
        told = "The new largest rate of Adam, above 0 and at most 1."
        rate = st.number_input("Learning rate", 1e-6, 1.0, recipe.learning_rate, format="%g", key=f"{parameter}_fork_rate", help=told)
        st.button("Fork", key=f"{parameter}_fork", type="primary", on_click=_fork, args=(key, int(step), float(rate), parameter))


@section()
def _halt(key: str) -> None:
    """Stop a run that is computed, or where others watch it have this visitor's view of it stand still."""
    if status_line.read_state(key) in status_line.ACTIVE:
        sessions.set_frozen(key, not stop_run(key))


@section()
def _unfreeze(key: str) -> None:
    sessions.set_frozen(key, False)


@section()
def _go(spec: RunSpec, steps: int | None) -> None:
    """Compute so many steps more, or to the end; a run that is on its way already is only looked at."""
    key = spec.key()
    sessions.set_frozen(key, False)
    if not _moved(key):
        start_run(spec, None if steps is None else catalog.find_info(key).status.step + steps)


def _moved(key: str) -> bool:
    """Whether the run is being computed, which is said: the button that was pressed is for one that rests."""
    moving = status_line.read_state(key) in status_line.ACTIVE
    if moving:
        st.toast("This run is being computed already, started from another tab.", icon=":material/group:")
    return moving


@section()
def _reset(key: str, spec: RunSpec) -> None:
    if _moved(key):
        return
    try:
        visitor_runs.open_store().delete(key)
        fresh = visitor_runs.open_store().create(spec)
        # Nobody was asked to compute it: it rests at its first step until somebody plays it.
        fresh.write_status(fresh.status().but(state="paused", message="back at its first step"))
    except WRONG as error:
        st.error(error_sentence(error))


@section()
def _reseed(spec: RunSpec, parameter: str) -> None:
    seeds = spec.seeds.model_copy(update={"pretrain": (spec.seeds.pretrain + 1) % 2**31})
    _open(start_run(spec.model_copy(update={"seeds": seeds})), parameter)


@section()
def _fork(key: str, step: int, rate: float, parameter: str) -> None:
    try:
        child = fork_run(visitor_runs.open_store(), key, step=step, learning_rate=rate)
        if catalog.find_info(key).status.state in status_line.ACTIVE:
            stop_run(key)
        _open(start_run(child.spec()), parameter)
    except WRONG as error:
        st.error(error_sentence(error))


def _open(key: str | None, parameter: str) -> None:
    if key:
        st.query_params[parameter] = key
