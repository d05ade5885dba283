"""Where tasks live inside a network: clusters of texts beside their controls, and the way of a sentence through the space."""

import streamlit as st

from tutor.measure.clusters import READINGS
from tutor.studies import STUDIES
from tutor.studies.language_presets import MODEL
from tutor.ui import catalog, clusters, comparison, facts
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("Clusters: where tasks live inside a network")
prose("""The small language model reads stories, questions about facts, sentences with gaps, and sums. Each text becomes a point in the space of its states. Do texts
of **one task** lie together, and **distant tasks** far apart? Words alone tell sums from stories, so every number stands beside a network that was
**never trained** and beside a **bag of embeddings**, which sees words and no context.""")

catalog.needs_language_model()

with st.container(horizontal=True, vertical_alignment="bottom"):
    layer = st.segmented_control("Layer", range(1, MODEL.body.layers + 1), default=1, required=True, key="clusters_layer", bind="query-params", help="The residual stream after this block.")
    reading = st.segmented_control("A text is", READINGS, default="mean", required=True, key="clusters_reading", bind="query-params",
                                   help="The mean of the states after all of its words, or the one state after its last full stop: there word and place are the same in all texts, so that only what came before can tell them apart.")
    control = st.segmented_control("Beside it", (clusters.BAG, clusters.UNTRAINED), default=clusters.BAG, required=True, key="clusters_control", bind="query-params")
    way = st.segmented_control("Map by", ("PCA", "t-SNE"), default="PCA", required=True, key="clusters_map", bind="query-params")
if way == "t-SNE":
    with st.container(horizontal=True, vertical_alignment="bottom"):
        perplexity = float(st.number_input("Perplexity", 2.0, float(clusters.EACH), 30.0, 1.0, key="clusters_perplexity", bind="query-params", width=160, help="About how many neighbours each text keeps."))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 42, key="clusters_seed", bind="query-params", width=160))
    st.warning("On a t-SNE map **distances mean nothing**: neither how far two clusters lie apart nor how wide one is. Only who has whom as a neighbour is kept.")
places = st.columns(2, gap="medium")


def maps() -> None:
    """The trained network's texts, and the control's beside them."""
    for place, who in zip(places, (clusters.TRAINED, control), strict=True):
        with place, catalog.one_sentence():
            st.markdown(f"**{clusters.SHOWN[who][:1].upper()}{clusters.SHOWN[who][1:]}**" + ("" if who == clusters.BAG else f", layer {layer}"))
            drawn = clusters.mapped(who, layer, reading) if way == "PCA" else clusters.embedded(who, layer, reading, perplexity, seed)
            picture(drawn, key=f"clusters_map_{who}", link="clusters", runs=[MODEL.key()])


if way == "PCA":
    maps()
st.caption(f"One dot per text, {clusters.EACH} held-out texts of each task, 96 words long each, so that neither length nor position gives a task away. Point at one: the same text lights up on the other side. "
           "Each map has axes of its own." + (" Sums fall in two groups: answered at once, and in worked steps." if reading == "mean" else "") + (" Ellipses end two standard deviations from a task's centre." if way == "PCA" else ""))

st.header("How far apart, beyond what words give away?")
found = comparison.claim("task-clusters")
if found:
    prose(clusters.finding(found, reading))
    if reading != clusters.JUDGED:
        st.caption(f"The verdict above is not about this reading: its bounds were set for the **{clusters.JUDGED}** over each text, before anything was measured. What is said here of the {reading} was measured beside it and may differ.")
    left, right = st.columns(2, gap="large")
    with left:
        metric = st.segmented_control("Measure", list(clusters.OF), default="silhouette", required=True, key="clusters_measure", bind="query-params",
                                      help="Silhouette: how much nearer a text is to its own group than to the next, 1 at best. Probe: texts that a straight cut names right, of texts it has not seen. Distance: of the tasks' centres.")
        of = st.segmented_control("Of", clusters.OF[metric], default=clusters.OF[metric][0], required=True, key=f"clusters_of_{metric}", bind="query-params")
        picture(clusters.separation(found, metric, of, reading, layer), key="clusters_separation", link="clusters_layers", runs=found["keys"])
    with right:
        st.markdown(f"**How far every two tasks lie apart**, trained network, layer {layer}")
        picture(clusters.pairs(found, reading, layer), key="clusters_pairs", runs=found["keys"])
    st.caption("200 other texts of each task. Whiskers, bands and ranges: 95 % bootstrap intervals over texts; they say nothing about other networks, of which this is one, and one untrained. "
               "One spread is how far a text lies from its own task's centre (root mean square). The bag reads whole texts whatever a text is above; the shaded layer is the one of the maps.")
    with st.expander("What was checked, with bounds that were set before anything was measured"):
        comparison.checks(found)
        st.caption(f"All of it on the {clusters.JUDGED} over each text, whatever a text is above. In brackets: quartiles over bootstrap samples. {STUDIES['task-clusters'].source}.")

st.header("The way of a sentence")
prose("""Type a sentence in the words of the language, and follow it **word by word** over a cloud of single states. Then the network goes on by itself. Does a sentence glide
through the space, or **jump**? A step of one is as far as two states taken at random are apart.""")
text = st.text_input("A sentence", clusters.EXAMPLE, key="clusters_sentence", bind="query-params", max_chars=500, help=f"At most {clusters.LONGEST} words of the made-up language, such as names, towns, foods, pets, numbers.")
with catalog.one_sentence():
    words = clusters.said(text or "")
    more = clusters.going_on(words)
    over, bars, steps = clusters.way(words, more, layer)
    mine, its = steps[: len(words) - 1], steps[len(words) - 1 :]
    facts.tell(layer=layer, words=len(words), written=clusters.decode(more), step_generated=float(its.mean()))
    if len(mine):
        facts.tell(step_given=float(mine.mean()))
    st.markdown(f"The network goes on: *{clusters.decode(more)}*")
    lots = clusters.out_of_order(words, more, layer)
    with st.container(horizontal=True):
        for name, steps_of, lot in (("Mean step of your words", mine, lots[0]), ("Mean step of the network's", its, lots[1])):
            st.metric(name, f"{steps_of.mean():.2f}" if len(steps_of) else "one word takes no step", f"in random order {lot:.2f}" if len(steps_of) else None, delta_color="off", delta_arrow="off", border=True,
                      help=f"In random order: the same words, shuffled, a mean over {clusters.ORDERS} orders. Only a step that differs from it says anything about the sentence.")
    st.caption("On the map words are named where there is room; point at the others.")
    picture(over, key="clusters_way", link="clusters_words", runs=[MODEL.key()])
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**Word by word**")
        picture(bars, key="clusters_steps", link="clusters_words", runs=[MODEL.key()])
    with right:
        if found:
            st.markdown("**Over 200 stories**")
            picture(clusters.story_jumps(found, layer), key="clusters_jumps", link="clusters_layers", runs=found["keys"])
    st.caption("Distances are measured in all dimensions, not on the map. Right: steps among the 16 words behind the first eight of held-out stories, as they were told and as the network tells them, with 95 % "
               "intervals over stories. *Embeddings alone*: the same words without context. Whoever is never trained hardly jumps, because the slowly turning positions are most of its state.")

if way == "t-SNE":                                  # takes seconds, for which nothing else on the page has to wait
    maps()
