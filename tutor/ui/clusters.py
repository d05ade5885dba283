"""What the Clusters page asks of the language model and of its study, kept between reruns; and the pictures of both."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from jaxtyping import Float

from tutor import clouds
from tutor.figures import Cloud, Measured, Picture, Way, distance_map, over_layers, sentence_way, step_bars, task_map
from tutor.figures.picture import listed
from tutor.measure import clusters, jumps
from tutor.measure.clusters import NAMES
from tutor.rng import stream
from tutor.runner import one_thread_count
from tutor.sources.language import decode
from tutor.sources.language.typed import typed
from tutor.studies.language_presets import MODEL
from tutor.studies.task_clusters import APART, BAG, SHUFFLED, TOGETHER, TRAINED, UNTRAINED
from tutor.ui import insides

EACH = 60
"""Texts of each task on the map."""
AROUND = 12
"""Texts of each task whose single words make the cloud that a sentence walks over."""
LONGEST, MORE = 40, 16
"""Words of a sentence that are read, and words that the network adds to it at most."""
ORDERS = 20
"""Random orders of a sentence's words, of which the mean is the control of its steps."""
EXAMPLE = "one morning anna miller walked to norwick and met ben fox ."
SHOWN = {TRAINED: "trained network", UNTRAINED: "untrained network", BAG: "bag of embeddings"}
OF = {"silhouette": (APART, TOGETHER, "all four"), "probe": (APART, TOGETHER, "all four"),
      "distance": (clusters.TO_SUMS, clusters.AMONG)}
"""What each measure can be asked about."""
JUDGED = "mean"
"""The reading that the bounds of the study were set for."""
POOLED = {"mean": "on the mean over each text", "full stop": "after one full stop, where word and place are the same in all texts"}
GROUPS = {APART: 2, TOGETHER: 3, "all four": 4}
LARGE = {"max_entries": 16, "show_spinner": "Reading the texts ..."}


@st.cache_resource(max_entries=2, show_spinner=False)
def texts(reading: clusters.Reading = "mean") -> clusters.Texts:
    """The texts of the map."""
    return clusters.texts(EACH, reading)


@st.cache_resource(max_entries=1, show_spinner=False)
def _untrained():
    return clouds.untrained(MODEL)


def _network(who: str):
    return _untrained() if who == UNTRAINED else insides.network(MODEL.key())


@st.cache_resource(**LARGE)
def _vectors(who: str, reading: clusters.Reading) -> Float[np.ndarray, "L1 N D"]:
    with one_thread_count():
        return clusters.text_vectors(_network(who), texts(reading).tokens, reading)


def vectors(who: str, layer: int, reading: clusters.Reading) -> Float[np.ndarray, "N D"]:
    """One vector per text of the trained network, of the untrained one, or of a bag of embeddings, which has no layers."""
    return clusters.bag(_network(TRAINED), texts(reading).tokens) if who == BAG else _vectors(who, reading)[layer]


@st.cache_data(max_entries=64, show_spinner=False)
def mapped(who: str, layer: int, reading: clusters.Reading) -> Picture:
    """The map of the texts on the first two principal components."""
    plane = clouds.plane(vectors(who, layer, reading))
    return task_map(Cloud(plane.flat(vectors(who, layer, reading)), texts(reading).labels, NAMES, plane.axes))


@st.cache_data(max_entries=64, show_spinner="t-SNE is arranging the texts, for some seconds ...")
def embedded(who: str, layer: int, reading: clusters.Reading, perplexity: float, seed: int) -> Picture:
    """The map of the texts by t-SNE. ValueError where the perplexity does not fit."""
    with one_thread_count():
        points = clouds.tsne(vectors(who, layer, reading), perplexity=perplexity, seed=seed)
    return task_map(Cloud(points, texts(reading).labels, NAMES, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")), hulls=False)


def finding(found: dict, reading: clusters.Reading) -> str:
    """What the study measured of one reading, in two sentences that follow its numbers."""
    value = {(row["metric"], row["on"], row["method"]): row["value"] for row in found["rows"]}
    layers = range(1, MODEL.body.layers + 1)

    def of(metric: str, on: str, layer: int, who: str = TRAINED) -> float:
        return value[metric, f"{on}, {reading}", who if who == BAG else f"{who}, layer {layer}"]

    def where(holds: Callable[[int], bool]) -> str:
        kept = [str(layer) for layer in layers if holds(layer)]
        return "**in every layer**" if len(kept) == len(layers) else f"**in layer {listed(kept)}**" if kept else "**in no layer**"

    farther = where(lambda n: of("distance", clusters.TO_SUMS, n) > of("distance", clusters.AMONG, n))
    idle, words = (where(lambda n, who=who: of("silhouette", APART, n) > of("silhouette", APART, n, who)) for who in (UNTRAINED, BAG))
    together = where(lambda n: of("silhouette", TOGETHER, n) <= 0.25)
    return (f"Measured {POOLED[reading]}: sums lie farther from the other tasks than these from each other {farther}, and stories, questions and gaps are one cluster "
            f"{together}. Language and sums are better apart than in the untrained network {idle}, and than the words alone have them {words}.")


def separation(found: dict, metric: str, of: str, reading: str, layer: int) -> Picture:
    """One measure of a study's result over the layers, beside its controls."""
    rows = [row for row in found["rows"] if row["metric"] == metric and row["on"] == f"{of}, {reading}"]
    series, level = _series(rows)
    unit = {"silhouette": "silhouette", "probe": "share of texts named right", "distance": "distance of centres, in spreads"}[metric]
    return over_layers({name: series[name] for name in (TRAINED, UNTRAINED, SHUFFLED)}, measure=unit, level=level,
                       chance=1 / GROUPS[of] if metric == "probe" else None, chosen=layer)


def pairs(found: dict, reading: str, layer: int) -> Picture:
    """How far every two tasks lie apart in one layer of the trained network."""
    rows = {row["on"]: _measured(row) for row in found["rows"] if row["metric"] == "distance" and row["method"] == f"{TRAINED}, layer {layer}"}
    names = [(one, other) for place, one in enumerate(NAMES) for other in NAMES[place + 1 :]]
    return distance_map(NAMES, {pair: rows[f"{' - '.join(pair)}, {reading}"] for pair in names})


def story_jumps(found: dict, layer: int) -> Picture:
    """How far many stories jump, given and generated, beside the untrained network and embeddings alone."""
    series, level = _series([row for row in found["rows"] if row["metric"] == "jump"])
    return over_layers(series, measure="mean step (1: as far as chance)", level=level, chosen=layer)


def _series(rows: Sequence[dict]) -> tuple[dict[str, dict[int, Measured]], dict[str, Measured]]:
    series, level = {}, {}
    for row in rows:
        name, _, layer = row["method"].rpartition(", layer ")
        if name:
            series.setdefault(name, {})[int(layer)] = _measured(row)
        else:
            level[row["method"]] = _measured(row)
    return series, level


def _measured(row: dict) -> Measured:
    return Measured(row["value"], *row["interval"])


def said(text: str) -> tuple[int, ...]:
    """The words that a visitor typed. ValueError in one sentence where they are none of the language, or too many."""
    return typed(text, LONGEST)


@st.cache_data(max_entries=256, show_spinner=False)
def going_on(words: tuple[int, ...]) -> tuple[int, ...]:
    """What the network writes behind these words: at most MORE, `end` where it ends the document."""
    with one_thread_count():
        return clouds.going_on(_network(TRAINED), words, MORE)


@st.cache_resource(max_entries=2, show_spinner=False)
def _words(who: str) -> jumps.Words:
    kept = np.arange(EACH * len(NAMES)) % EACH < AROUND
    with one_thread_count():
        return jumps.word_states(_network(who), texts().tokens[kept])


@st.cache_data(max_entries=256, show_spinner="Shuffling the words ...")
def out_of_order(words: tuple[int, ...], more: tuple[int, ...], layer: int) -> tuple[float, float]:
    """Mean steps (as in `way`) among the same words in random order: the given ones alone, and the network's in random order behind them."""
    rng, far = stream(0, "out of order"), jumps.chance(_words(TRAINED).states[layer])
    with one_thread_count():
        found = [jumps.steps(jumps.path(_network(TRAINED), (*rng.permutation(words).tolist(), *rng.permutation(more).tolist()))[layer]) / far for _ in range(ORDERS)]
    steps = np.stack(found)
    given = steps[:, : len(words) - 1]
    return float(given.mean()) if given.size else float("nan"), float(steps[:, len(words) - 1 :].mean())


@st.cache_data(max_entries=64, show_spinner=False)
def way(words: tuple[int, ...], more: tuple[int, ...], layer: int) -> tuple[Picture, Picture, Float[np.ndarray, " S"]]:
    """A sentence's way over the states of single words, its steps as bars, and their lengths."""
    around, every = _words(TRAINED), (*words, *more)
    with one_thread_count():
        states = jumps.path(_network(TRAINED), every)[layer]
    plane, names = clouds.plane(around.states[layer]), decode(every).split()
    labels = around.texts // AROUND
    steps = jumps.steps(states) / jumps.chance(around.states[layer])
    over = sentence_way(Cloud(plane.flat(around.states[layer]), labels, NAMES, plane.axes), Way(plane.flat(states), names, len(words)))
    return over, step_bars(steps, names, len(words)), steps
