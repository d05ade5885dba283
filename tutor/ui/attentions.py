"""What the Attention page asks of finished list networks and their prefixes, kept under everything it depends on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from tutor import attending, measure
from tutor import pushing as pushes
from tutor.methods import PrefixPT
from tutor.methods.prefix import DEFAULT_LENGTH
from tutor.predictors import Predictor
from tutor.runner import one_thread_count
from tutor.sources import Lists
from tutor.spec import RunSpec
from tutor.store import RunInfo
from tutor.ui import catalog, insides, runs

KEPT = {"max_entries": 128, "show_spinner": False}
COUNTED = ("no", "one", "two", "three", "four", "five", "six")


def prefixed() -> dict[str, RunInfo]:
    """Finished prefix tunings of list networks by key, those of one base together."""
    done = [one for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done"]
    fitting = [one for one in done if isinstance(one.spec.source, Lists) and isinstance(one.spec.method, PrefixPT) and one.spec.body.prefix_has_length]
    order = {one.key: (one.spec.body.layers, -len(one.spec.source.tasks), one.spec.on.label, rows(one.spec), not one.shipped, one.key) for one in fitting}
    return {one.key: one for one in sorted(fitting, key=lambda one: order[one.key])}


def rows(spec: RunSpec) -> int:
    """How many vectors the prefix has in each layer that has any."""
    return DEFAULT_LENGTH if spec.method.length is None else spec.method.length


def names(known: Mapping[str, RunInfo]) -> dict[str, str]:
    """What each prefix is called in a list of choices: its task first, then how long it is and which network it is for; no two alike."""
    said = {key: _named(one.spec) + ("" if one.shipped else " · tuned here") for key, one in known.items()}
    for telling in (lambda key: f", seed {known[key].spec.seeds.tune}", lambda key: f" ({key[:6]})"):
        times = Counter(said.values())
        said = {key: name + telling(key) if times[name] > 1 else name for key, name in said.items()}
    return said


def _named(spec: RunSpec) -> str:
    count, layers, known = rows(spec), spec.body.layers, spec.source.tasks
    vectors = f"{count} vector{'s' * (count != 1)}" + ("" if spec.method.placement.kind == "prefix" else f" as {spec.method.placement.kind}")
    if spec.method.layers:
        vectors += " in the last " + ("layer" if spec.method.layers == 1 else f"{spec.method.layers} layers")
    network = f"{layers} layer{'s' * (layers > 1)}, " + (f"{COUNTED[len(known)]} tasks" if len(known) > 1 else f"{known[0]} only")
    return f"{spec.on.label} · {vectors} · {network}"


@dataclass(frozen=True)
class Steered:
    """A finished prefix tuning as somebody edited it.

    Its keys times `pull`, its values times `push`, the rows in `without` left out; `values` is the run that they come from, "" itself.
    """

    key: str
    pull: float = 1.0
    push: float = 1.0
    without: tuple[int, ...] = ()
    values: str = ""

    @property
    def edited(self) -> bool:
        """Whether anything is not as it was tuned."""
        return self != Steered(self.key)

    @property
    def base(self) -> Predictor:
        """The network without the prefix."""
        return insides.network(runs.load(self.key).spec.base().key())

    @property
    def first(self) -> int:
        """The first layer that has a prefix."""
        return attending.first_layer(runs.load(self.key).spec)


@st.cache_resource(max_entries=16, show_spinner=False)
def _tuned(run: Steered) -> Predictor:
    tuned = runs.load(run.key).predictor
    if not run.edited:
        return tuned
    values = runs.load(run.values).predictor if run.values else None
    return attending.changed(tuned, run.pull, run.push, without=run.without, values=values)


@st.cache_data(**KEPT)
def answers(run: Steered, digits: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """What the network answers without the prefix and behind it."""
    source = runs.load(run.key).spec.source
    with one_thread_count():
        return tuple(attending.answer(network, source, digits)[0].tolist() for network in (run.base, _tuned(run)))


@st.cache_data(**KEPT)
def reading(run: Steered, tokens: tuple[int, ...], layer: int, head: int) -> attending.Reading:
    """The maps of one layer and head while these tokens are read."""
    with one_thread_count():
        found = attending.read(run.base, _tuned(run), attending.sequence(tokens), layer, head)
    return replace(found, behind=attending.with_gaps(found.behind, run.without)) if layer >= run.first else found


def tasks(run: Steered) -> tuple[str, ...]:
    """The tasks that its network knows, that its prefix is for, and that the prefix is for whose values it has."""
    spec = runs.load(run.key).spec
    others = runs.load(run.values).spec.on.tasks if run.values else ()
    return tuple(dict.fromkeys((*spec.source.tasks, *spec.on.tasks, *others)))


@st.cache_data(**KEPT)
def scores(run: Steered, tasks: tuple[str, ...]) -> dict[str, float]:
    """By task the share of held-out lists that are answered without a mistake behind the prefix."""
    with one_thread_count():
        return attending.scores(_tuned(run), runs.load(run.key).spec.source, tasks)


@st.cache_data(**KEPT)
def scores_alone(key: str, tasks: tuple[str, ...]) -> dict[str, float]:
    """The same without the prefix of run `key`."""
    with one_thread_count():
        return attending.scores(Steered(key).base, runs.load(key).spec.source, tasks)


@st.cache_data(**KEPT)
def effect(run: Steered, tokens: tuple[int, ...]) -> list[measure.PrefixEffect]:
    """What the prefix changes, layer by layer."""
    with one_thread_count():
        return measure.prefix_effect(run.base, _tuned(run), attending.sequence(tokens))


def siblings(key: str) -> tuple[str, ...]:
    """Finished prefixes of the same kind on the same network, one for each task, this one for its own. KeyError where it is none."""
    known = prefixed()
    spec = known[key].spec
    alike = {other: one.spec for other, one in known.items() if one.spec.base() == spec.base() and one.spec.method == spec.method}
    chosen = {one.on: other for other, one in reversed(alike.items())} | {spec.on: key}
    return tuple(sorted(chosen.values(), key=list(alike).index))


def labels(keys: Iterable[str]) -> dict[str, str]:
    """What these prefixes are for, by key."""
    return {key: runs.load(key).spec.on.label for key in keys}


def require_siblings(key: str, siblings: tuple[str, ...]) -> None:
    """ValueError where these are not finished prefixes of one list network, for different tasks, with `key` among them."""
    specs = [runs.load(one).spec for one in siblings]
    prefixes = all(spec.is_tuning and isinstance(spec.source, Lists) and isinstance(spec.method, PrefixPT) for spec in specs)
    if key not in siblings or not prefixes or len({spec.base() for spec in specs}) > 1 or len({spec.on for spec in specs}) < len(specs):
        raise ValueError(f"the runs are {', '.join(siblings)[:80]}; they must be prefixes of one list network, each for another task, {key} among them")


@st.cache_data(max_entries=16, show_spinner=False)
def pushed(keys: tuple[str, ...]) -> pushes.Pushed:
    """Where the prefixes of one network move the output of the first attention layer that has them."""
    first = Steered(keys[0])
    prefixes = {label: _tuned(Steered(key)) for key, label in labels(keys).items()}
    return pushes.pushed(first.base, prefixes, runs.load(first.key).spec.source, first.first)


@st.cache_data(max_entries=64, show_spinner=False)
def pushed_by(run: Steered, keys: tuple[str, ...]) -> pushes.Pushed:
    """The same with one of these prefixes as somebody edited it."""
    spec = runs.load(run.key).spec
    return pushed(keys).moved(spec.on.label, _tuned(run), spec.source) if run.edited else pushed(keys)


def pushing(key: str, siblings: tuple[str, ...]) -> pushes.Pushing | None:
    """How the prefix of one run came to push as it does, in the plane of all of them."""
    return pushes.pushing(runs.load(key), Steered(key).base, pushed(siblings))


@st.cache_data(max_entries=16, show_spinner=False)
def looked_at(run: Steered) -> np.ndarray:
    """How attention divides itself among the rows of a prefix; those left out get nothing. ValueError where none is left."""
    spec = runs.load(run.key).spec
    if len(run.without) == rows(spec):
        raise ValueError("all vectors of this prefix are left out; its attention cannot be divided")
    return attending.with_gaps(attending.looked_at(_tuned(run), spec.source), run.without)
