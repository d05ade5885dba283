"""Steering a run: buttons that ask the engine to start, stop, step or fork it. A run that others watch is left running."""

import streamlit as st

from tutor.disk import StoreError
from tutor.embedded import EngineError
from tutor.fork import fork
from tutor.spec import RunSpec, SpecError
from tutor.status import Status
from tutor.ui import catalog, live, runs, stage, visitors

WRONG = (StoreError, SpecError, EngineError, OSError)
STEPS = (1, 10, 100)


def start(spec: RunSpec, until: int | None = None) -> str | None:
    """Have the engine compute a run; its key, or None after saying what is wrong."""
    if stage.lecturing():
        st.error("Nothing is computed in a lecture, so that nothing can fail; end it to start a run.")
        return None
    try:
        engine = runs.engine()
        if engine is None:
            st.error("This app runs without an engine, so it can show runs but not compute them; start it with `prompt-tutor app`.")
            return None
        return engine.submit(spec, until=until)
    except WRONG as error:
        st.error(catalog.sentence(error))
    return None


def stop(key: str) -> None:
    """Stop a run with a checkpoint, unless somebody else is watching it."""
    others = visitors.others_watching(key)
    if others:
        who = f"{others} other visitors watch" if others > 1 else "Another visitor watches"
        st.toast(f"{who} this run, so it goes on; only your view stands still.", icon=":material/group:")
        return
    try:
        runs.engine().stop(key)
    except WRONG as error:
        st.error(catalog.sentence(error))


def transport(key: str, status: Status, parameter: str) -> bool:
    """Play, pause, step, stop, reset and new seed for one pretraining; whether its picture should move.

    `parameter` is where the page keeps its run in the address: a new seed or a reset opens another run there.
    """
    info = catalog.info(key)
    active = status.state in live.ACTIVE
    still = active or status.state in catalog.FINAL or info.shipped
    frozen = active and st.session_state.get(f"frozen_{key}", False)
    with st.container(horizontal=True, vertical_alignment="center"):
        if active:
            _while_computed(key, frozen, parameter)
        else:
            _play(info.spec, bool(status.step), still, parameter)
        for n in STEPS:
            told = f"Take {n} training step{'s' if n > 1 else ''}, then pause."
            st.button(f"+{n}", key=f"{parameter}_step_{n}", disabled=still, on_click=_go, args=(info.spec, status.step + n), help=told)
        again = {"icon": ":material/restart_alt:", "on_click": _reset, "args": (key, info.spec), "help": RESET}
        st.button("Reset", key=f"{parameter}_reset", disabled=still or not status.step, **again)
        other = {"icon": ":material/casino:", "on_click": _reseed, "args": (info.spec, parameter), "help": RESEED}
        st.button("New seed", key=f"{parameter}_seed", **other)
    return active and not frozen


RESET = "Back to step 0 with the same initial weights. A finished run never changes; drag through its film instead."
RESEED = "The same settings from other initial weights, as another run."


def _while_computed(key: str, frozen: bool, parameter: str) -> None:
    label, icon = ("Play", "play_arrow") if frozen else ("Pause", "pause")
    told = "Your view stands still; the computation too, when nobody else is watching."
    freeze = {"on_click": _freeze, "args": (key, not frozen), "help": told}
    st.button(label, key=f"{parameter}_pause", icon=f":material/{icon}:", **freeze)
    halt = {"on_click": stop, "args": (key,), "help": "Stop with a checkpoint; continue whenever you like."}
    st.button("Stop", key=f"{parameter}_stop", icon=":material/stop:", **halt)


def _play(spec: RunSpec, begun: bool, still: bool, parameter: str) -> None:
    told = "Compute on to the end of the recipe, from exactly where it stands."
    go = {"icon": ":material/play_arrow:", "type": "primary", "on_click": _go, "args": (spec, None), "help": told}
    st.button("Continue" if begun else "Play", key=f"{parameter}_play", disabled=still, **go)


def rate_changer(key: str, status: Status, parameter: str) -> None:
    """Change the learning rate on the way: a child run shares the past and goes on with the new rate."""
    recipe = catalog.info(key).spec.recipe
    past = "Where the past is no longer on the disk, the child computes it again: the numbers are the same."
    with st.popover("Change the learning rate", icon=":material/alt_route:"):
        st.markdown("A running specification never changes, so this makes a **child run** with the same past.")
        now = min(status.step, recipe.steps)
        step = st.number_input("From step", 0, recipe.steps, now, key=f"{parameter}_fork_step", help=past)
        told = "The new largest rate of Adam, above 0 and at most 1."
        rate = st.number_input("Learning rate", 1e-6, 1.0, recipe.learning_rate, format="%g", key=f"{parameter}_fork_rate", help=told)
        st.button("Fork", key=f"{parameter}_fork", type="primary", on_click=_fork, args=(key, int(step), float(rate), parameter))


def _freeze(key: str, frozen: bool) -> None:
    st.session_state[f"frozen_{key}"] = frozen
    if frozen:
        stop(key)


def _go(spec: RunSpec, until: int | None) -> None:
    st.session_state.pop(f"frozen_{spec.key()}", None)
    start(spec, until)


def _reset(key: str, spec: RunSpec) -> None:
    try:
        runs.store().delete(key)
        fresh = runs.store().create(spec)
        # Nobody was asked to compute it: it rests at its first step until somebody plays it.
        fresh.write_status(fresh.status().but(state="paused", message="back at its first step"))
    except WRONG as error:
        st.error(catalog.sentence(error))


def _reseed(spec: RunSpec, parameter: str) -> None:
    seeds = spec.seeds.model_copy(update={"pretrain": (spec.seeds.pretrain + 1) % 2**31})
    _open(start(spec.model_copy(update={"seeds": seeds})), parameter)


def _fork(key: str, step: int, rate: float, parameter: str) -> None:
    try:
        child = fork(runs.store(), key, step=step, learning_rate=rate)
        if catalog.info(key).status.state in live.ACTIVE:
            stop(key)
        _open(start(child.spec()), parameter)
    except WRONG as error:
        st.error(catalog.sentence(error))


def _open(key: str | None, parameter: str) -> None:
    if key:
        st.query_params[parameter] = key
