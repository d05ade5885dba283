"""What to tune for the model on the desk, on which text and from where: asked, checked, and begun."""

from copy import copy

import streamlit as st
from pydantic.fields import FieldInfo

from tutor import llm
from tutor.ui.labs.own_model.model_picker import DESK
from tutor.ui.shell import sessions, url_state
from tutor.ui.shell.sections import section
from tutor.ui.widgets import forms
from tutor.ui.widgets.forms.spec_fields import ABSENT, ask_field

WORDS = "words"
UPLOAD_MB = 10
CALLED = {"source": "Fit it to this text (empty: to the vocabulary)", "first": "First text", "second": "Second text"}
"""Texts that stand where our own pages have tasks."""


def ask_tuning(model: llm.OwnModel) -> None:
    """Draw the form of a prompt tuning for the loaded model: text, start and settings, and a button that starts it."""
    left, right = st.columns(2, gap="large")
    with left:
        given = st.file_uploader("Text file", type=["txt", "md"], key="own_model_file", max_upload_size=UPLOAD_MB)
        typed = st.text_area("or a text typed here", key="own_model_text", max_chars=200_000, height=120, disabled=given is not None)
    with right:
        prior = _prior(model)
    how = _how()
    with section():
        if st.button("Tune", type="primary", icon=":material/play_arrow:", key="own_model_tune", disabled=DESK.busy or how is None) and how:
            DESK.tune(llm.TuningOrder(how, _text(given, typed or ""), prior()), sessions.visitor_name())
            st.rerun()


def _how() -> llm.PromptRecipe | None:
    """The settings; None, and one sentence beneath them, where one cannot be."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        answers = {
            name: ask_field(name, _open(info), f"own_model_{name}", info.get_default())
            for name, info in llm.PromptRecipe.model_fields.items()
        }
    with section():
        return llm.PromptRecipe.of(**{name: value for name, value in answers.items() if value is not ABSENT})
    return None


def _open(info: FieldInfo) -> FieldInfo:
    """The field without its bounds: a browser would keep a value outside them to itself, and the last one inside would be taken."""
    free = copy(info)
    free.metadata = []
    return free


def _text(given, typed: str) -> str:
    if given is None and not typed.strip():
        raise ValueError(f"there is no text to tune on: choose a file of at most {UPLOAD_MB} MB, or type a few sentences")
    return llm.read_text(given.getvalue() if given is not None else typed.encode())


def _prior(model: llm.OwnModel):
    """What gives the prior when asked: tokens of a text, or any prior of the embedding lab, with texts where it has tasks."""
    kind = url_state.choose_option("The prompt starts at", list(llm.STARTS), "own_model_prior", named=lambda kind: llm.STARTS[kind].label,
                            first="vocabulary")
    st.caption((llm.STARTS[kind].__doc__ or "").strip().partition("\n")[0])
    if kind == WORDS:
        said = st.text_input("The words", "Read this carefully:", key="own_model_words", max_chars=300,
                             help="Repeated to the length of the prompt.")
        return lambda: llm.choose_words(model, said or "")
    start = llm.STARTS[kind]
    found = forms.ask_fields(start, f"own_model_prior_{kind}", hide=set(llm.TEXTS))
    texts = {name: st.text_area(CALLED[name], default or "", key=f"own_model_prior_{kind}_{name}", max_chars=20_000, height=80)
             for name, default in llm.TEXTS.items() if name in start.model_fields}
    return lambda: _given(found, {name: text for name, text in texts.items() if text or llm.TEXTS[name] is not None})


def _given(found, texts: dict[str, str]):
    if found is None:
        raise llm.ModelError("the prior is not complete; see the message beside it")
    return type(found).model_validate(found.model_dump() | texts)
