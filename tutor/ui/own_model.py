"""A model of the visitor's own: who may use it, what is on the server's desk, and the views of what was loaded."""

import ipaddress
import os
import weakref
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from tutor import llm
from tutor.figures import sentence_paths
from tutor.llm.memory import gigabytes
from tutor.runner import one_thread_count
from tutor.ui import catalog, live, visitors
from tutor.ui.picture import picture

DESK = llm.Desk()
SENTENCES = """The river was cold and wide that morning.
Question: who wrote the letter? Answer: Anna.
3 + 4 = 7 and 5 + 2 = 7
def add(a, b): return a + b"""
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")
LOOKED, SETTLED = "own_model_looked", "own_model_settled"


def hindrance() -> str | None:
    """Why this page does nothing here, in one sentence; None where it may work."""
    if not _allowed():
        return ("Models are only loaded where the app is used on its own machine, so that no visitor can look at the disk of a public server; "
                "whoever runs this one can allow it to every visitor with `prompt-tutor app --own-models`.")
    if not llm.installed():
        return 'This page needs two more packages: install them in the clone with `pip install ".[llm]"` and start the app again.'
    return None


def _allowed() -> bool:
    chosen = os.environ.get("TUTOR_OWN_MODELS")
    return chosen == "1" if chosen else _here(st.get_option("server.address")) and near(st.context.headers)


def near(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a browser on this machine: behind a proxy the app listens on a loopback address, its visitors do not."""
    named = [headers.get("Host"), headers.get("Origin")]
    hosts = [urlsplit(name if "//" in name else f"//{name}").hostname for name in named if name]
    return all(map(_here, hosts)) and not any(headers.get(name) for name in FORWARDED)


def _here(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def bring() -> None:
    """Ask for a model, say what it would need, and load it."""
    with st.form("own_model_bring", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Folder on this machine, or name on the hub", key="own_model_name", max_chars=300, width=460, placeholder="openai-community/gpt2")
        asked = st.form_submit_button("Look at it", icon=":material/search:")
    if asked:
        st.session_state.pop(LOOKED, None)
        st.session_state[SETTLED] = DESK.job and weakref.ref(DESK.job)              # what became of it is no news to who asks for another model
        with catalog.one_sentence(), st.spinner("Reading its description"):
            place = llm.place_of(text or "")
            st.session_state[LOOKED] = (place, llm.look(place))
    if LOOKED in st.session_state:
        _offer(*st.session_state[LOOKED])


def _offer(place, needs: llm.Estimate) -> None:
    columns = st.columns(4)
    for column, (name, value) in zip(columns, {"Parameters": counted(needs.parameters), "Weights in memory": gigabytes(needs.weights),
                                               "One tuning step": gigabytes(needs.working), "Free on this machine": gigabytes(needs.free)}.items(), strict=True):
        column.metric(name, value, border=True)
    with catalog.one_sentence():
        needs.require()
        if st.button(f"Load {place.name}", type="primary", icon=":material/download:", key="own_model_load", disabled=DESK.busy):
            DESK.load(place, visitors.session())
            st.session_state.pop(LOOKED)
            st.rerun()


def counted(many: int) -> str:
    """A number of parameters as people say them: 50 k, 124.4 M, 69.0 B."""
    for size, unit in ((1e9, "B"), (1e6, "M")):
        if many >= size:
            return f"{many / size:,.1f} {unit}"
    return f"{many / 1e3:,.0f} k" if many >= 1e3 else f"{many}"


def progress() -> None:
    """What is at work on this server, how far it is and a button that stops it; renews itself while there is something to wait for."""
    job = DESK.job
    if job is not None and (job.active or weakref.ref(job) != st.session_state.get(SETTLED)):
        st.fragment(_watch, run_every=1.0 if job.active else None, key="own_model_progress")(job, job.state)


def _watch(job, known: str) -> None:
    job.seen(visitors.session())
    if job.active:
        share = min(1.0, job.done / job.total) if job.total else 0.0
        rest = f", {live.duration(job.left)} left" if job.left is not None else ""
        st.progress(share, f"{job.name[:1].upper()}{job.name[1:]}: {live.duration(job.seconds)} so far{rest}" + (", stopping" if job.stopping else ""))
        with catalog.one_sentence():
            if st.button("Cancel", icon=":material/stop:", key="own_model_cancel", disabled=job.stopping):
                DESK.cancel(visitors.session())
    elif job.state == "failed":
        st.error(catalog.sentence(ValueError(job.message)))
    elif job.state == "cancelled":
        st.info(f"Cancelled: {job.name}. What had been done by then is kept.", icon=":material/stop_circle:")
    if job.state != known:
        st.rerun()


def facts(model: llm.OwnModel) -> None:
    """What model is on the desk, and a button that puts it away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(model.name, icon=":material/deployed_code:", color="green")
        st.caption(f"{model.config.model_type} · {model.layers} layers of width {model.width} · {model.heads} heads · {len(model.vocabulary):,} tokens, "
                   f"read and written with {'the same' if model.tied else 'different'} vectors", width="content")
        if st.button("Put it away", type="tertiary", key="own_model_forget", disabled=DESK.busy):
            with catalog.one_sentence():
                DESK.forget()
                st.rerun()


def sentences(model) -> None:
    """A field for sentences and a layer, and their ways through it."""
    left, right = st.columns([2, 1])
    text = left.text_area("Sentences, one in each line", SENTENCES, key="own_model_sentences", max_chars=4000, height=140)
    layer = right.slider("Layer", 0, model.layers, model.layers // 2, key=f"own_model_layer_{model.layers}", help="0 is the embedding.")
    with catalog.one_sentence(), one_thread_count():
        lines = [line for line in (text or "").splitlines() if line.strip()]
        found = DESK.kept(model, (tuple(lines), layer), lambda: llm.paths(model, lines, int(layer)))
        picture(sentence_paths(lines, found.words, found.points, found.explained), key="own_model_states", link="own_model_states")
        st.caption(f"The states of layer {layer} behind every token, in the plane of their own two widest directions. A square: where a sentence begins; its state is "
                   "often many times longer than all others, so it is left out of the fit and may lie outside the picture.")
