"""Maps of prompt vectors: where draws and tuned ones lie among words and texts, by PCA or t-SNE, and how far from the middle."""

from collections.abc import Collection, Mapping

import numpy as np
import streamlit as st

from tutor.analysis import embedding_maps, prompt_vectors
from tutor.core.rng import stream
from tutor.core.threads import fix_threads
from tutor.figures import Picture, PlacedPrompt, PromptDistances, WordCloud, distance_strips, prompt_map
from tutor.methods.priors import AbstractPrior
from tutor.sources.language import WORDS
from tutor.studies.embedding_presets import PRIORS
from tutor.ui.labs.embeddings import tuned_vectors
from tutor.ui.plot import draw_picture

WORDS_PER_TASK = 150
"""Words of its texts that stand for a task."""
TEXTS = {name: source for name, source in tuned_vectors.TASKS.items() if source is not None}
TARGET = "summaries"
"""What the prompts of the studies are tuned for."""


def list_fitted_tasks(prior: AbstractPrior) -> list[str]:
    """Names of the tasks to whose texts a prior is fitted."""
    asked = [getattr(prior, name, None) for name in ("source", "first", "second")]
    return [name for source in asked for name, known in TEXTS.items() if known == source]


def list_shown_texts(labels: Collection[str], layer: int, more: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the tasks whose texts a map shows: those that these priors are fitted to, `more`, and above layer 0 also the target."""
    own = [name for label in labels for name in list_fitted_tasks(PRIORS[label])]
    return tuple(name for name in TEXTS if name in {*own, *more, *([TARGET] if layer else [])})


@st.cache_resource(max_entries=32, show_spinner=False)
def text_vectors(name: str, layer: int) -> prompt_vectors.Rows:
    """Sample WORDS_PER_TASK vectors of words in a task's texts, as they enter a layer (0: embeddings)."""
    with fix_threads():
        rows = prompt_vectors.space_of(tuned_vectors.load_network(), layer).activations(TEXTS[name])
    return rows[stream(0, "texts").permutation(len(rows))[:WORDS_PER_TASK].tolist()]


@st.cache_resource(max_entries=32, show_spinner=False)
def word_plane(layer: int, names: tuple[str, ...]) -> embedding_maps.PrincipalPlane:
    """Plane of the first two principal components of all words; above layer 0 of the words and the shown texts together."""
    ground = tuned_vectors.word_space(layer)
    if not layer or not names:
        return ground.plane
    return embedding_maps.fit_plane(
        np.concatenate([ground.words.double().numpy(), *(text_vectors(name, layer).double().numpy() for name in names)])
    )


def _flat(layer: int, names: tuple[str, ...], rows: prompt_vectors.Rows) -> np.ndarray:
    return word_plane(layer, names).flat(rows.double().numpy())


def _mapped(layer: int, names: tuple[str, ...], placed: list[PlacedPrompt]) -> Picture:
    around = {name: _flat(layer, names, text_vectors(name, layer)) for name in names}
    cloud = WordCloud(_flat(layer, names, tuned_vectors.word_space(layer).words), WORDS, word_plane(layer, names).axes)
    return prompt_map(cloud, placed, around)


def draw_prior_map(wanted: AbstractPrior, layer: int, n: int, seed: int, names: tuple[str, ...]) -> Picture:
    """Draw vectors from a prior among the words, and among words in texts of these tasks."""
    return _mapped(
        layer, names, [PlacedPrompt(wanted.label, _flat(layer, names, tuned_vectors.draw_vectors(wanted, layer, n, seed))[None])]
    )


def draw_prompt_map(keys: Mapping[str, str], layer: int, names: tuple[str, ...]) -> Picture:
    """Draw prompts (label -> key) from start to end among the words; a single prompt with all filmed moments."""
    placed = []
    for label, key in keys.items():
        course = tuned_vectors.vector_history(key, layer) if len(keys) == 1 else None
        moments = np.stack([_flat(layer, names, rows) for rows in (course.rows if course else tuned_vectors.vector_ends(key, layer))])
        others = tuned_vectors.other_ends(key, layer)
        placed.append(PlacedPrompt(label, moments, None if others is None else _flat(layer, names, others)))
    return _mapped(layer, names, placed)


def draw_prior_distances(wanted: AbstractPrior, layer: int, n: int, seed: int, names: tuple[str, ...]) -> Picture:
    """Draw the distances of vectors from a prior to the mean of all words, in radii."""
    return distance_strips(
        _crowds(layer, names), [PromptDistances(wanted.label, _radii(layer, tuned_vectors.draw_vectors(wanted, layer, n, seed)))]
    )


def draw_prompt_distances(keys: Mapping[str, str], layer: int, names: tuple[str, ...]) -> Picture:
    """Draw the distances of tuned prompts to the mean of all words, in radii, at start and end."""
    found = []
    for label, key in keys.items():
        began, ended = tuned_vectors.vector_ends(key, layer)
        others = tuned_vectors.other_ends(key, layer)
        found.append(PromptDistances(label, _radii(layer, ended), _radii(layer, began), None if others is None else _radii(layer, others)))
    return distance_strips(_crowds(layer, names), found)


def _crowds(layer: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {"words": _radii(layer, tuned_vectors.word_space(layer).words)} | {
        name: _radii(layer, text_vectors(name, layer)) for name in names
    }


def _radii(layer: int, rows: prompt_vectors.Rows) -> np.ndarray:
    gaussian = tuned_vectors.word_space(layer).gaussian
    return ((rows - gaussian.mean).norm(dim=1) / gaussian.radius).double().numpy()


@st.cache_data(max_entries=32, show_spinner="t-SNE is arranging the vectors, for some seconds ...")
def draw_tsne(keys: Mapping[str, str], layer: int, perplexity: float, seed: int) -> Picture:
    """Draw words, and starts and ends of prompts, by t-SNE.

    Raises
    ------
    ValueError
        Where the perplexity does not fit the number of vectors.
    """
    parts = [rows.double().numpy() for rows in (tuned_vectors.word_space(layer).words,
                                                *(rows for key in keys.values() for rows in tuned_vectors.vector_ends(key, layer)))]
    with fix_threads():
        points = embedding_maps.map_by_tsne(np.concatenate(parts), perplexity=perplexity, seed=seed, what="words and prompt vectors")
    first, *rest = np.split(points, np.cumsum([len(part) for part in parts])[:-1])
    placed = [PlacedPrompt(label, np.stack(rest[2 * i : 2 * i + 2])) for i, label in enumerate(keys)]
    return prompt_map(WordCloud(first, WORDS, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")), placed)


def show_tsne(keys: Mapping[str, str], layer: int, key: str) -> None:
    """Draw the controls of a t-SNE map, the map, and how it was made; `key` prefixes the widgets' keys and the parameters."""
    with st.container(horizontal=True):
        perplexity = float(st.number_input("Perplexity", 2.0, 60.0, 30.0, 1.0, key=f"{key}_perplexity", bind="query-params", width=160,
                                           help="About how many neighbours each vector keeps."))
        seed = int(st.number_input("Seed of the map", 0, 2**31 - 1, 42, key=f"{key}_map_seed", bind="query-params", width=160))
    st.warning("On a t-SNE map **distances mean nothing**: only neighbours are kept.")
    draw_picture(draw_tsne(keys, layer, perplexity, seed), key=f"{key}_way", link=key, runs=list(keys.values())[:6])
    count = len(WORDS) + sum(2 * len(tuned_vectors.vector_ends(one, layer)[0]) for one in keys.values())
    st.caption(f"t-SNE of {count} vectors (words, starts and ends), perplexity {perplexity:g}, seed {seed}, begun at the first two "
               f"principal components, {embedding_maps.ITERATIONS:,} iterations. The rows below it have distances that mean something.")
