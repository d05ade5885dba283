"""The page of the component tests: pictures of numbers made here, each under its own key, and widgets that change them."""

import numpy as np
import pandas as pd
import streamlit as st
from fitting import crowded

from tutor.figures.picture import Picture, bar_trace, empty_drawing, scatter_trace
from tutor.ui.labs.retrieval import evidence_upload
from tutor.ui.plot import draw_picture, draw_timeline
from tutor.ui.run_views import status_line
from tutor.ui.shell import visitor_runs
from tutor.ui.widgets import forms

STEPS = 100


def line(height: float, points: int = STEPS, things: bool = False) -> Picture:
    x = np.arange(points)
    y = height * np.sqrt(x)
    named = {"meta": [f"p{i}" for i in x]} if things else {}
    drawing = empty_drawing(x="flips", y="regret, nats", height=300)
    drawing.add(scatter_trace(x, y, name="regret", mode="lines+markers", line={"color": "#0072B2"}, **named))
    table = pd.DataFrame({"flip": x, "regret": y, "note": ['a "quoted", word'] * points})
    return Picture(drawing, f"Regret rises to {y[-1]:.1f} nats.", table)


def changed() -> None:
    height = st.number_input("Height", 1.0, 9.0, 1.0, key="height")
    result = draw_picture(line(height), key="curve")
    st.write(f"Pinned: {result.pin['point'] if result.pin else 'nothing'}")


def linked() -> None:
    draw_picture(line(1.0, things=True), key="left", link="pair")
    draw_picture(line(2.0, things=True), key="right", link="pair")


def framed() -> None:
    draw_picture(line(1.0), key="film", link="time", frames={"url": "/test/frames.json", "label": "training step"})
    draw_picture(line(1.0), key="film2", link="time", frames={"url": "/test/frames.json", "label": "training step"})


def methods() -> None:
    names, flips = ["HardPT", "SoftPT"], [1, 2, 3]
    drawing = empty_drawing(y="nats").add(bar_trace(names, [1.0, 2.0], "after 3", meta=names))
    draw_picture(Picture(drawing, "Two methods after 3 flips.", pd.DataFrame({"method": names})), key="bars", link="methods")
    for key, order in (("curves", names), ("reversed", names[::-1])):
        drawing = empty_drawing(x="flips", y="nats")
        drawing.add(*(scatter_trace(flips, [1.0, 2.0, 3.0], name=name, mode="lines+markers") for name in order))
        draw_picture(Picture(drawing, "Two methods over 3 flips.", pd.DataFrame({"flip": flips})), key=key, link="methods")


def timed() -> None:
    draw_timeline("both")
    for key, phase in (("one", None), ("two", None)):
        draw_picture(line(1.0), key=key, link="both", phase=phase, frames={"url": "/test/phases.json", "timeline": True})
    draw_picture(line(2.0), key="steps", link="both", phase=0)


def running() -> None:
    key = st.query_params["run"]
    status = visitor_runs.open_store().get(key).status()
    trace = {"index": 0, "x": "step", "y": "loss", "where": {"repetition": 0}, "mean": int(st.query_params.get("mean", 0))}
    feed = {"url": f"/api/runs/{key}/events", "traces": [trace]}
    result = draw_picture(line(0.0, points=1), key="loss", live=feed if status.state in status_line.ACTIVE else None)
    if result.finished:
        st.session_state.ends = st.session_state.get("ends", 0) + 1
    st.write(f"Heard of {st.session_state.get('ends', 0)} ends; the store holds {len(visitor_runs.open_store().load(key).events())} events")


def watching() -> None:
    st.write(f"The page knows: {status_line.draw_status_panel(st.query_params['run']).state}")


def asking() -> None:
    source = forms.ask_source("ask_source")
    st.write(f"Source: {source.label if source else 'none'}")
    body = forms.ask_body("ask_body")
    st.write(f"Network: {body.width} wide, embedding {body.embedding}" if body else "Network: none")
    method = forms.ask_method("ask_method", on=body)
    st.write(f"Method: {method.label if method else 'none'}")


def diagnosed() -> None:
    evidence_upload.show_upload()


def fitting() -> None:
    for name, one in crowded().items():
        if st.query_params.get("only", name) == name:
            draw_picture(one, key=name)


st.title("Gallery")
PAGES = (changed, linked, framed, timed, methods, running, watching, asking, diagnosed, fitting)
{page.__name__: page for page in PAGES}[st.query_params.get("show", "changed")]()
