"""Where prompts start and where they end: priors to draw from, posteriors among the words, and whether any of it matters."""

import streamlit as st

from tutor.studies.embedding_presets import PRIORS, RATES, RECIPE
from tutor.studies.language_presets import MODEL
from tutor.studies.transfers import TARGETS
from tutor.ui import address, catalog, comparison, embeddings, facts, films, maps, own_prior, posteriors, spreads, standing
from tutor.ui.frame import prose
from tutor.ui.picture import picture, timeline

st.title("Priors: where prompts start, and where they end")
prose("""A soft prompt is a handful of **vectors** in the space where words are vectors too. Before tuning they are drawn from a *prior*; where tuning leaves them is
the *posterior*. Does it matter where they start? Do they end on words? The small language model learns to sum up people, a task that it has never seen.""")

catalog.needs_language_model()

st.header("Draw from a prior")
left, right = st.columns([2, 3], gap="large")
with left:
    wanted = embeddings.prior("priors_prior")
    with st.container(horizontal=True):
        many = int(st.number_input("Vectors", 1, 64, 10, key="priors_many", bind="query-params", width=120))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="priors_seed", bind="query-params", width=140))
        layer = st.segmented_control("Space", range(MODEL.body.layers), default=0, required=True, format_func=lambda n: "words" if n == 0 else f"into layer {n + 1}", key="priors_layer",
                                     bind="query-params", help="Vectors of a soft prompt stand among the embeddings of words; those of a deep prompt also enter the layers above.")
    more = st.multiselect("Words in texts of", list(maps.TEXTS), key="priors_texts", bind="query-params", placeholder="also show", help="What words become in texts of a task. Texts to which a prior is fitted are always shown.")
with right, catalog.one_sentence():
    if wanted is not None:
        around = tuple(name for name in maps.TEXTS if name in {*more, *maps.fitted_to(wanted)})
        picture(maps.lands(wanted, layer, many, seed, around), key="priors_drawn", link="priors_drawn")
        picture(maps.away(wanted, layer, many, seed, around), key="priors_away", link="priors_drawn")
with catalog.one_sentence():
    if wanted is not None:
        posteriors.say(embeddings.ground(layer), embeddings.drawn(wanted, layer, many, seed))
        standing.shrunk(wanted, layer)
        facts.tell(prior=wanted.label)
st.caption("Grey: every word of the language" + (", read alone" if layer else "") + ". The map has the two directions in which " + ("they and the texts" if layer and around else "words") + " differ most, so what lies far off in others looks near; the rows under it have the distances in all dimensions. One radius is how far a word lies from the middle.")

st.header("From prior to posterior")
labels = st.multiselect("Priors", list(PRIORS), default=["far region"], key="priors_shown", bind="query-params", help="Choose one for its whole way, several to compare where they start and end.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    where = st.selectbox("Vectors of a", list(posteriors.WHERE), key="priors_where", bind="query-params", width=240, help="A deep prompt has vectors of its own before every layer.")
    rate = st.segmented_control("Learning rate", RATES, default=RECIPE.learning_rate, required=True, key="priors_rate", bind="query-params", disabled=where != posteriors.SOFT)
    more = st.multiselect("Words in texts of", list(maps.TEXTS), key="priors_map_texts", bind="query-params", placeholder="also show", width=300)
    way = st.segmented_control("Map by", ("PCA", "t-SNE"), default="PCA", required=True, key="priors_by", bind="query-params")
level, found = posteriors.WHERE[where], posteriors.chosen(labels, where, rate)
there = {label: key for label, key in found.items() if catalog.state(key) == "done"}
if len(there) < len(found):
    study = "embedding-collapse" if where == posteriors.SOFT else "priors-move-positions-not-quality"
    st.info(f"Not computed here yet: {', '.join(sorted(found.keys() - there))}. Run `prompt-tutor study {study}`.", icon=":material/hourglass_empty:")
if there:
    with st.container(), catalog.one_sentence():                      # a box of its own, which the timeline does not leave
        around, drawn = maps.texts_of(there, level, more), list(there.values())[:6]
        if way == "t-SNE":
            maps.by_neighbours(there, level, "priors")
        else:
            timeline("priors")
            only = next(iter(there.values())) if len(there) == 1 and not level else None
            frames = films.feed(only, "vectors") if only and embeddings.course(only) else None
            picture(maps.among_words(there, level, around), key="priors_way", link="priors", runs=drawn, frames=frames)
    with catalog.one_sentence():
        picture(maps.gone(there, level, around), key="priors_gone", link="priors", runs=drawn)
        moving = "" if way == "t-SNE" else "; those of a single soft prompt move with the slider"
        st.caption(f"Open markers: where vectors started. Filled: where tuning left them{moving}. Small and faint: where the vectors of other repetitions ended, which were drawn anew. The rows under the map have the distances in all dimensions.")
        spreads.show(standing.table(there, level), "Where each prompt ended among the words.")
        prose(standing.verdicts(there, level))

st.header("Does it matter?")
result = comparison.claim("priors-move-positions-not-quality")
if result:
    prose(posteriors.speeds(result))
    picture(posteriors.race(result), key="priors_race", link="priors_labels", runs=result["keys"][:6])
    measure = address.choose("Measure", list(posteriors.MEASURES), "priors_measure", named=posteriors.MEASURES.get, width=320)
    picture(posteriors.dots(result, measure), key="priors_bars", link="priors_labels", runs=result["keys"][:6])
    if measure in posteriors.GEOMETRY:
        st.caption("Of a deep prompt only its vectors in the space of words are measured here, not those that enter the layers above.")
    spreads.tables(result)
    prose(posteriors.controls(result))
    facts.tell(**posteriors.told(result))
    with st.expander("What was checked, and the numbers behind it"):
        comparison.checks(result)

st.header("Do vectors collapse onto words?")
result = comparison.claim("embedding-collapse")
if result:
    measured = {row["metric"] for row in result["rows"]}
    measure = address.choose("Show", [name for name in posteriors.COLLAPSE if name in measured], "priors_collapse", named=posteriors.COLLAPSE.get, width=360)
    picture(posteriors.collapse(result, measure), key="priors_map", runs=result["keys"][:6])
    st.caption("A vector that has collapsed onto a word has a cosine of 1 with it, and no distance. Draws that lie as words do, with their mean and covariance, are near words without being any: only what is nearer than these approaches words. "
               f"A cell has its median and its quartiles, over {spreads.repetitions(result, (row['method'] for row in result['rows']))} runs.")
    prose(posteriors.by_rate(result))
    with st.expander("What was checked"):
        comparison.checks(result)

st.header("Start from where another task ended")
result = comparison.claim("posteriors-as-starting-points")
if result:
    columns = st.columns(2, gap="large")
    for place, target in enumerate(TARGETS):
        with columns[place % 2]:
            st.markdown(f"**Learning {target}**")
            picture(posteriors.transfer(result, target), key=f"priors_transfer_{target}", runs=result["keys"][:6])
    spreads.show(spreads.transfers(result), "What was measured from every start.")
    st.caption(f"Medians (quartiles). Shuffled: the tuned vectors in another order. Redrawn: others with their mean and covariance. Steps: to nine tenths of the best start's gain, without those of the first task; over {RECIPE.steps} where that was never reached.")
    with st.expander("What was checked"):
        comparison.checks(result)

st.header("Tune one yourself")
prose(f"{many} {'vector' if many == 1 else 'vectors'} from the prior that you have chosen above, tuned for summaries. Watch what they read as while the loss falls.")
own_prior.tune(wanted, many, seed, "priors_own")
with st.container(horizontal=True):
    catalog.link("meaning", "What do these vectors mean?", "translate")
    catalog.link("clusters", "Where tasks live", "scatter_plot")
