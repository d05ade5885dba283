"""What the pages on prompt vectors ask of the language model and its tunings, kept between reruns: words, ways, tapes, priors to draw
from."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from tutor.analysis import prompt_vectors
from tutor.core.threads import fix_threads
from tutor.figures import Picture, token_tape
from tutor.measure import neighbours
from tutor.methods.priors import PRIORS, AbstractPrior
from tutor.predictors import Predictor
from tutor.sources import TinyLanguage
from tutor.sources.language import WORDS, decode
from tutor.sources.language.typed import parse_words
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE
from tutor.ui.run_views import cached_results, cached_states, catalog, run_comparison
from tutor.ui.shell import visitor_runs
from tutor.ui.shell.sections import error_sentence
from tutor.ui.widgets import forms

TASKS: Mapping[str, TinyLanguage | None] = {
    "the vocabulary": None,
    "summaries": SUMMARY,
    "tables": TABLE,
    **{name: TinyLanguage(tasks=(kind,)) for name, kind in (("stories", "prose"), ("questions", "qa"), ("gaps", "cloze"),
                                                            ("sums", "arithmetic"))},
}
"""Whose documents a prior can be fitted to."""
MOST_WORDS = 16
LARGE = {"max_entries": 64, "show_spinner": False}


def load_network() -> Predictor:
    """Load the pretrained language model."""
    return cached_states.load_network(MODEL.key())


@st.cache_resource(max_entries=4, show_spinner=False)
def word_space(layer: int = 0) -> prompt_vectors.WordSpace:
    """Vectors of all words in the space of a layer (0: embeddings), with their Gaussian and principal plane."""
    with fix_threads():
        return prompt_vectors.WordSpace.of(prompt_vectors.space_of(load_network(), layer))


def ask_prior(key: str) -> AbstractPrior | None:
    """Draw the choice of a prior with its formula and settings; None where a setting is wrong. `key` prefixes the parameters."""
    kind = st.selectbox("Prior", list(PRIORS), index=list(PRIORS).index("fitted"), format_func=lambda one: PRIORS[one].label, key=key,
                        bind="query-params", width=260)
    model = PRIORS[kind]
    st.latex(model.formula)
    st.caption((model.__doc__ or "").partition("\n")[0])
    of_task = [name for name in ("source", "first", "second") if name in model.model_fields]
    made = forms.ask_fields(model, f"{key}_{kind}", hide={*of_task, "tokens"})
    said = {name: _task(model, name, f"{key}_{kind}_{name}") for name in of_task}
    if "tokens" in model.model_fields:
        text = st.text_input("Words", "summary : job of town likes food", key=f"{key}_{kind}_words", bind="query-params", max_chars=300,
                             help="Words of the made-up language, repeated to the length of the prompt.")
        said["tokens"] = _typed(text or "")
    return None if made is None or ("tokens" in said and not said["tokens"]) else model.model_validate(made.model_dump() | said)


def _task(model: type[AbstractPrior], name: str, key: str) -> TinyLanguage | None:
    default = model.model_fields[name].default
    options = [task for task in TASKS if not (default is not None and TASKS[task] is None)]
    first = next(place for place, task in enumerate(options) if TASKS[task] == default)
    chosen = st.selectbox("Fitted to" if name == "source" else f"{name} task", options, index=first, key=key, bind="query-params",
                          width=200)
    return TASKS[chosen]


def _typed(text: str) -> tuple[int, ...]:
    try:
        return parse_words(text, MOST_WORDS)
    except ValueError as error:
        st.error(error_sentence(error))
        return ()


@st.cache_resource(**LARGE)
def draw_vectors(wanted: AbstractPrior, layer: int, n: int, seed: int) -> prompt_vectors.Rows:
    """Draw n vectors from a prior in the space of a layer."""
    with fix_threads():
        return prompt_vectors.draw_vectors(load_network(), wanted, layer, n, seed)


@st.cache_data(max_entries=64, show_spinner=False)
def list_shrinkages(wanted: AbstractPrior, layer: int) -> list[float]:
    """Shrinkage (0 to 1, towards a sphere) of each Gaussian that a prior fits."""
    return [gaussian.shrunk for gaussian in wanted.gaussians(prompt_vectors.space_of(load_network(), layer))]


def vector_history(key: str, layer: int = 0) -> prompt_vectors.VectorHistory | None:
    """Filmed vectors that enter a layer, up to now; None without a film."""
    folder = visitor_runs.open_store().get(key)
    return _course(key, layer, folder.status().state, len(folder.film.steps()))


@st.cache_resource(**LARGE)
def _course(key: str, layer: int, state: str, frames: int) -> prompt_vectors.VectorHistory | None:
    return prompt_vectors.read_vector_history(visitor_runs.load_run(key), layer)


def plane_history(key: str, layer: int = 0) -> np.ndarray:
    """Positions [F, K, 2] of a run's vectors in the plane of words, at every filmed moment or else at start and end."""
    found = vector_history(key, layer)
    rows = found.rows if found else vector_ends(key, layer)
    return np.stack([word_space(layer).flat(one) for one in rows])


@st.cache_resource(**LARGE)
def vector_ends(key: str, layer: int = 0) -> prompt_vectors.VectorEnds:
    """Start and end [2, K, D] of the vectors of repetition 0."""
    return prompt_vectors.read_ends(visitor_runs.load_run(key), load_network(), layer)


def current_vectors(key: str, layer: int = 0) -> prompt_vectors.Rows:
    """Vectors of a run at the end, or at the newest filmed moment."""
    found = vector_history(key, layer)
    return found.rows[-1] if found else vector_ends(key, layer)[-1]


@st.cache_resource(**LARGE)
def other_ends(key: str, layer: int = 0) -> prompt_vectors.Rows | None:
    """Final vectors of all repetitions but the first, concatenated; None where there was only one."""
    return prompt_vectors.read_other_ends(visitor_runs.load_run(key), layer)


MOMENTS = 6
"""Columns of a tape: as many words as stand side by side on a phone."""


def draw_tape(key: str, by: str) -> Picture:
    """Draw the word nearest to every vector at up to MOMENTS moments of tuning; `by` is "cosine" or "distance"."""
    found = vector_history(key)
    steps, rows = (found.steps, found.rows) if found else ([0, catalog.find_info(key).spec.tuning.steps], vector_ends(key))
    kept = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), MOMENTS)).round().astype(int))
    read = [neighbours(one, word_space().words, 1, by=by) for one in rows[kept]]
    words = [[WORDS[i] for i in near.ids[:, 0].tolist()] for near in read]
    return token_tape([steps[i] for i in kept], words, np.stack([getattr(near, by)[:, 0].numpy() for near in read]), measure=by)


def nearest_word_ids(key: str, by: str) -> list[int]:
    """Id of the word currently nearest to every vector; `by` is "cosine" or "distance"."""
    return neighbours(current_vectors(key), word_space().words, 1, by=by).ids[:, 0].tolist()


def read_prompt(key: str) -> str:
    """Return the words nearest to a prompt's vectors by cosine, as text."""
    return decode(nearest_word_ids(key, "cosine"))


def list_nearest_words(key: str) -> list[dict]:
    """List the five words nearest to every vector, with cosine and distance of the nearest and the tightness (mean cosine) of the five."""
    near = neighbours(current_vectors(key), word_space().words, prompt_vectors.NEAREST_WORDS)
    return [{"vector": k + 1, "nearest words": ", ".join(decode([i]) for i in ids), "cosine": cosine[0], "distance": away[0],
             "tightness": prompt_vectors.tightness(word_space().words, ids)}
            for k, (ids, cosine, away) in enumerate(zip(near.ids.tolist(), near.cosine.tolist(), near.distance.tolist(), strict=True))]


@st.cache_data(max_entries=1, show_spinner=False)
def random_tightness() -> float:
    """Tightness (mean cosine) of five random words, as a mean over many draws."""
    return prompt_vectors.random_tightness(word_space().words)


@st.cache_data(max_entries=512, show_spinner=False)
def word_tightness(word: int) -> float:
    """Tightness (mean cosine) of a word and the words nearest to it."""
    near = neighbours(word_space().words[[word]], word_space().words, prompt_vectors.NEAREST_WORDS)
    return prompt_vectors.tightness(word_space().words, near.ids[0].tolist())


def token_geometry(key: str, layer: int = 0) -> prompt_vectors.TokenGeometry:
    """Geometry of a run's current vectors among the words."""
    return prompt_vectors.measure_vectors(word_space(layer), current_vectors(key, layer))


def list_prompts() -> dict[str, str]:
    """Names of the finished tunings of the language model that store prompt vectors, by key: those of studies, then the visitor's own."""
    done = {one.key: one.spec for one in catalog.list_infos() if one.spec and one.spec.is_tuning and one.status.state == "done"}
    fitting = {key: spec for key, spec in done.items()
               if spec.base() == MODEL and spec.method.positions and cached_results.keeps_vectors(key)}
    names: dict[str, str] = {}
    for name, study in STUDIES.items():
        found = cached_results.study_result(name, FAST.name) if study.lab in ("priors", "meaning") else None
        for row in found["rows"] if found else ():
            if row["key"] in fitting:
                names.setdefault(row["key"], f"{study.title}: {row['method']}")
    return names | run_comparison.short_names({key: spec for key, spec in fitting.items() if key not in names})
