"""What the Clusters page asks of the language model and of its study, kept between reruns; and the pictures of both."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from jaxtyping import Float

from tutor.analysis import embedding_maps
from tutor.core.rng import stream
from tutor.core.threads import fix_threads
from tutor.figures import IntervalValue, Picture, SentencePath, TextCloud, distance_map, layer_lines, sentence_path, step_bars, task_map
from tutor.figures.picture import join_names
from tutor.measure import cluster_scores, step_sizes
from tutor.measure.cluster_scores import NAMES
from tutor.sources.language import decode
from tutor.sources.language.typed import parse_words
from tutor.studies.language_presets import MODEL
from tutor.studies.row_fields import find, select
from tutor.studies.task_clusters import APART, BAG, SHUFFLED, TOGETHER, TRAINED, UNTRAINED
from tutor.ui.run_views import cached_states

TEXTS_PER_TASK = 60
"""Texts of each task on the map."""
AROUND = 12
"""Texts of each task whose single words make the cloud that a sentence walks over."""
MAX_WORDS, MORE = 40, 16
"""Words of a sentence that are read, and words that the network adds to it at most."""
ORDERS = 20
"""Random orders of a sentence's words, of which the mean is the control of its steps."""
EXAMPLE = "one morning anna miller walked to norwick and met ben fox ."
NETWORK_NAMES = {TRAINED: "trained network", UNTRAINED: "untrained network", BAG: "bag of embeddings"}
OF = {"silhouette": (APART, TOGETHER, "all four"), "probe": (APART, TOGETHER, "all four"),
      "distance": (cluster_scores.TO_SUMS, cluster_scores.AMONG)}
"""What each measure can be asked about."""
STUDY_READING = "mean"
"""The reading that the bounds of the study were set for."""
POOLED = {"mean": "on the mean over each text", "full stop": "after one full stop, where word and place are the same in all texts"}
GROUPS = {APART: 2, TOGETHER: 3, "all four": 4}
LARGE = {"max_entries": 16, "show_spinner": "Reading the texts ..."}


@st.cache_resource(max_entries=2, show_spinner=False)
def load_texts(reading: cluster_scores.TextReading = "mean") -> cluster_scores.LabelledTexts:
    """Sample the labelled texts of the map, once per process."""
    return cluster_scores.sample_texts(TEXTS_PER_TASK, reading)


@st.cache_resource(max_entries=1, show_spinner=False)
def _untrained():
    return embedding_maps.build_untrained(MODEL)


def _network(who: str):
    return _untrained() if who == UNTRAINED else cached_states.load_network(MODEL.key())


@st.cache_resource(**LARGE)
def _vectors(who: str, reading: cluster_scores.TextReading) -> Float[np.ndarray, "L1 N D"]:
    with fix_threads():
        return cluster_scores.text_vectors(_network(who), load_texts(reading).tokens, reading)


def load_vectors(who: str, layer: int, reading: cluster_scores.TextReading) -> Float[np.ndarray, "N D"]:
    """One vector per text.

    Parameters
    ----------
    who
        TRAINED, UNTRAINED or BAG; a bag of embeddings has no layers.
    """
    return cluster_scores.bag_of_embeddings(_network(TRAINED), load_texts(reading).tokens) if who == BAG else _vectors(who, reading)[layer]


@st.cache_data(max_entries=64, show_spinner=False)
def draw_pca_map(who: str, layer: int, reading: cluster_scores.TextReading) -> Picture:
    """Draw the texts on their first two principal components."""
    plane = embedding_maps.fit_plane(load_vectors(who, layer, reading))
    return task_map(TextCloud(plane.flat(load_vectors(who, layer, reading)), load_texts(reading).labels, NAMES, plane.axes))


@st.cache_data(max_entries=64, show_spinner="t-SNE is arranging the texts, for some seconds ...")
def draw_tsne_map(who: str, layer: int, reading: cluster_scores.TextReading, perplexity: float, seed: int) -> Picture:
    """Draw the texts by t-SNE.

    Raises
    ------
    ValueError
        Where the perplexity does not fit the number of texts.
    """
    with fix_threads():
        points = embedding_maps.map_by_tsne(load_vectors(who, layer, reading), perplexity=perplexity, seed=seed)
    return task_map(TextCloud(points, load_texts(reading).labels, NAMES, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")), hulls=False)


def describe_separation(found: dict, reading: cluster_scores.TextReading) -> str:
    """Describe the study's measurements of one reading in two sentences."""
    layers = range(1, MODEL.body.layers + 1)

    def of(metric: str, of: str, layer: int, who: str = TRAINED) -> float:
        return find(found["rows"], metric=metric, of=of, reading=reading, states=who, layer=None if who == BAG else layer)["value"]

    def where(holds: Callable[[int], bool]) -> str:
        kept = [str(layer) for layer in layers if holds(layer)]
        return "**in every layer**" if len(kept) == len(layers) else f"**in layer {join_names(kept)}**" if kept else "**in no layer**"

    farther = where(lambda n: of("distance", cluster_scores.TO_SUMS, n) > of("distance", cluster_scores.AMONG, n))
    idle, words = (where(lambda n, who=who: of("silhouette", APART, n) > of("silhouette", APART, n, who)) for who in (UNTRAINED, BAG))
    together = where(lambda n: of("silhouette", TOGETHER, n) <= 0.25)
    return (f"Measured {POOLED[reading]}: sums lie farther from the other tasks than these from each other {farther}, and stories, "
            f"questions and gaps are one cluster {together}. Language and sums are better apart than in the untrained network {idle}, and "
            f"than the words alone have them {words}.")


def draw_separation(found: dict, metric: str, of: str, reading: str, layer: int) -> Picture:
    """Draw one measure of separation over the layers, beside its controls."""
    series, level = _series(select(found["rows"], metric=metric, of=of, reading=reading))
    unit = {"silhouette": "silhouette", "probe": "share of texts named right", "distance": "distance of centres, in spreads"}[metric]
    return layer_lines({name: series[name] for name in (TRAINED, UNTRAINED, SHUFFLED)}, measure=unit, level=level,
                       chance=1 / GROUPS[of] if metric == "probe" else None, chosen=layer)


def draw_distances(found: dict, reading: str, layer: int) -> Picture:
    """Draw the distance between every two tasks in one layer of the trained network."""
    rows = {row["fields"]["of"]: _measured(row) for row in select(found["rows"], metric="distance", states=TRAINED, layer=layer,
                                                                  reading=reading)}
    pairs = [(one, other) for place, one in enumerate(NAMES) for other in NAMES[place + 1 :]]
    return distance_map(NAMES, {pair: rows[cluster_scores.between(*pair)] for pair in pairs})


def draw_story_jumps(found: dict, layer: int) -> Picture:
    """Draw the mean steps of given and generated stories over the layers, beside the untrained network and embeddings alone."""
    series, level = _series(select(found["rows"], metric="jump"))
    return layer_lines(series, measure="mean step (1: as far as chance)", level=level, chosen=layer)


def _series(rows: Sequence[dict]) -> tuple[dict[str, dict[int, IntervalValue]], dict[str, IntervalValue]]:
    series, level = {}, {}
    for row in rows:
        states, layer = row["fields"]["states"], row["fields"]["layer"]
        if layer is None:
            level[states] = _measured(row)
        else:
            series.setdefault(states, {})[layer] = _measured(row)
    return series, level


def _measured(row: dict) -> IntervalValue:
    return IntervalValue(row["value"], *row["interval"])


def parse_sentence(text: str) -> tuple[int, ...]:
    """Parse a visitor's sentence into word ids.

    Raises
    ------
    ValueError
        Where a word is not in the language, or there are none or more than MAX_WORDS.
    """
    return parse_words(text, MAX_WORDS)


@st.cache_data(max_entries=256, show_spinner=False)
def continue_words(words: tuple[int, ...]) -> tuple[int, ...]:
    """Let the network continue these words, by at most MORE words; it ends with `end` if the document does."""
    with fix_threads():
        return embedding_maps.continue_words(_network(TRAINED), words, MORE)


@st.cache_resource(max_entries=2, show_spinner=False)
def _words(who: str) -> step_sizes.WordStates:
    kept = np.arange(TEXTS_PER_TASK * len(NAMES)) % TEXTS_PER_TASK < AROUND
    with fix_threads():
        return step_sizes.word_states(_network(who), load_texts().tokens[kept])


@st.cache_data(max_entries=256, show_spinner="Shuffling the words ...")
def measure_shuffled_steps(words: tuple[int, ...], more: tuple[int, ...], layer: int) -> tuple[float, float]:
    """Mean steps of the same words in random order, as a control for `draw_sentence_path`.

    Returns
    -------
    tuple
        Mean step of the given words (NaN for a single word), and of the network's words after them, each shuffled separately.
    """
    rng, far = stream(0, "out of order"), step_sizes.chance_distance(_words(TRAINED).states[layer])
    with fix_threads():
        found = [step_sizes.step_lengths(step_sizes.sentence_states(_network(TRAINED),
                                                  (*rng.permutation(words).tolist(), *rng.permutation(more).tolist()))[layer]) / far
                 for _ in range(ORDERS)]
    steps = np.stack(found)
    given = steps[:, : len(words) - 1]
    return float(given.mean()) if given.size else float("nan"), float(steps[:, len(words) - 1 :].mean())


@st.cache_data(max_entries=64, show_spinner=False)
def draw_sentence_path(words: tuple[int, ...], more: tuple[int, ...], layer: int) -> tuple[Picture, Picture, Float[np.ndarray, " S"]]:
    """Draw a sentence's path through the states of single words.

    Returns
    -------
    tuple
        The path, its steps as bars, and the length of each step (1: the distance of two states by chance).
    """
    around, every = _words(TRAINED), (*words, *more)
    with fix_threads():
        states = step_sizes.sentence_states(_network(TRAINED), every)[layer]
    plane, names = embedding_maps.fit_plane(around.states[layer]), decode(every).split()
    labels = around.texts // AROUND
    steps = step_sizes.step_lengths(states) / step_sizes.chance_distance(around.states[layer])
    over = sentence_path(
        TextCloud(plane.flat(around.states[layer]), labels, NAMES, plane.axes), SentencePath(plane.flat(states), names, len(words))
    )
    return over, step_bars(steps, names, len(words)), steps
