"""What the Attention page asks of finished list networks and their prefixes, kept under everything it depends on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from tutor import measure
from tutor.analysis import prefix_attention
from tutor.analysis import prefix_bias as pushes
from tutor.core.threads import fix_threads
from tutor.methods import PrefixPT
from tutor.methods.prefix import DEFAULT_LENGTH
from tutor.predictors import Predictor
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunInfo
from tutor.sources import Lists
from tutor.ui.run_views import cached_states, catalog
from tutor.ui.shell import visitor_runs

CACHE_OPTIONS = {"max_entries": 128, "show_spinner": False}
COUNTED = ("no", "one", "two", "three", "four", "five", "six")


def list_prefix_runs() -> dict[str, RunInfo]:
    """List the finished prefix tunings of list networks by key, grouped by network."""
    done = [one for one in catalog.list_infos() if one.spec and one.spec.is_tuning and one.status.state == "done"]
    fitting = [one for one in done if isinstance(one.spec.source, Lists) and isinstance(one.spec.method, PrefixPT)
               and one.spec.body.prefix_has_length]
    order = {one.key: (one.spec.body.layers, -len(one.spec.source.tasks), one.spec.on.label, count_rows(one.spec), not one.shipped, one.key)
             for one in fitting}
    return {one.key: one for one in sorted(fitting, key=lambda one: order[one.key])}


def count_rows(spec: RunSpec) -> int:
    """Number of prefix vectors in each layer that has any."""
    return DEFAULT_LENGTH if spec.method.length is None else spec.method.length


def name_prefixes(known: Mapping[str, RunInfo]) -> dict[str, str]:
    """Name each prefix for a list of choices, by key: task, length and network, with seed or key where needed to tell two apart."""
    said = {key: _named(one.spec) + ("" if one.shipped else " · tuned here") for key, one in known.items()}
    for telling in (lambda key: f", seed {known[key].spec.seeds.tune}", lambda key: f" ({key[:6]})"):
        times = Counter(said.values())
        said = {key: name + telling(key) if times[name] > 1 else name for key, name in said.items()}
    return said


def _named(spec: RunSpec) -> str:
    count, layers, known = count_rows(spec), spec.body.layers, spec.source.tasks
    vectors = f"{count} vector{'s' * (count != 1)}" + (""
                                                       if spec.method.placement.kind == "prefix" else f" as {spec.method.placement.kind}")
    if spec.method.layers:
        vectors += " in the last " + ("layer" if spec.method.layers == 1 else f"{spec.method.layers} layers")
    network = f"{layers} layer{'s' * (layers > 1)}, " + (f"{COUNTED[len(known)]} tasks" if len(known) > 1 else f"{known[0]} only")
    return f"{spec.on.label} · {vectors} · {network}"


@dataclass(frozen=True)
class EditedPrefix:
    """A finished prefix tuning with a visitor's edits.

    pull, push: factors of the prefix's keys and values.
    without: rows that are left out.
    values: key of the run whose values replace its own; "" keeps them.
    """

    key: str
    pull: float = 1.0
    push: float = 1.0
    without: tuple[int, ...] = ()
    values: str = ""

    @property
    def edited(self) -> bool:
        """Whether any edit differs from the tuned prefix."""
        return self != EditedPrefix(self.key)

    @property
    def base(self) -> Predictor:
        """The network without the prefix."""
        return cached_states.load_network(visitor_runs.load_run(self.key).spec.base().key())

    @property
    def first(self) -> int:
        """Index of the first layer that has a prefix."""
        return prefix_attention.first_prefix_layer(visitor_runs.load_run(self.key).spec)


@st.cache_resource(max_entries=16, show_spinner=False)
def _tuned(run: EditedPrefix) -> Predictor:
    tuned = visitor_runs.load_run(run.key).predictor
    if not run.edited:
        return tuned
    values = visitor_runs.load_run(run.values).predictor if run.values else None
    return prefix_attention.edit_prefix(tuned, run.pull, run.push, without=run.without, values=values)


@st.cache_data(**CACHE_OPTIONS)
def answer_list(run: EditedPrefix, digits: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Tokens of a list with the network's answer, without the prefix and with it."""
    source = visitor_runs.load_run(run.key).spec.source
    with fix_threads():
        return tuple(prefix_attention.answer_list(network, source, digits)[0].tolist() for network in (run.base, _tuned(run)))


@st.cache_data(**CACHE_OPTIONS)
def read_head(run: EditedPrefix, tokens: tuple[int, ...], layer: int, head: int) -> prefix_attention.HeadMaps:
    """Attention maps of one layer and head on these tokens, with rows that are left out shown as zero."""
    with fix_threads():
        found = prefix_attention.read_head(run.base, _tuned(run), prefix_attention.as_batch(tokens), layer, head)
    return replace(found, behind=prefix_attention.fill_gaps(found.behind, run.without)) if layer >= run.first else found


def list_tasks(run: EditedPrefix) -> tuple[str, ...]:
    """Tasks of the network, then those of its prefix and of the prefix whose values it has."""
    spec = visitor_runs.load_run(run.key).spec
    others = visitor_runs.load_run(run.values).spec.on.tasks if run.values else ()
    return tuple(dict.fromkeys((*spec.source.tasks, *spec.on.tasks, *others)))


@st.cache_data(**CACHE_OPTIONS)
def score_tasks(run: EditedPrefix, tasks: tuple[str, ...]) -> dict[str, float]:
    """Share (0 to 1) of held-out lists that the network with the prefix answers without a mistake, by task."""
    with fix_threads():
        return prefix_attention.score_tasks(_tuned(run), visitor_runs.load_run(run.key).spec.source, tasks)


@st.cache_data(**CACHE_OPTIONS)
def score_tasks_alone(key: str, tasks: tuple[str, ...]) -> dict[str, float]:
    """Share (0 to 1) of held-out lists that the network without the prefix of run `key` answers without a mistake, by task."""
    with fix_threads():
        return prefix_attention.score_tasks(EditedPrefix(key).base, visitor_runs.load_run(key).spec.source, tasks)


@st.cache_data(**CACHE_OPTIONS)
def measure_effect(run: EditedPrefix, tokens: tuple[int, ...]) -> list[measure.PrefixEffect]:
    """Measure what the prefix changes in each layer."""
    with fix_threads():
        return measure.prefix_effect(run.base, _tuned(run), prefix_attention.as_batch(tokens))


def find_siblings(key: str) -> tuple[str, ...]:
    """Find the finished prefixes of the same method on the same network, one per task; for its own task, this one.

    Raises
    ------
    KeyError
        Where `key` is no finished prefix of a list network.
    """
    known = list_prefix_runs()
    spec = known[key].spec
    alike = {other: one.spec for other, one in known.items() if one.spec.base() == spec.base() and one.spec.method == spec.method}
    chosen = {one.on: other for other, one in reversed(alike.items())} | {spec.on: key}
    return tuple(sorted(chosen.values(), key=list(alike).index))


def label_prefixes(keys: Iterable[str]) -> dict[str, str]:
    """Label of each prefix's task, by key."""
    return {key: visitor_runs.load_run(key).spec.on.label for key in keys}


def require_siblings(key: str, siblings: tuple[str, ...]) -> None:
    """Check that these are prefixes of one list network, each for another task, with `key` among them.

    Raises
    ------
    ValueError
        Where they are not.
    """
    specs = [visitor_runs.load_run(one).spec for one in siblings]
    prefixes = all(spec.is_tuning and isinstance(spec.source, Lists) and isinstance(spec.method, PrefixPT) for spec in specs)
    if key not in siblings or not prefixes or len({spec.base() for spec in specs}) > 1 or len({spec.on for spec in specs}) < len(specs):
        raise ValueError(f"the runs are {', '.join(siblings)[:80]}; they must be prefixes of one list network, each for another task, "
                         f"{key} among them")


@st.cache_data(max_entries=16, show_spinner=False)
def push_outputs(keys: tuple[str, ...]) -> pushes.PushedOutputs:
    """Outputs of the first attention layer that has a prefix, without and with each prefix of one network."""
    first = EditedPrefix(keys[0])
    prefixes = {label: _tuned(EditedPrefix(key)) for key, label in label_prefixes(keys).items()}
    return pushes.push_outputs(first.base, prefixes, visitor_runs.load_run(first.key).spec.source, first.first)


@st.cache_data(max_entries=64, show_spinner=False)
def push_outputs_edited(run: EditedPrefix, keys: tuple[str, ...]) -> pushes.PushedOutputs:
    """The outputs of `push_outputs` with one of the prefixes as edited."""
    spec = visitor_runs.load_run(run.key).spec
    return push_outputs(keys).moved(spec.on.label, _tuned(run), spec.source) if run.edited else push_outputs(keys)


def read_push_history(key: str, siblings: tuple[str, ...]) -> pushes.PushHistory | None:
    """Filmed outputs of the first attention layer while a prefix was tuned, in the plane of all siblings; None without a film."""
    return pushes.read_push_history(visitor_runs.load_run(key), EditedPrefix(key).base, push_outputs(siblings))


@st.cache_data(max_entries=16, show_spinner=False)
def measure_attention_shares(run: EditedPrefix) -> np.ndarray:
    """Measure how attention to the prefix divides among its rows; rows that are left out get zero.

    Raises
    ------
    ValueError
        Where all rows are left out.
    """
    spec = visitor_runs.load_run(run.key).spec
    if len(run.without) == count_rows(spec):
        raise ValueError("all vectors of this prefix are left out; its attention cannot be divided")
    return prefix_attention.fill_gaps(prefix_attention.measure_attention_shares(_tuned(run), spec.source), run.without)
