"""A visitor's own tuning of the language model: started, stopped, and watched word by word while it runs."""

import numpy as np
import streamlit as st

from tutor.figures import losing
from tutor.spec import RunSpec
from tutor.studies.vectors import smoothed
from tutor.ui import catalog, embeddings, live, numbers, runs, steering
from tutor.ui.picture import picture

PACE = 2.0
"""Seconds between two looks at a tuning that runs."""


def own(spec: RunSpec, key: str, action: str, *, by: str = "cosine") -> str | None:
    """Buttons to start and stop this tuning, where it stands, what it loses and what it reads as; its key once it is finished."""
    state = steered(spec, key, action)
    if not state:
        return None
    st.fragment(_watched, run_every=PACE if state in live.ACTIVE else None, key=f"{key}_watched")(spec.key(), key, by)
    return spec.key() if state == "done" else None


def steered(spec: RunSpec, key: str, action: str) -> str:
    """Buttons to start and stop a tuning, and where it stands; its state, "" where nobody has started it."""
    name, state = spec.key(), catalog.state(spec.key())
    with st.container(horizontal=True, vertical_alignment="center"):
        if state not in (*live.ACTIVE, *catalog.FINAL):
            if st.button("Continue" if state else action, type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
                steering.start(spec)
                st.rerun()
            st.caption(f"Costs about {live.duration(catalog.seconds(spec))} of one core. Closing this tab loses nothing.", width="content")
        elif state in live.ACTIVE and st.button("Stop", key=f"{key}_stop", icon=":material/stop:"):
            steering.stop(name)
            st.rerun()
    if state:
        live.panel(name)
    return state


def _watched(name: str, key: str, by: str) -> None:
    with catalog.one_sentence():
        lost = [event["loss"] for event in runs.load(name).events() if event["repetition"] == 0]
        if lost:
            picture(losing({"this prompt": smoothed(np.array(lost)[None])}), key=f"{key}_loss", runs=[name])
        if embeddings.course(name):
            picture(embeddings.tape(name, by), key=f"{key}_tape", runs=[name])


def scores(name: str) -> dict[str, float]:
    """Held-out loss (nats per token) and BLEU of a finished tuning on its target."""
    kept = numbers.summary(name)
    return {score: kept[score]["0"]["median"][0] for score in ("loss", "bleu") if "0" in kept.get(score, {})}
