"""Which runs there are, what they are called, where they stand and what they cost; and how pages link.

What is known of a finished run is kept; whatever still moves is read anew.
"""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from tutor.core.paths import PAGES
from tutor.runs.io.disk import StoreError
from tutor.runs.run_info import RunFilter
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunInfo
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.studies import cost
from tutor.studies.language_presets import MODEL
from tutor.ui.shell import presentation, visitor_runs

FINAL = ("done", "diverged")


def draw_link(page: str, label: str, icon: str | None = None, **parameters: str) -> None:
    """Draw a link to another page of the app; `parameters` go into its address, and `icon` is a Material name."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=icon and f":material/{icon}:", query_params=parameters or None)


def draw_links(*targets: tuple[str, str, str] | tuple[str, str, str, dict[str, str]]) -> None:
    """Draw links side by side; each target is (page, label, icon) with, optionally, the parameters of the page's address."""
    with st.container(horizontal=True):
        for page, label, icon, *parameters in targets:
            draw_link(page, label, icon, **(parameters[0] if parameters else {}))


def find_info(key: str) -> RunInfo:
    """Look up a run; shipped and finished runs are cached.

    Raises
    ------
    StoreError
        Where there is no such run.
    """
    shipped = visitor_runs.open_store().shipped
    return _shipped(shipped, key) or _own(key)


@lru_cache(maxsize=4096)
def _shipped(layer: Path, key: str) -> RunInfo | None:
    """A shipped run, which never changes, is looked up once: pages ask for a hundred of them, again and again."""
    folder = visitor_runs.open_store().find(key)
    return visitor_runs.open_store().info(key) if folder and folder.shipped else None


def _own(key: str) -> RunInfo:
    folder = visitor_runs.open_store().get(key)
    try:
        known = _info(folder.path, folder.file("status.json").stat().st_mtime_ns)
    except OSError:
        return visitor_runs.open_store().info(key)
    return known if known.status.state in FINAL else visitor_runs.open_store().info(key)


@lru_cache(maxsize=4096)
def _info(path: Path, stamp: int) -> RunInfo:
    # Not Streamlit's cache, of which each look takes a millisecond.
    return visitor_runs.open_store().info(path.name)


def list_infos() -> list[RunInfo]:
    """List all runs that the visitor may see, newest first."""
    return visitor_runs.open_store().list(shown())


def shown(**fields: object) -> RunFilter:
    """Filter for the runs that this visitor may see, narrowed by `fields` of RunFilter; in a lecture only shipped runs are visible."""
    return RunFilter(**fields, kept="shipped") if presentation.is_lecture() else RunFilter(**fields)


def list_pretrainings(of: type[AbstractSource] = AbstractExchangeable) -> dict[str, RunInfo]:
    """List finished pretrainings on sources of one family by key, those with the most tunings first.

    Sources with a natural length are left out; they have lab pages of their own.
    """
    done = visitor_runs.open_store().list(shown(kind="pretraining", state="done"))
    tuned = visitor_runs.open_store().tally("base", shown(kind="tuning", state="done"))
    bases = [one for one in done if isinstance(one.spec.source, of) and one.spec.source.natural_length is None]
    return {one.key: one for one in sorted(bases, key=lambda one: (-tuned.get(one.key, 0), one.label, one.key))}


def list_networks(sides: int | None = None, of: type[AbstractSource] = AbstractExchangeable) -> dict[str, RunInfo]:
    """List finished pretrainings as `list_pretrainings` does; where there is none, say so and draw a link to the page Pretrain.

    Parameters
    ----------
    sides
        Size of the vocabulary that the source must have; None allows any.
    """
    found = {key: one for key, one in list_pretrainings(of).items() if sides in (None, one.spec.source.vocab)}
    if not found:
        what = " for coins" if sides == 2 else ""
        st.info(f"There is no pretrained network{what} yet. Train one first: it takes less than a minute.", icon=":material/arrow_forward:")
        draw_link("pretrain", "Go to Pretrain", "model_training")
    return found


def list_tunings(base: str, on: AbstractSource | None = None) -> dict[str, RunInfo]:
    """List finished tunings of one pretraining by key; `on` restricts them to one target."""
    done = visitor_runs.open_store().list(shown(kind="tuning", state="done", base=base))
    return {one.key: one for one in done if on is None or one.spec.on == on}


def list_targets(base: str) -> dict[str, AbstractSource]:
    """List the targets that a pretraining was tuned to by label, the one with the most runs first."""
    tuned = [one.spec.on for one in list_tunings(base).values()]
    return {on.label: on for on in sorted(dict.fromkeys(tuned), key=tuned.count, reverse=True)}


def run_name(one: RunInfo) -> str:
    """Name a run for a list of choices: label, training steps, seed and the start of its key."""
    if one.spec is None:
        return f"damaged run {one.key[:6]}"
    recipe = one.spec.tuning or one.spec.recipe
    seed = f", seed {one.spec.seeds.pretrain}" if one.spec.seeds.pretrain else ""
    kind = f"{recipe.steps:,} steps" if recipe.steps else "untrained"
    return f"{one.label} ({kind}{seed}) · {one.key[:6]}"


def describe_expectation(one: RunInfo) -> str:
    """Say in a sentence which source a network was pretrained on, or that it was never trained."""
    return f"It was pretrained to expect {one.spec.source.in_words}." if one.spec.recipe.steps else ("It was never trained, so it "
                                                                                                     "expects nothing in particular.")


def run_state(key: str) -> str:
    """State of a run; "" where there is no such run."""
    try:
        return find_info(key).status.state
    except StoreError:
        return ""


def has_language_model() -> bool:
    """Whether the language model has been trained; where it has not, draw a note with the command that trains it."""
    there = run_state(MODEL.key()) == "done"
    if not there:
        st.info("The language model is not here yet: run `prompt-tutor study tiny-language`, which trains it in about half an hour.",
                icon=":material/hourglass_empty:")
    return there


@st.cache_data(ttl=300, max_entries=256, show_spinner=False)
def estimate_seconds(spec: RunSpec) -> float:
    """Estimate the seconds that a run takes on one core, from the finished runs."""
    known = [(one.spec, one.status.seconds) for one in list_infos() if one.spec and one.status.state == "done"]
    return cost.seconds_of(spec, known)
