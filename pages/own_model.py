"""A model of the visitor's own: its vocabulary, its states, a prompt tuned for it, what the prompt is near to and what it does inside."""

import streamlit as st

from tutor.ui import own_groups, own_model, own_order, own_tuning
from tutor.ui.frame import prose

st.title("Your own model")
prose("""Everything so far happened in small networks. Here you bring a **language model of your own** - a folder on this machine, or a name on the
Hugging Face hub - and look at it in the same way: where its words lie, where sentences lead, and what a tuned prompt is near to.""")

if hindrance := own_model.hindrance():
    st.info(hindrance, icon=":material/lock:")
    st.stop()

prose("""Any causal language model that transformers knows by itself, with its weights as safetensors and a fast tokenizer. No code that comes with a model is run, and
what it needs is said **before** it is loaded.""")
own_model.bring()
own_model.progress()

desk = own_model.DESK
held = desk.held                                 # once: another visitor may put it away while this page is drawn
if held.model is None:
    if not desk.busy:
        st.info("No model is loaded. Name one above and look at it; nothing is loaded before you say so.", icon=":material/arrow_upward:")
    st.stop()
own_model.facts(held.model)

st.header("Where sentences lead")
prose("Each line is read by itself. Layer by layer, the states of its tokens move from what a word **is** to what may come **next**.")
own_model.sentences(held.model)

st.header("Do your texts lie apart?")
prose("""Give texts with a **label** each, and see whether the model keeps them apart, layer by layer: the measures of Clusters, on your model and your texts.""")
own_groups.ask(held.model)

st.header("Tune a prompt")
prose("""The model stays as it is; only the vectors in front of the text learn. **SoftPT** puts vectors where words would stand. **PrefixPT** gives every layer keys and values
of its own. The end of the text is held out, to judge by. A **leash** ties every vector of SoftPT to where it started: start it at words of yours, and it goes on reading as them.""")
own_order.order(held.model)
own_tuning.result()
if desk.busy or held.tuner is None or not held.tuner.taken:
    st.stop()
own_tuning.downloads(held.tuner, held.order)

st.header("What it writes")
own_tuning.writing(held.tuner)

st.header("What the prompt does inside")
prose("""Petrov et al. 2024: in the **first** layer a prompt cannot change how attention divides itself among the text. It takes a share, leaves the rest in its old
proportions, and adds a bias. Read without and behind the prompt, at the same places, both must be equal up to rounding; deeper layers see other inputs.""")
own_tuning.check(held.tuner)
