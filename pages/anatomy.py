"""What makes a prefix work, taken apart one choice at a time, on a small language model that reads tables and facts."""

import streamlit as st

from tutor.sources.language.documents import ROWS
from tutor.sources.language.words import FIRST, LAST, PERSON
from tutor.studies import STUDIES
from tutor.studies.language_presets import MODEL
from tutor.ui import address, anatomy, catalog, facts
from tutor.ui.frame import prose

st.title("Anatomy of a prefix")
prose("""A small language model was trained on a made-up world: stories, facts and questions, sums, tables. It tells tables in five ways. A prefix now has to
bring it to tell them in a **sixth** way, which it has never seen, and nothing else may change. Which choices matter?""")

if catalog.state(MODEL.key()) != "done":
    st.info("The language model is not here yet: run `prompt-tutor study tiny-language`, which trains it in half an hour to an hour.", icon=":material/hourglass_empty:")
    st.stop()

st.header("Have your own table told")
columns = st.columns(6)
first = columns[0].selectbox("first name", FIRST, key="anatomy_first", bind="query-params")
last = columns[1].selectbox("last name", LAST, key="anatomy_last", bind="query-params")
cells = [column.selectbox(name, PERSON[name], key=f"anatomy_{name}", bind="query-params") for column, name in zip(columns[2:], ROWS[1:], strict=True)]
row = (f"{first} {last}", *cells)
known = anatomy.writers()
with catalog.one_sentence():
    st.markdown(f"Untuned: *{anatomy.told(MODEL.key(), row)}*")
    if known:
        key = address.choose("Tuned as in", list(known), "anatomy_run", named=known.get, width=520)
        said = anatomy.told(key, row)
        st.markdown(f"Tuned: *{said}*")
        facts.tell(told=said)

st.header("One choice at a time")
measure = st.segmented_control("Judge by", list(anatomy.MEASURES), format_func=anatomy.MEASURES.get, default="bleu", required=True, key="anatomy_measure", bind="query-params",
                               help="BLEU: how many runs of words agree with the reference, 0 to 100. Facts told: names and values that stand in the sentence. Exact: the whole sentence is right.")
left, right = st.columns(2, gap="large")
for place, name in enumerate(name for name, study in STUDIES.items() if study.lab == "anatomy"):
    with (left, right)[place % 2]:
        anatomy.study(name, measure, link="anatomy")
st.caption("Medians over three repetitions, whiskers and bands are quartiles. Tables of people whom neither the model nor the prefix has met.")
