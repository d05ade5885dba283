"""Which runs there are, what they are called, where they stand and what they cost; and how pages link and say what is wrong.

What is known of a finished run is kept; whatever still moves is read anew.
"""

from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import streamlit as st

from tutor import cost
from tutor.disk import StoreError
from tutor.places import PAGES
from tutor.recipe import Recipe
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.spec import RunSpec
from tutor.store import RunInfo
from tutor.studies.language_presets import MODEL
from tutor.ui import runs, stage

FINAL = ("done", "diverged")


@contextmanager
def one_sentence():
    """What goes wrong inside is said in one sentence in its place; the page goes on."""
    try:
        yield
    except (StoreError, ValueError, KeyError, RuntimeError) as error:
        st.error(sentence(error))


def sentence(error: Exception) -> str:
    """An error's message as a sentence."""
    said = str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()      # a KeyError would quote its message
    text = said.splitlines()[0] if said else type(error).__name__
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def link(page: str, label: str, icon: str | None = None, **parameters: str) -> None:
    """A link to another page of the app, opened with these parameters in its address."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=icon and f":material/{icon}:", query_params=parameters or None)


def info(key: str) -> RunInfo:
    """What is known of a run; StoreError where there is none."""
    shipped = runs.store().shipped
    return _shipped(shipped, key) or _own(key)


@lru_cache(maxsize=4096)
def _shipped(layer: Path, key: str) -> RunInfo | None:
    """A shipped run, which never changes, is looked up once: pages ask for a hundred of them, again and again."""
    folder = runs.store().find(key)
    return runs.store().info(key) if folder and folder.shipped else None


def _own(key: str) -> RunInfo:
    folder = runs.store().get(key)
    try:
        known = _info(folder.path, folder.file("status.json").stat().st_mtime_ns)
    except OSError:
        return runs.store().info(key)
    return known if known.status.state in FINAL else runs.store().info(key)


@lru_cache(maxsize=4096)
def _info(path: Path, stamp: int) -> RunInfo:
    # Not Streamlit's cache, of which each look takes a millisecond.
    return runs.store().info(path.name)


def infos() -> list[RunInfo]:
    """Every run, the newest first."""
    found = []
    for key in runs.store().keys():  # noqa: SIM118 - a store is no dictionary
        with suppress(StoreError):  # deleted since the list was read
            one = info(key)
            if one.shipped or not stage.lecturing():     # nothing in a lecture depends on what was computed yesterday
                found.append(one)
    return sorted(found, key=lambda one: one.status.heartbeat, reverse=True)


def pretrainings(of: type[AbstractSource] = AbstractExchangeable) -> dict[str, RunInfo]:
    """Finished pretrainings on sources of one family by key: those with the most tunings first, so that a page opens on something to see."""
    done = [one for one in infos() if one.spec and one.status.state == "done" and isinstance(one.spec.source, of)]
    tuned = [one.spec.base().key() for one in done if one.spec.is_tuning]
    bases = sorted((one for one in done if not one.spec.is_tuning), key=lambda one: (-tuned.count(one.key), one.label, one.key))
    return {one.key: one for one in bases}


def networks(sides: int | None = None) -> dict[str, RunInfo]:
    """Finished pretrainings, of sources with so many sides where that matters; without any the page ends with what to click."""
    found = {key: one for key, one in pretrainings().items() if sides in (None, one.spec.source.vocab)}
    if not found:
        what = " for coins" if sides == 2 else ""
        st.info(f"There is no pretrained network{what} yet. Train one first: it takes less than a minute.", icon=":material/arrow_forward:")
        link("pretrain", "Go to Pretrain", "model_training")
        st.stop()
    return found


def tunings(base: str, on: AbstractSource | None = None) -> dict[str, RunInfo]:
    """Finished tunings of one pretraining by key, to one target or to all."""
    done = [one for one in infos() if one.spec and one.spec.is_tuning and one.status.state == "done"]
    return {one.key: one for one in done if one.spec.base().key() == base and (on is None or one.spec.on == on)}


def targets(base: str) -> dict[str, AbstractSource]:
    """Every target that a pretraining was tuned to, by its label, the one with the most runs first."""
    tuned = [one.spec.on for one in tunings(base).values()]
    return {on.label: on for on in sorted(dict.fromkeys(tuned), key=tuned.count, reverse=True)}


def named(one: RunInfo) -> str:
    """A line that tells one run from another in a list of choices."""
    if one.spec is None:
        return f"damaged run {one.key[:6]}"
    recipe = one.spec.tuning or one.spec.recipe
    seed = f", seed {one.spec.seeds.pretrain}" if one.spec.seeds.pretrain else ""
    kind = f"{recipe.steps:,} steps" if recipe.steps else "untrained"
    return f"{one.label} ({kind}{seed}) · {one.key[:6]}"


def state(key: str) -> str:
    """Where run `key` stands, "" when there is none."""
    try:
        return info(key).status.state
    except StoreError:
        return ""


def needs_language_model() -> None:
    """A page that stands on the language model ends here where that was never computed, with what computes it."""
    if state(MODEL.key()) != "done":
        st.info("The language model is not here yet: run `prompt-tutor study tiny-language`, which trains it in about half an hour.", icon=":material/hourglass_empty:")
        st.stop()


TARGETS = {
    "sampled": "drawn flips, as in the papers",
    "truth": "the generator's own probabilities (same expected gradient, less noise)",
    "bayes": "the ideal predictor's probabilities (same expected gradient, less noise)",
}


def targets_in_words(recipe: Recipe) -> str:
    """What the loss compares with, as a visitor reads it."""
    return TARGETS[recipe.targets]


@st.cache_data(ttl=300, max_entries=256, show_spinner=False)
def seconds(spec: RunSpec) -> float:
    """What a run will cost on one core, judged by the runs that are finished."""
    known = [(one.spec, one.status.seconds) for one in infos() if one.spec and one.status.state == "done"]
    return cost.seconds_of(spec, known)
