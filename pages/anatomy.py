"""What makes a prefix work, taken apart one choice at a time, on a small language model that reads tables and facts."""

import streamlit as st

from tutor.sources.language.documents import ROWS
from tutor.sources.language.words import FIRST, LAST, PERSON
from tutor.studies import STUDIES
from tutor.studies.language_presets import MODEL
from tutor.ui import address, anatomy, catalog, facts, findings, own_prefix, telling
from tutor.ui.frame import prose

st.title("Anatomy of a prefix")
prose("""A small language model was trained on a made-up world: stories, facts and questions, sums, tables. It tells tables in five ways. A prefix now has to
bring it to tell them in a **sixth** way, which it has never seen, and nothing else may change. Which choices matter?""")

catalog.needs_language_model()

st.header("Have your own table told")
columns = st.columns(6)
first = columns[0].selectbox("first name", FIRST, key="anatomy_first", bind="query-params")
last = columns[1].selectbox("last name", LAST, key="anatomy_last", bind="query-params")
cells = [column.selectbox(name, PERSON[name], key=f"anatomy_{name}", bind="query-params") for column, name in zip(columns[2:], ROWS[1:], strict=True)]
row = (f"{first} {last}", *cells)
known, apart = telling.writers(), None
with catalog.one_sentence():
    st.markdown(f"Untuned: *{telling.told(MODEL.key(), row)}*")
    if known:
        key = address.choose("Tuned as in", list(known), "anatomy_run", named=known.get, width=620)
        said, on = telling.told(key, row), catalog.info(key).spec.on
        wrong = telling.mistakes(said, row, on)
        st.markdown(f"Tuned: {telling.marked(said, row)}" + (f"  \nWrong: {', '.join(wrong)}." if wrong else "  \nEvery fact is right."))
        apart = st.empty()
        facts.tell(told=said, wrong=len(wrong))

st.header("Tune one of your own")
spec = own_prefix.asked()
if spec:
    own_prefix.watched(spec)

st.header("One choice at a time")
prose(f"""A prefix learns the new **form** first, and then to look up the **facts**, one after another and suddenly. A fact that it does not look up is a guess
among {findings.VALUES}. That is why so many results stand on the same few stairs: dotted lines show what guessing one fact, or two, would score.""")
measure = st.segmented_control("Judge by", list(anatomy.MEASURES), format_func=anatomy.MEASURES.get, default="bleu", required=True, key="anatomy_measure", bind="query-params",
                               help="BLEU: how many runs of words agree with the reference, 0 to 100. Facts told: names and values that stand in the sentence. Exact: the whole sentence is right.")
names = sorted((name for name, study in STUDIES.items() if study.lab == "anatomy"), key="tiny-language".__eq__)          # the network itself comes last
for place in range(0, len(names), 2):
    for column, name in zip(st.columns(2, gap="large"), names[place:place + 2], strict=False):
        with column:
            anatomy.study(name, measure, link="anatomy")
st.caption("Bars and lines: medians over three repetitions; rings: each of them, with another start and other data. Tables of people whom neither the model nor the prefix has met.")
if apart:
    with apart, catalog.one_sentence():          # last, because many sentences are written for it
        st.caption(telling.right_in_words(telling.facts_right(key)) + " The score is that of the prefix that speaks here, the first of its repetitions.")
