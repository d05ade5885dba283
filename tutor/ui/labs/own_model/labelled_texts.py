"""Whether a visitor's own labelled texts lie apart in the model on the desk: asked line by line, read when somebody says so, drawn."""

import weakref
from collections.abc import Callable

import streamlit as st

from tutor import llm
from tutor.analysis import embedding_maps
from tutor.core.threads import fix_threads
from tutor.figures import IntervalValue, TextCloud, distance_map, layer_lines, task_map
from tutor.figures.picture import join_names, pick_evenly
from tutor.llm.label_separation import pair_distances
from tutor.ui.labs.own_model.model_picker import DESK
from tutor.ui.plot import draw_picture
from tutor.ui.shell.sections import section

EXAMPLE = """story: The river was cold and wide that morning.
story: An old man walked slowly to the harbour.
story: She closed the door and went into the garden.
story: Nobody in the village had seen the boat.
story: They ate bread and cheese by the fire.
question: Who wrote the long letter to the king?
question: Where did you leave the keys of the house?
question: Why is the sky blue in the morning?
question: How many people live in this town?
question: When does the last train leave for London?
sum: 3 + 4 = 7 and 5 + 2 = 7
sum: 12 - 9 = 3 and 8 - 6 = 2
sum: 6 * 7 = 42 and 9 * 3 = 27
sum: 40 / 8 = 5 and 18 / 6 = 3
sum: 15 + 16 = 31 and 22 + 9 = 31"""
MEASURES = {"silhouette": "silhouette", "probe": "share of held-out texts named right",
            "distance": "least distance of two centres, in spreads"}
READ = "own_model_groups_read"
BAG = "bag of embeddings"
TICKS = 9


def show_labelled_texts(model: llm.OwnModel) -> None:
    """Draw a field for labelled texts, and the map and separation of those last read."""
    with st.form("own_model_groups", border=False):
        text = st.text_area("Texts: one per line, each after its label", EXAMPLE, key="own_model_groups_text", max_chars=20_000,
                            height=200, help="Such as `story: The river was cold`. Two to four labels, at least four texts of each.")
        if st.form_submit_button("Read them", icon=":material/play_arrow:"):
            st.session_state[READ] = (weakref.ref(model), text or "")
    reader, said = st.session_state.get(READ, (None, ""))
    if reader == weakref.ref(model):
        def kept(asked, work):
            return DESK.kept(model, (said, asked), work)

        with section(), fix_threads():
            with st.spinner("Reading the texts"):
                found = kept("groups", lambda: llm.read_groups(model, said))
                found.measured                                          # noqa: B018 - kept with the texts; takes as long as reading them
            _shown(found, kept)


def _shown(found: llm.LabelledGroups, kept: Callable) -> None:
    """kept: gives what was found out about these texts before, under a name, or finds it out."""
    last = len(found.layers) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = int(st.slider("Layer of the texts", 0, last, last // 2, key=f"own_model_groups_layer_{last}",
                              help="0 is what enters the first layer.", width=320))
        way = st.segmented_control("Map by", ("PCA", "t-SNE"), default="PCA", required=True, key="own_model_groups_map")
        metric = st.segmented_control("Measure", list(MEASURES), default="silhouette", required=True, key="own_model_groups_measure",
                                      help="Silhouette: how much nearer a text is to its own group than to the next, 1 at best. Probe: "
                                           "share of new texts that a linear classifier names right. Distance: of the two "
                                           "nearest centres.")
    left, right = st.columns(2, gap="large")
    with left, section():
        st.markdown(f"**The texts, layer {layer}**")
        draw_picture(_map(found, layer, way, kept), key="own_model_groups_map_picture", link="own_model_groups")
    with right:
        st.markdown("**How far apart, layer by layer**")
        draw_picture(_layers(found, metric, layer), key="own_model_groups_layers")
    st.markdown(describe_separation(found, layer))
    st.caption("A text is the mean of its states behind all of its tokens but the first. Whiskers and the band: 95 % bootstrap intervals "
               "over texts. Controls: labels dealt out anew a hundred times, with where 95 % of them lie, and a bag of embeddings, which "
               "sees words and no context: separation counts only beyond both. Texts of different length or place differ by that alone; "
               "give lines of similar length and place.")
    with st.expander("How far every two labels lie apart"):
        pairs = kept(("pairs", layer), lambda: {pair: _measured(one) for pair, one in pair_distances(found, layer).items()})
        draw_picture(distance_map(found.names, pairs), key="own_model_groups_pairs")


def _map(found: llm.LabelledGroups, layer: int, way: str, kept: Callable):
    rows = found.layers[layer]
    if way == "PCA":
        plane = embedding_maps.fit_plane(rows)
        return task_map(TextCloud(plane.flat(rows), found.labels, found.names, plane.axes), hulls=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        most = float(max(2, len(rows) // 4))
        perplexity = float(st.number_input("Perplexity", 2.0, most, min(5.0, most), 1.0, key=f"own_model_groups_perplexity_{most:.0f}",
                                           width=140, help="About how many neighbours each text keeps."))
        seed = int(st.number_input("Seed of the map", 0, 2**31 - 1, 42, key="own_model_groups_seed", width=140))
    st.warning("On a t-SNE map **distances mean nothing**; only neighbours are kept.")
    points = kept(("tsne", layer, perplexity, seed), lambda: embedding_maps.map_by_tsne(rows, perplexity=perplexity, seed=seed))
    return task_map(TextCloud(points, found.labels, found.names, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")), hulls=False)


def _layers(found: llm.LabelledGroups, metric: str, layer: int):
    series = {name: {n: _measured(one[metric]) for n, one in enumerate(layers)} for name, layers in found.measured.items()}
    drawn = layer_lines(series, measure=MEASURES[metric], level={BAG: _measured(found.words[metric])},
                        chance=1 / len(found.names) if metric == "probe" else None, chosen=layer)
    drawn.drawing.x(tickvals=pick_evenly(len(found.layers), TICKS).tolist())
    return drawn


def _measured(one) -> IntervalValue:
    return IntervalValue(one.value, *one.interval)


def describe_separation(found: llm.LabelledGroups, layer: int) -> str:
    """Compare in a sentence the silhouette of the labels in one layer with shuffled labels and with words alone."""
    mine, chance, words = (one["silhouette"] for one in (found.measured["this model"][layer], found.measured["shuffled labels"][layer],
                                                         found.words))
    said = [f"{_than(mine, other)} than {name} ({other.value:.2f})"
            for name, other in (("labels dealt out anew", chance), ("the words alone", words))]
    return (f"In layer {layer} the labels have a silhouette of **{mine.value:.2f}** ({mine.interval[0]:.2f} to {mine.interval[1]:.2f}): "
            f"{join_names(said)}.")


def _than(mine, other) -> str:
    """Whether one measured number is beyond another's interval with its own whole interval."""
    return ("clearly more" if mine.interval[0] > other.interval[1] else "clearly less"
            if mine.interval[1] < other.interval[0] else "not clearly more")
