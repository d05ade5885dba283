"""What the pages on prompt vectors ask of the language model and its tunings, kept between reruns: words, ways, tapes, priors to draw from."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from tutor import vectors
from tutor.figures import Picture, token_tape
from tutor.measure import neighbours
from tutor.predictors import Predictor
from tutor.priors import PRIORS, AbstractPrior
from tutor.runner import one_thread_count
from tutor.sources import TinyLanguage
from tutor.sources.language import WORDS, decode
from tutor.sources.language.typed import typed
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE
from tutor.ui import catalog, comparison, forms, insides, numbers, runs

TASKS: Mapping[str, TinyLanguage | None] = {
    "the vocabulary": None,
    "summaries": SUMMARY,
    "tables": TABLE,
    **{name: TinyLanguage(tasks=(kind,)) for name, kind in (("stories", "prose"), ("questions", "qa"), ("gaps", "cloze"), ("sums", "arithmetic"))},
}
"""Whose documents a prior can be fitted to."""
MOST_WORDS = 16
LARGE = {"max_entries": 64, "show_spinner": False}


def network() -> Predictor:
    """The language model."""
    return insides.network(MODEL.key())


@st.cache_resource(max_entries=4, show_spinner=False)
def ground(layer: int = 0) -> vectors.Ground:
    """The cloud of words in the space of a layer (0: of embeddings), with its plane."""
    with one_thread_count():
        return vectors.Ground.of(vectors.space_of(network(), layer))


def prior(key: str) -> AbstractPrior | None:
    """Ask for a prior and its settings, beside its formula; None while something is wrong."""
    kind = st.selectbox("Prior", list(PRIORS), index=list(PRIORS).index("fitted"), format_func=lambda one: PRIORS[one].label, key=key, bind="query-params", width=260)
    model = PRIORS[kind]
    st.latex(model.formula)
    st.caption((model.__doc__ or "").partition("\n")[0])
    of_task = [name for name in ("source", "first", "second") if name in model.model_fields]
    made = forms.form(model, f"{key}_{kind}", hide={*of_task, "tokens"})
    said = {name: _task(model, name, f"{key}_{kind}_{name}") for name in of_task}
    if "tokens" in model.model_fields:
        text = st.text_input("Words", "summary : job of town likes food", key=f"{key}_{kind}_words", bind="query-params", max_chars=300, help="Words of the made-up language, repeated to the length of the prompt.")
        said["tokens"] = _typed(text or "")
    return None if made is None or ("tokens" in said and not said["tokens"]) else model.model_validate(made.model_dump() | said)


def _task(model: type[AbstractPrior], name: str, key: str) -> TinyLanguage | None:
    default = model.model_fields[name].default
    options = [task for task in TASKS if not (default is not None and TASKS[task] is None)]
    first = next(place for place, task in enumerate(options) if TASKS[task] == default)
    chosen = st.selectbox("Fitted to" if name == "source" else f"{name} task", options, index=first, key=key, bind="query-params", width=200)
    return TASKS[chosen]


def _typed(text: str) -> tuple[int, ...]:
    try:
        return typed(text, MOST_WORDS)
    except ValueError as error:
        st.error(catalog.sentence(error))
        return ()


@st.cache_resource(**LARGE)
def drawn(wanted: AbstractPrior, layer: int, n: int, seed: int) -> vectors.Rows:
    """Vectors of a prior in the space of a layer."""
    with one_thread_count():
        return vectors.drawn(network(), wanted, layer, n, seed)


@st.cache_data(max_entries=64, show_spinner=False)
def shrinkages(wanted: AbstractPrior, layer: int) -> list[float]:
    """How far each Gaussian that a prior fits was shrunk to a sphere."""
    return [gaussian.shrunk for gaussian in wanted.gaussians(vectors.space_of(network(), layer))]


def course(key: str, layer: int = 0) -> vectors.Course | None:
    """The film of the vectors that enter a layer, as it stands."""
    folder = runs.store().get(key)
    return _course(key, layer, folder.status().state, len(folder.film.steps()))


@st.cache_resource(**LARGE)
def _course(key: str, layer: int, state: str, frames: int) -> vectors.Course | None:
    return vectors.course(runs.load(key), layer)


def moments(key: str, layer: int = 0) -> np.ndarray:
    """Where a run's vectors were on the plane of words at every filmed moment, or at least at start and end [F, K, 2]."""
    found = course(key, layer)
    rows = found.rows if found else ends(key, layer)
    return np.stack([ground(layer).flat(one) for one in rows])


@st.cache_resource(**LARGE)
def ends(key: str, layer: int = 0) -> vectors.Ends:
    """Where the vectors of repetition 0 started and ended [2, K, D]."""
    return vectors.ends(runs.load(key), network(), layer)


def now(key: str, layer: int = 0) -> vectors.Rows:
    """The vectors of a run as they are: at the end, or at the newest filmed moment."""
    found = course(key, layer)
    return found.rows[-1] if found else ends(key, layer)[-1]


@st.cache_resource(**LARGE)
def others(key: str, layer: int = 0) -> vectors.Rows | None:
    """Where the vectors of the other repetitions ended, all in one; None where there was only one."""
    return vectors.others(runs.load(key), layer)


MOMENTS = 6
"""Columns of a tape: as many words as stand side by side on a phone."""


def tape(key: str, by: str) -> Picture:
    """The nearest word of every vector at up to six moments of tuning."""
    found = course(key)
    steps, rows = (found.steps, found.rows) if found else ([0, catalog.info(key).spec.tuning.steps], ends(key))
    kept = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), MOMENTS)).round().astype(int))
    read = [neighbours(one, ground().words, 1, by=by) for one in rows[kept]]
    words = [[WORDS[i] for i in near.ids[:, 0].tolist()] for near in read]
    return token_tape([steps[i] for i in kept], words, np.stack([getattr(near, by)[:, 0].numpy() for near in read]), measure=by)


def nearest(key: str, by: str) -> list[int]:
    """The word nearest to every vector as it is."""
    return neighbours(now(key), ground().words, 1, by=by).ids[:, 0].tolist()


def said(key: str) -> str:
    """What a prompt reads as, by cosine."""
    return decode(nearest(key, "cosine"))


def reading(key: str) -> list[dict]:
    """The five words nearest to every vector as it is, with both measures, and how much these words have to do with each other."""
    near = neighbours(now(key), ground().words, vectors.READ)
    return [{"vector": k + 1, "nearest words": ", ".join(decode([i]) for i in ids), "cosine": cosine[0], "distance": away[0],
             "tightness": vectors.tightness(ground().words, ids)}
            for k, (ids, cosine, away) in enumerate(zip(near.ids.tolist(), near.cosine.tolist(), near.distance.tolist(), strict=True))]


@st.cache_data(max_entries=1, show_spinner=False)
def usual_tightness() -> float:
    """The same of five words taken at random."""
    return vectors.usual_tightness(ground().words)


@st.cache_data(max_entries=512, show_spinner=False)
def own_tightness(word: int) -> float:
    """The same of a word and its nearest: what a vector that is a word would have."""
    near = neighbours(ground().words[[word]], ground().words, vectors.READ)
    return vectors.tightness(ground().words, near.ids[0].tolist())


def told(key: str, layer: int = 0) -> vectors.Standing:
    """Where the vectors of a run stand among the words."""
    return vectors.told(ground(layer), now(key, layer))


def prompts() -> dict[str, str]:
    """Finished tunings of the language model that put vectors in front, by key: those of studies by what they are called there, then a visitor's own."""
    done = {one.key: one.spec for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done"}
    fitting = {key: spec for key, spec in done.items() if spec.base() == MODEL and spec.method.positions and numbers.keeps_vectors(key)}
    names: dict[str, str] = {}
    for name, study in STUDIES.items():
        found = numbers.study(name, FAST.name) if study.lab in ("priors", "meaning") else None
        for row in found["rows"] if found else ():
            if row["key"] in fitting:
                names.setdefault(row["key"], f"{study.title}: {row['method']}")
    return names | comparison.labels({key: spec for key, spec in fitting.items() if key not in names})
