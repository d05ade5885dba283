"""A model of the visitor's own: its vocabulary, its states, a prompt tuned for it, what the prompt is near to and what it does inside."""

import streamlit as st

from tutor.llm.loaded_model import SlotContents
from tutor.ui.labs.own_model import labelled_texts, model_picker, tuning_form, tuning_results
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section

text = PageText("own_model")
text.open()


@section()
def bring() -> None:
    text.write("what-can-be-brought")
    model_picker.ask_model()
    model_picker.show_progress()


def try_model(held: SlotContents) -> None:
    with section():
        model_picker.show_model(held.model)
    with section():
        text.begin("Where sentences lead", "sentences")
        model_picker.show_sentences(held.model)
    with section():
        text.begin("Do your texts lie apart?", "groups")
        labelled_texts.show_labelled_texts(held.model)
    with section():
        text.begin("Tune a prompt", "tuning")
        tuning_form.ask_tuning(held.model)
        tuning_results.show_result()


def look_at_prompt(held: SlotContents) -> None:
    with section():
        tuning_results.show_downloads(held.tuner, held.order)
    with section():
        st.header("What it writes")
        tuning_results.show_writing(held.tuner)
    with section():
        text.begin("What the prompt does inside", "inside")
        tuning_results.show_first_layer_check(held.tuner)


if hindrance := model_picker.explain_hindrance():
    st.info(hindrance, icon=":material/lock:")
else:
    bring()
    held = model_picker.DESK.held                       # once: another visitor may put it away while this page is drawn
    if held.model is not None:
        try_model(held)
        if not model_picker.DESK.busy and held.tuner is not None and held.tuner.taken:
            look_at_prompt(held)
    elif not model_picker.DESK.busy:
        st.info(text.read("no-model"), icon=":material/arrow_upward:")
