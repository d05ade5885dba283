"""Is a retriever just doing prompt tuning? One question followed, the verdict and its causes, the map of dials, and pipelines with one's own."""

import streamlit as st

from tutor.ui import address, catalog, comparison, diagnosing, facts, reports, retrieval, retrieval_causes, retrieval_dials
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("Retriever doctor: does it retrieve?")
prose("""A retrieval pipeline puts what it found in a **store** in front of a frozen language model. If the loss falls, did it find the right thing? Or did it learn a few vectors that
help whatever is asked, a **soft prompt** in disguise? Here is a small pipeline of which everything can be seen. It is built in the spirit of *Your Retriever Is Just Doing
Prompt Tuning*, whose own pipeline is not published.""")

catalog.needs_language_model()
known, key = retrieval.pipelines(), None

st.header("One question, followed")
prose("""The store of the study holds 2,000 sentences: five facts about each of 400 people. The language model has met most of these names, each time with other facts, so it cannot know these. A **query encoder** turns the question into a vector; the entries nearest to it
are **found** and mixed by their weights; a **curator** reads the mixture; a **projection** makes four vectors of it, which stand in front of the question. All three are trained through the frozen model. The questions here
were never trained on.""")
if not known:
    st.info(f"No pipeline is trained here yet: run `{retrieval.COMMAND}`, or train one below.", icon=":material/hourglass_empty:")
else:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = address.choose("Pipeline", list(known), "retriever_run", named=known.get, width=360)
        asked = retrieval.asked(key)
        number = address.choose("Question", list(asked), "retriever_question", named=asked.get, width=360)
    with catalog.one_sentence():
        way = retrieval.followed(key, int(number))
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Found in the store**")
            st.dataframe(retrieval.sentences(way), hide_index=True, height="content", column_config=retrieval.FOUND, alt="The sentences found, with their weights.")
        with right:
            st.markdown(f"**What the network answers** (true: *{way.truth}*)")
            picture(retrieval.answers(way), key="retriever_answers", runs=[key])
        st.caption("Store shuffled: every entry is found as before, but says what another one says. Soft prompt: four vectors, the same for every question. True sentence read: the fact itself as text before the question, for reference.")

st.header("The verdict")
prose("""The diagnosis asks questions that were never trained on. How much of the **gain** in loss stays when the store is shuffled? If all of it stays, the content did not matter. If none, the pipeline retrieves. Each
repetition has other embeddings and another start.""")
if key:
    with catalog.one_sentence():
        found = retrieval.reports(key)
        dials = catalog.info(key).spec.method
        facts.tell(pipeline=known[key], density=dials.density, quality=dials.quality, **retrieval.told(found))
        reports.show(found, "retriever_reports", runs=[key])

st.header("Why it happens")
st.subheader("A dense store: everything is near everything")
prose("""Turn the dials of a store. Nothing is trained: the encoder searches as the store was embedded. As the store gets **denser**, the right entry is found almost as often as before, but at a fixed temperature the weight is shared
among all its neighbours, and what is found says a little of everything. A smaller temperature undoes that; somebody has to turn it.""")
dials = retrieval_dials.store_dials("retriever_store")
if dials:
    with catalog.one_sentence():
        retrieval_dials.crowding(dials)

st.subheader("A constant is found first")
prose("""One vector for all questions is a simpler function than one for each. Training finds it first. Whether it goes on to find the content depends on how clearly the store speaks.""")
if key:
    left, right = st.columns(2, gap="large")
    with left, catalog.one_sentence():
        st.markdown("**On the way**")
        picture(retrieval_causes.course(key), key="retriever_course", runs=[key])
        st.caption("Median over the repetitions, bands from the least to the most. *Its constant alone*: the mean of its own vectors over 64 questions, put in front of each of them.")
    with right, catalog.one_sentence():
        st.markdown("**At the end: the loss all around**")
        picture(retrieval_causes.surface(key), key="retriever_surface", runs=[key])
        st.caption("In front of each question stands a × the mean of all contexts + b × what is its own. Contours are losses in nats, greener is less. The way that training took is not drawn: contexts on the way are not kept.")

st.subheader("How much of the signal reaches the encoder")
prose("The gradient enters at the projection, goes through the curator and reaches the encoder last. Where all entries found weigh the same, hardly any of it says which one would have been better; where one stands out, the encoder gets as much as the others.")
if key:
    with catalog.one_sentence():
        if norms := retrieval_causes.norms(key):
            picture(norms, key="retriever_norms", runs=[key])

st.header("Map of verdicts")
prose("""Each cell is a pipeline trained three times with this density and quality. In it stand the verdict and the share of the gain that the shuffled
store keeps; below zero it does harm. All of them had 500 steps, and every cell the same three seeds. Blue: the gain needs the right entries. Orange: it does not. Click a cell to see its training.""")
with catalog.one_sentence():
    drawn, cells = retrieval_causes.phases()
    if len(cells) < len(retrieval_causes.MAP):
        st.info(f"{len(retrieval_causes.MAP) - len(cells)} of {len(retrieval_causes.MAP)} cells are not computed here: run `{retrieval.COMMAND}`.", icon=":material/hourglass_empty:")
    if drawn:
        left, right = st.columns([3, 2], gap="large")
        with left:
            retrieval_dials.pinned(picture(drawn, key="retriever_map", runs=list(cells.values())[:6]), "retriever_cell")
        with right:
            cell = address.choose("Cell", list(cells), "retriever_cell", named=str, width=320)
            picture(retrieval_causes.course(cells[cell]), key="retriever_cell_course", runs=[cells[cell]])
        st.caption(f"✓ retrieves, ◐ partly, ✗ a soft prompt in disguise, ? inconclusive: the verdict of more than half of the repetitions; where there is none, ?. \\* Not all repetitions agree: point at the cell to see each. Recompute it with `{retrieval.COMMAND}`.")

st.header("Which stage earns the gain?")
prose("""Hold one stage at its start, train the others, and see what gain is lost. That is the evidence. How large the gradient was at a stage is only a hint: a large one may come from a stage that could have stayed as it was.""")
with catalog.one_sentence():
    retrieval_dials.stages()

st.header("Turn the dials yourself")
prose("Train a pipeline with dials of your own and watch when its curves part. Where they never do, the content was never used. Then see its diagnosis.")
spec = retrieval_dials.own_dials("retriever_own")
if spec:
    with catalog.one_sentence():
        if mine := retrieval_dials.own(spec, "retriever_own"):
            retrieval_dials.placed(mine)

st.header("Your pipeline")
diagnosing.your_pipeline()

st.header("The claim, and what was measured")
if result := comparison.claim("retriever-or-prompt"):
    retrieval_dials.measured(result)
