"""Maps of prompt vectors: where draws and tuned ones lie among words and texts, by PCA or t-SNE, and how far from the middle."""

from collections.abc import Collection, Mapping

import numpy as np
import streamlit as st

from tutor import clouds, vectors
from tutor.figures import Away, Picture, Placed, WordCloud, how_far, prompt_map
from tutor.priors import AbstractPrior
from tutor.rng import stream
from tutor.runner import one_thread_count
from tutor.sources.language import WORDS
from tutor.studies.embedding_presets import PRIORS
from tutor.ui import embeddings
from tutor.ui.picture import picture

SHOWN = 150
"""Words of its texts that stand for a task."""
TEXTS = {name: source for name, source in embeddings.TASKS.items() if source is not None}
TARGET = "summaries"
"""What the prompts of the studies are tuned for."""


def fitted_to(prior: AbstractPrior) -> list[str]:
    """The tasks to whose texts a prior is fitted."""
    asked = [getattr(prior, name, None) for name in ("source", "first", "second")]
    return [name for source in asked for name, known in TEXTS.items() if known == source]


def texts_of(labels: Collection[str], layer: int, more: Collection[str] = ()) -> tuple[str, ...]:
    """Tasks whose texts belong on a map of prompts from these priors; above the first layer those that they are tuned for."""
    own = [name for label in labels for name in fitted_to(PRIORS[label])]
    return tuple(name for name in TEXTS if name in {*own, *more, *([TARGET] if layer else [])})


@st.cache_resource(max_entries=32, show_spinner=False)
def texts(name: str, layer: int) -> vectors.Rows:
    """Words in texts of a task, as they enter a layer (0: their embeddings, as often as they occur)."""
    with one_thread_count():
        rows = vectors.space_of(embeddings.network(), layer).activations(TEXTS[name])
    return rows[stream(0, "texts").permutation(len(rows))[:SHOWN].tolist()]


@st.cache_resource(max_entries=32, show_spinner=False)
def plane(layer: int, names: tuple[str, ...]) -> clouds.Flat:
    """The plane in which words differ most; above the first layer words and the texts shown, so that it is seen how far these lie from words."""
    ground = embeddings.ground(layer)
    if not layer or not names:
        return ground.plane
    return clouds.plane(np.concatenate([ground.words.double().numpy(), *(texts(name, layer).double().numpy() for name in names)]))


def _flat(layer: int, names: tuple[str, ...], rows: vectors.Rows) -> np.ndarray:
    return plane(layer, names).flat(rows.double().numpy())


def _mapped(layer: int, names: tuple[str, ...], placed: list[Placed]) -> Picture:
    around = {name: _flat(layer, names, texts(name, layer)) for name in names}
    cloud = WordCloud(_flat(layer, names, embeddings.ground(layer).words), WORDS, plane(layer, names).axes)
    return prompt_map(cloud, placed, around)


def lands(wanted: AbstractPrior, layer: int, n: int, seed: int, names: tuple[str, ...]) -> Picture:
    """Where draws from a prior lie among the words, and among words in texts of these tasks."""
    return _mapped(layer, names, [Placed(wanted.label, _flat(layer, names, embeddings.drawn(wanted, layer, n, seed))[None])])


def among_words(keys: Mapping[str, str], layer: int, names: tuple[str, ...]) -> Picture:
    """Prompts by label and key, from where they started to where they are; a single one with its whole way."""
    placed = []
    for label, key in keys.items():
        course = embeddings.course(key, layer) if len(keys) == 1 else None
        moments = np.stack([_flat(layer, names, rows) for rows in (course.rows if course else embeddings.ends(key, layer))])
        others = embeddings.others(key, layer)
        placed.append(Placed(label, moments, None if others is None else _flat(layer, names, others)))
    return _mapped(layer, names, placed)


def away(wanted: AbstractPrior, layer: int, n: int, seed: int, names: tuple[str, ...]) -> Picture:
    """How far draws from a prior lie from the middle of all words."""
    return how_far(_crowds(layer, names), [Away(wanted.label, _radii(layer, embeddings.drawn(wanted, layer, n, seed)))])


def gone(keys: Mapping[str, str], layer: int, names: tuple[str, ...]) -> Picture:
    """The same of tuned prompts, before and after."""
    found = []
    for label, key in keys.items():
        began, ended = embeddings.ends(key, layer)
        others = embeddings.others(key, layer)
        found.append(Away(label, _radii(layer, ended), _radii(layer, began), None if others is None else _radii(layer, others)))
    return how_far(_crowds(layer, names), found)


def _crowds(layer: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {"words": _radii(layer, embeddings.ground(layer).words)} | {f"texts: {name}": _radii(layer, texts(name, layer)) for name in names}


def _radii(layer: int, rows: vectors.Rows) -> np.ndarray:
    gaussian = embeddings.ground(layer).gaussian
    return ((rows - gaussian.mean).norm(dim=1) / gaussian.radius).double().numpy()


@st.cache_data(max_entries=32, show_spinner="t-SNE is arranging the vectors, for some seconds ...")
def neighbours_kept(keys: Mapping[str, str], layer: int, perplexity: float, seed: int) -> Picture:
    """Words, starts and ends arranged by t-SNE. ValueError where the perplexity does not fit."""
    parts = [rows.double().numpy() for rows in (embeddings.ground(layer).words, *(rows for key in keys.values() for rows in embeddings.ends(key, layer)))]
    with one_thread_count():
        points = clouds.tsne(np.concatenate(parts), perplexity=perplexity, seed=seed, what="words and prompt vectors")
    first, *rest = np.split(points, np.cumsum([len(part) for part in parts])[:-1])
    placed = [Placed(label, np.stack(rest[2 * i : 2 * i + 2])) for i, label in enumerate(keys)]
    return prompt_map(WordCloud(first, WORDS, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")), placed)


def by_neighbours(keys: Mapping[str, str], layer: int, key: str) -> None:
    """Ask for the parameters of a t-SNE map, draw it, and say how it was made."""
    with st.container(horizontal=True):
        perplexity = float(st.number_input("Perplexity", 2.0, 60.0, 30.0, 1.0, key=f"{key}_perplexity", bind="query-params", width=160, help="About how many neighbours each vector keeps."))
        seed = int(st.number_input("Seed of the map", 0, 2**31 - 1, 42, key=f"{key}_map_seed", bind="query-params", width=160))
    st.warning("On a t-SNE map **distances mean nothing**: only who has whom as a neighbour is kept.")
    picture(neighbours_kept(keys, layer, perplexity, seed), key=f"{key}_way", link=key, runs=list(keys.values())[:6])
    count = len(WORDS) + sum(2 * len(embeddings.ends(one, layer)[0]) for one in keys.values())
    st.caption(f"t-SNE of {count} vectors (words, starts and ends), perplexity {perplexity:g}, seed {seed}, begun at the first two principal components, {clouds.ITERATIONS:,} iterations. The rows below it have distances that mean something.")
