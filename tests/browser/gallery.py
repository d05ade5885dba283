"""The page of the component tests: pictures of numbers made here, each under its own key, and widgets that change them."""

import numpy as np
import pandas as pd
import streamlit as st

from tutor.figures.picture import Picture, bars, canvas, dots
from tutor.ui import diagnosing, forms, live, runs
from tutor.ui.picture import picture, timeline

STEPS = 100


def line(height: float, points: int = STEPS, things: bool = False) -> Picture:
    x = np.arange(points)
    y = height * np.sqrt(x)
    named = {"meta": [f"p{i}" for i in x]} if things else {}
    drawing = canvas(x="flips", y="regret, nats", height=300)
    drawing.add(dots(x, y, name="regret", mode="lines+markers", line={"color": "#0072B2"}, **named))
    table = pd.DataFrame({"flip": x, "regret": y, "note": ['a "quoted", word'] * points})
    return Picture(drawing, f"Regret rises to {y[-1]:.1f} nats.", table)


def changed() -> None:
    height = st.number_input("Height", 1.0, 9.0, 1.0, key="height")
    result = picture(line(height), key="curve")
    st.write(f"Pinned: {result.pin['point'] if result.pin else 'nothing'}")


def linked() -> None:
    picture(line(1.0, things=True), key="left", link="pair")
    picture(line(2.0, things=True), key="right", link="pair")


def framed() -> None:
    picture(line(1.0), key="film", link="time", frames={"url": "/test/frames.json", "label": "training step"})
    picture(line(1.0), key="film2", link="time", frames={"url": "/test/frames.json", "label": "training step"})


def methods() -> None:
    names, flips = ["HardPT", "SoftPT"], [1, 2, 3]
    drawing = canvas(y="nats").add(bars(names, [1.0, 2.0], "after 3", meta=names))
    picture(Picture(drawing, "Two methods after 3 flips.", pd.DataFrame({"method": names})), key="bars", link="methods")
    for key, order in (("curves", names), ("reversed", names[::-1])):
        drawing = canvas(x="flips", y="nats")
        drawing.add(*(dots(flips, [1.0, 2.0, 3.0], name=name, mode="lines+markers") for name in order))
        picture(Picture(drawing, "Two methods over 3 flips.", pd.DataFrame({"flip": flips})), key=key, link="methods")


def timed() -> None:
    timeline("both")
    for key, phase in (("one", None), ("two", None)):
        picture(line(1.0), key=key, link="both", phase=phase, frames={"url": "/test/phases.json", "timeline": True})
    picture(line(2.0), key="steps", link="both", phase=0)


def running() -> None:
    key = st.query_params["run"]
    status = runs.store().get(key).status()
    trace = {"index": 0, "x": "step", "y": "loss", "where": {"repetition": 0}, "mean": int(st.query_params.get("mean", 0))}
    feed = {"url": f"/api/runs/{key}/events", "traces": [trace]}
    result = picture(line(0.0, points=1), key="loss", live=feed if status.state in live.ACTIVE else None)
    if result.finished:
        st.session_state.ends = st.session_state.get("ends", 0) + 1
    st.write(f"Heard of {st.session_state.get('ends', 0)} ends; the store holds {len(runs.store().load(key).events())} events")


def watching() -> None:
    st.write(f"The page knows: {live.panel(st.query_params['run']).state}")


def asking() -> None:
    source = forms.source("ask_source")
    st.write(f"Source: {source.label if source else 'none'}")
    body = forms.body("ask_body")
    st.write(f"Network: {body.width} wide, embedding {body.embedding}" if body else "Network: none")
    method = forms.method("ask_method", on=body)
    st.write(f"Method: {method.label if method else 'none'}")


def diagnosed() -> None:
    diagnosing.your_pipeline()


st.title("Gallery")
PAGES = (changed, linked, framed, timed, methods, running, watching, asking, diagnosed)
{page.__name__: page for page in PAGES}[st.query_params.get("show", "changed")]()
