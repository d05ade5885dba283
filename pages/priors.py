"""Where prompts start and where they end: priors to draw from, posteriors among the words, and whether any of it matters."""

import streamlit as st

from tutor.figures.picture import listed
from tutor.methods import SoftPT
from tutor.studies.embedding_presets import DEEP, PRIORS, RATES, RECIPE
from tutor.studies.language_presets import MODEL, SUMMARY, tuned
from tutor.ui import address, catalog, comparison, embeddings, facts, films, posteriors, prompting
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

st.title("Priors: where prompts start, and where they end")
prose("""A soft prompt is a handful of **vectors** in the space where words are vectors too. Before tuning they are drawn from a *prior*; where tuning leaves them is
the *posterior*. Does it matter where they start? Do they end on words? The small language model learns to sum up people, a task that it has never seen.""")

if catalog.state(MODEL.key()) != "done":
    st.info("The language model is not here yet: run `prompt-tutor study tiny-language`, which trains it in half an hour to an hour.", icon=":material/hourglass_empty:")
    st.stop()

st.header("Draw from a prior")
left, right = st.columns([2, 3], gap="large")
with left:
    wanted = embeddings.prior("priors_prior")
    with st.container(horizontal=True):
        many = int(st.number_input("Vectors", 1, 64, 10, key="priors_many", bind="query-params", width=120))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="priors_seed", bind="query-params", width=140))
        layer = st.segmented_control("Space", range(MODEL.body.layers), default=0, required=True, format_func=lambda n: "words" if n == 0 else f"into layer {n + 1}", key="priors_layer",
                                     bind="query-params", help="Vectors of a soft prompt stand among the embeddings of words; those of a deep prompt also enter the layers above.")
with right, catalog.one_sentence():
    if wanted is not None:
        picture(embeddings.lands(wanted, layer, many, seed), key="priors_drawn", link="priors_drawn")
        posteriors.say(embeddings.ground(layer), embeddings.drawn(wanted, layer, many, seed))
        posteriors.shrunk(wanted, layer)
        facts.tell(prior=wanted.label)
st.caption("Grey: every word of the language, in the two directions in which words differ most. Distances are in radii of that cloud: a word lies about one from its middle.")

st.header("From prior to posterior")
with st.container(horizontal=True, vertical_alignment="bottom"):
    labels = st.multiselect("Priors", list(PRIORS), default=["far region"], key="priors_shown", bind="query-params", width=420, help="Choose one for its whole way, several to compare where they start and end.")
    where = st.selectbox("Vectors of a", list(posteriors.WHERE), key="priors_where", bind="query-params", width=240, help="A deep prompt has vectors of its own before every layer.")
    rate = st.segmented_control("Learning rate", RATES, default=RECIPE.learning_rate, required=True, key="priors_rate", bind="query-params", disabled=where != posteriors.SOFT)
    way = st.segmented_control("Map by", ("PCA", "t-SNE"), default="PCA", required=True, key="priors_by", bind="query-params")
level, found = posteriors.WHERE[where], posteriors.chosen(labels, where, rate)
there = {label: key for label, key in found.items() if catalog.state(key) == "done"}
if len(there) < len(found):
    study = "embedding-collapse" if where == posteriors.SOFT else "priors-move-positions-not-quality"
    st.info(f"Not computed here yet: {', '.join(sorted(found.keys() - there))}. Run `prompt-tutor study {study}`.", icon=":material/hourglass_empty:")
if set(labels) - set(found):
    st.caption(f"Deep prompts were tuned from {listed(list(DEEP))}.")
if there:
    with catalog.one_sentence():
        if way == "t-SNE":
            perplexity = float(st.number_input("Perplexity", 2.0, 60.0, 30.0, 1.0, key="priors_perplexity", bind="query-params", width=160, help="About how many neighbours each vector keeps; the seed is that above."))
            st.warning("On a t-SNE map **distances mean nothing**: only who has whom as a neighbour is kept.")
            picture(embeddings.neighbours_kept(there, level, perplexity, seed), key="priors_way", link="priors", runs=list(there.values())[:6])
        else:
            timeline("priors")
            only = next(iter(there.values())) if len(there) == 1 and not level else None
            frames = films.feed(only, "vectors") if only and embeddings.course(only) else None
            picture(embeddings.among_words(there, level), key="priors_way", link="priors", runs=list(there.values())[:6], frames=frames)
        st.caption("Open markers: where vectors started. Filled: where tuning left them." + (" Those of a single soft prompt move with the slider. The plane is that of the words, so whatever leaves it looks nearer than it is: the numbers below are of all dimensions." if way == "PCA" else ""))
        st.dataframe(posteriors.table(there, level), hide_index=True, height="content", column_config=posteriors.COLUMNS, alt="Where each prompt ended among the words.")

st.header("Does it matter?")
result = comparison.claim("priors-move-positions-not-quality")
if result:
    left, right = st.columns(2, gap="large")
    with left:
        picture(posteriors.race(result), key="priors_race", link="priors_labels", runs=result["keys"][:6])
    with right:
        measure = address.choose("Measure", list(posteriors.MEASURES), "priors_measure", named=posteriors.MEASURES.get, width=320)
        picture(posteriors.bars(result, measure), key="priors_bars", link="priors_labels", runs=result["keys"][:6])
    st.dataframe(posteriors.by_prior(result), hide_index=True, height="content", alt="Loss, speed and place of the prompts from every prior.")
    st.caption("Medians over three repetitions. Cosines are with the nearest word; by chance: of vectors as long in directions such as words have. Steps: until nine tenths of the best run's gain are won. Kept its start: vectors to which no start of their run is nearer than their own; by chance one in thirty, and more where a prior starts several vectors in one place, as chosen words do. Whoever never gets there counts with all 400 steps.")
    facts.tell(**posteriors.told(result))
    with st.expander("What was checked, and the numbers behind it"):
        comparison.checks(result)

st.header("Do vectors collapse onto words?")
result = comparison.claim("embedding-collapse")
if result:
    measure = st.segmented_control("Show", list(posteriors.COLLAPSE), format_func=posteriors.COLLAPSE.get, default="cosine", required=True, key="priors_collapse", bind="query-params")
    picture(posteriors.collapse(result, measure), key="priors_map", runs=result["keys"][:6])
    st.caption("A vector that has collapsed onto a word has a cosine of 1 with it. *By chance*: vectors as long in random directions, any or such as words have. Whatever is not above the latter lies near words only because it lies where words lie. Three repetitions at the middle rate, one or two at the others.")
    prose(posteriors.by_rate(result))
    with st.expander("What was checked"):
        comparison.checks(result)

st.header("Start from where another task ended")
result = comparison.claim("posteriors-as-starting-points")
if result:
    left, right = st.columns(2, gap="large")
    for place, target in ((left, "summaries"), (right, "tables")):
        with place:
            st.markdown(f"**Learning {target}**")
            picture(posteriors.transfer(result, target), key=f"priors_transfer_{target}", runs=result["keys"][:6])
    with st.expander("What was checked"):
        comparison.checks(result)

st.header("Tune one yourself")
prose("Ten vectors from the prior that you have chosen above, tuned for summaries. Watch what they read as while the loss falls.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    own_rate = float(st.number_input("Learning rate", 0.0001, 1.0, RECIPE.learning_rate, format="%g", key="priors_own_rate", bind="query-params", width=160))
    steps = int(st.number_input("Steps", 10, 2000, 300, step=50, key="priors_own_steps", bind="query-params", width=140))
if wanted is not None:
    recipe = RECIPE.model_copy(update={"learning_rate": own_rate, "steps": steps})
    with catalog.one_sentence():
        mine = prompting.own(tuned(SoftPT(length=many, prior=wanted), SUMMARY, recipe, repetitions=1, seed=seed), "priors_own", "Tune this prompt")
        if mine:
            posteriors.say(embeddings.ground(), embeddings.now(mine), **prompting.scores(mine))
with st.container(horizontal=True):
    catalog.link("meaning", "What do these vectors mean?", "translate")
    catalog.link("clusters", "Where tasks live", "scatter_plot")
