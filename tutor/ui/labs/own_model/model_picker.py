"""A model of the visitor's own: who may use it, what is on the server's desk, and the views of what was loaded."""

import ipaddress
import os
import weakref
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from tutor import llm
from tutor.core.free_memory import format_bytes
from tutor.core.threads import fix_threads
from tutor.figures import sentence_paths
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import status_line
from tutor.ui.shell import sessions
from tutor.ui.shell.sections import error_sentence, fragment, section

DESK = llm.ModelSlot()
SENTENCES = """The river was cold and wide that morning.
Question: who wrote the letter? Answer: Anna.
3 + 4 = 7 and 5 + 2 = 7
def add(a, b): return a + b"""
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")
LOOKED, SETTLED = "own_model_looked", "own_model_settled"


def explain_hindrance() -> str | None:
    """Return why visitors cannot load a model here, in a sentence; None where they can."""
    if not _allowed():
        return ("This server loads no models, because a visitor could then read its disk. Run the app on your own machine. An operator "
                "can allow models for all visitors: `prompt-tutor app --own-models`.")
    if not llm.is_installed():
        return 'This page needs two more packages: install them in the clone with `pip install ".[llm]"` and start the app again.'
    return None


def _allowed() -> bool:
    chosen = os.environ.get("TUTOR_OWN_MODELS")
    return chosen == "1" if chosen else _here(st.get_option("server.address")) and is_local(st.context.headers)


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a browser on this machine.

    Behind a proxy the app listens on a loopback address although its visitors are elsewhere, so any forwarding header counts as remote.
    """
    named = [headers.get("Host"), headers.get("Origin")]
    hosts = [urlsplit(name if "//" in name else f"//{name}").hostname for name in named if name]
    return all(map(_here, hosts)) and not any(headers.get(name) for name in FORWARDED)


def _here(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def ask_model() -> None:
    """Draw a field for a model, the memory that it needs, and a button that loads it."""
    with st.form("own_model_bring", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Folder on this machine, or name on the hub", key="own_model_name", max_chars=300, width=460,
                             placeholder="openai-community/gpt2")
        asked = st.form_submit_button("Look at it", icon=":material/search:")
    if asked:
        st.session_state.pop(LOOKED, None)
        # what became of it is no news to who asks for another model
        st.session_state[SETTLED] = DESK.job and weakref.ref(DESK.job)
        with section(), st.spinner("Reading its description"):
            place = llm.locate_model(text or "")
            st.session_state[LOOKED] = (place, llm.inspect_model(place))
    if LOOKED in st.session_state:
        _offer(*st.session_state[LOOKED])


def _offer(place, needs: llm.MemoryEstimate) -> None:
    columns = st.columns(4)
    for column, (name, value) in zip(
        columns,
        {
            "Parameters": format_count(needs.parameters),
            "Weights in memory": format_bytes(needs.weights),
            "One tuning step": format_bytes(needs.working),
            "Free on this machine": format_bytes(needs.free),
        }.items(),
        strict=True,
    ):
        column.metric(name, value, border=True)
    with section():
        needs.require()
        if st.button(f"Load {place.name}", type="primary", icon=":material/download:", key="own_model_load", disabled=DESK.busy):
            DESK.load(place, sessions.visitor_name())
            st.session_state.pop(LOOKED)
            st.rerun()


def format_count(many: int) -> str:
    """Format a number of parameters: 50 k, 124.4 M, 69.0 B."""
    for size, unit in ((1e9, "B"), (1e6, "M")):
        if many >= size:
            return f"{many / size:,.1f} {unit}"
    return f"{many / 1e3:,.0f} k" if many >= 1e3 else f"{many}"


def show_progress() -> None:
    """Draw the current job of this server with progress and a cancel button; refreshes itself while the job is active."""
    job = DESK.job
    if job is not None and (job.active or weakref.ref(job) != st.session_state.get(SETTLED)):
        fragment(_watch, run_every=1.0 if job.active else None, key="own_model_progress")(job, job.state)


def _watch(job, known: str) -> None:
    job.seen(sessions.visitor_name())
    if job.active:
        share = min(1.0, job.done / job.total) if job.total else 0.0
        rest = f", {status_line.format_duration(job.left)} left" if job.left is not None else ""
        st.progress(share, f"{job.name[:1].upper()}{job.name[1:]}: {status_line.format_duration(job.seconds)} so far{rest}"
                    + (", stopping" if job.stopping else ""))
        with section():
            if st.button("Cancel", icon=":material/stop:", key="own_model_cancel", disabled=job.stopping):
                DESK.cancel(sessions.visitor_name())
    elif job.state == "failed":
        st.error(error_sentence(ValueError(job.message)))
    elif job.state == "cancelled":
        st.info(f"Cancelled: {job.name}. The work done so far is kept.", icon=":material/stop_circle:")
    if job.state != known:
        st.rerun()


def show_model(model: llm.OwnModel) -> None:
    """Draw name and size of the loaded model, and a button that unloads it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(model.name, icon=":material/deployed_code:", color="green")
        st.caption(f"{model.config.model_type} · {model.layers} layers of width {model.width} · {model.heads} heads · "
                   f"{len(model.vocabulary):,} tokens, "
                   f"read and written with {'the same' if model.tied else 'different'} vectors", width="content")
        for said in llm.list_limits(model):
            st.caption(said, width="content")
        if st.button("Unload it", type="tertiary", key="own_model_forget", disabled=DESK.busy):
            with section():
                DESK.forget()
                st.rerun()


def show_sentences(model) -> None:
    """Draw a field for sentences, the choice of a layer, and the sentences' paths through its states."""
    left, right = st.columns([2, 1])
    text = left.text_area("Sentences, one in each line", SENTENCES, key="own_model_sentences", max_chars=4000, height=140)
    layer = right.slider("Layer", 0, max(1, model.layers), model.layers // 2, key=f"own_model_layer_{model.layers}",
                         help="0 is the embedding.", disabled=not model.layers)
    with section(), fix_threads():
        lines = [line for line in (text or "").splitlines() if line.strip()]
        found = DESK.kept(model, (tuple(lines), layer), lambda: llm.trace_sentences(model, lines, int(layer)))
        draw_picture(sentence_paths(lines, found.words, found.points, found.explained), key="own_model_states", link="own_model_states")
        st.caption(f"The states of layer {layer} behind every token, in the plane of their own two widest directions. A square marks the "
                   f"beginning of a sentence. Its state is often many times longer than all others, so the plane is fitted without it "
                   f"and it may lie outside the picture.")
