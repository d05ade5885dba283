"""What the Attention page asks of finished list networks, kept under everything it depends on; and its virtual tokens by hand."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from tutor import attending, constructions, measure
from tutor.figures import Picture, Score, score_lines, table_bars
from tutor.methods import PrefixPT
from tutor.predictors import Predictor
from tutor.runner import one_thread_count
from tutor.sources import Lists
from tutor.store import RunInfo
from tutor.studies.first_token import SPREADS, TRIED, WORDS, tried
from tutor.ui import catalog, insides, runs
from tutor.ui.picture import picture

KEPT = {"max_entries": 128, "show_spinner": False}
PRINTABLE = tuple(chr(code) for code in range(32, 126))
LONGEST = 20
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def prefixed() -> dict[str, RunInfo]:
    """Finished prefix tunings of list networks by key, those of one base together."""
    done = [one for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done"]
    fitting = [one for one in done if isinstance(one.spec.source, Lists) and isinstance(one.spec.method, PrefixPT) and one.spec.body.prefix_has_length]
    return {one.key: one for one in sorted(fitting, key=lambda one: (one.spec.body.layers, -len(one.spec.source.tasks), one.label, one.key))}


def named(one: RunInfo) -> str:
    """A network and its prefix in few words."""
    spec = one.spec
    layers = f"{spec.body.layers} layer{'s' if spec.body.layers > 1 else ''}"
    return f"{layers}, knows {', '.join(spec.source.tasks)}: prefix of {spec.method.length} for {spec.on.label.lower()}"


@dataclass(frozen=True)
class Steered:
    """A finished prefix tuning, its keys times `pull` and its values times `push`."""

    key: str
    pull: float = 1.0
    push: float = 1.0

    @property
    def base(self) -> Predictor:
        """The network without the prefix."""
        return insides.network(runs.load(self.key).spec.base().key())


@st.cache_resource(max_entries=16, show_spinner=False)
def _tuned(run: Steered) -> Predictor:
    tuned = runs.load(run.key).predictor
    return tuned if run.pull == run.push == 1 else attending.changed(tuned, run.pull, run.push)


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
        return attending.read(run.base, _tuned(run), attending.sequence(tokens), layer, head)


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


def require_siblings(key: str, siblings: tuple[str, ...]) -> None:
    """ValueError where these are not finished prefixes of one list network, for different tasks, with `key` among them."""
    specs = [runs.load(one).spec for one in siblings]
    prefixes = all(spec.is_tuning and isinstance(spec.source, Lists) and isinstance(spec.method, PrefixPT) for spec in specs)
    if key not in siblings or not prefixes or len({spec.base() for spec in specs}) > 1 or len({spec.on for spec in specs}) < len(specs):
        raise ValueError(f"the runs are {', '.join(siblings)[:80]}; they must be prefixes of one list network, each for another task, {key} among them")


@st.cache_data(max_entries=16, show_spinner=False)
def pushed(keys: tuple[str, ...]) -> attending.Pushed:
    """Where the prefixes of one network move the output of its first attention layer."""
    specs = {key: runs.load(key).spec for key in keys}
    prefixes = {specs[key].on.label: _tuned(Steered(key)) for key in keys}
    return attending.pushed(Steered(keys[0]).base, prefixes, specs[keys[0]].source)


def pushing(key: str, siblings: tuple[str, ...]) -> attending.Pushing | None:
    """How the prefix of one run came to push as it does, in the plane of all of them."""
    return attending.pushing(runs.load(key), Steered(key).base, pushed(siblings))


@st.cache_data(max_entries=16, show_spinner=False)
def looked_at(key: str) -> np.ndarray:
    """How attention divides itself among the rows of a prefix."""
    return attending.looked_at(_tuned(Steered(key)), runs.load(key).spec.source)


@st.cache_data(**KEPT)
def written(text: str) -> tuple[list[int], str]:
    """The virtual token of a string, and what the network set by hand writes behind it. ValueError where a sign cannot be written."""
    wrong = [sign for sign in text if sign not in PRINTABLE]
    if wrong or not 1 <= len(text) <= LONGEST:
        raise ValueError(f"the string is '{text[:30]}'; it has 1 to {LONGEST} signs, each a letter, digit or sign of plain English")
    table = [PRINTABLE.index(sign) for sign in text]
    said = constructions.written(constructions.string_writer(len(PRINTABLE), len(text)), attending.sequence(table)[0], len(text))
    return table, "".join(PRINTABLE[value] for value in said.tolist())


@st.cache_data(**KEPT)
def mapped(replies: str, word: str) -> tuple[list[int], str]:
    """The virtual token of a map of letters (its 26 answers in order), and what it makes of a word. ValueError where it is no map."""
    if len(replies) != len(LETTERS) or set(replies) - set(LETTERS) or set(word) - set(LETTERS):
        raise ValueError(f"the map is '{replies[:30]}'; it has one small letter for each of the {len(LETTERS)}, and the word small letters only")
    network, table = constructions.symbol_map(len(LETTERS)), [LETTERS.index(letter) for letter in replies]
    said = [constructions.answered(network, attending.sequence(table)[0], attending.sequence([LETTERS.index(letter)])[0]) for letter in word]
    return table, "".join(LETTERS[value] for value in said)


@st.cache_data(**KEPT)
def pair_of(replies: str, pair: str) -> tuple[list[int], int]:
    """The virtual token of a map of pairs of digits 0 to 3 (its 16 answers in order), and its answer to one pair. ValueError as above."""
    if len(replies) != 16 or set(replies + pair) - set("0123") or len(pair) != 2:
        raise ValueError(f"the map is '{replies[:30]}' and the pair '{pair[:5]}'; give 16 digits from 0 to 3, the answers to 00, 01, ... 33, and a pair of them")
    table = [int(digit) for digit in replies]
    return table, constructions.answered(constructions.pair_map(4), attending.sequence(table)[0], attending.sequence(map(int, pair))[0])


def by_hand() -> None:
    """Three fields for what a virtual token is to decide - a string, a map, a map of pairs - each with the token and what it makes the network say."""
    left, middle, right = st.columns(3, gap="large")
    with left, catalog.one_sentence():
        text = st.text_input("Any string", "I love transformers!", key="attention_string", bind="query-params", max_chars=LONGEST)
        table, said = written(text or "")
        picture(table_bars(table, list(text), PRINTABLE), key="attention_written", height=260)
        st.markdown(f"Behind it the network writes **`{said}`**")
    with middle, catalog.one_sentence():
        letters = st.text_input("Any map: what stands for a, b, c ...", "nopqrstuvwxyzabcdefghijklm", key="attention_map", bind="query-params", max_chars=26)
        word = st.text_input("A word to map", "prompt", key="attention_word", bind="query-params", max_chars=12)
        table, said = mapped(letters or "", word or "")
        picture(table_bars(table, LETTERS, LETTERS), key="attention_mapped", height=260)
        st.markdown(f"Behind it `{word}` is answered by **`{said}`**")
    with right, catalog.one_sentence():
        pairs = st.text_input("Any map of pairs: 00, 01, ... 33", "0123123023013012", key="attention_pairs", bind="query-params", max_chars=16, help="The example adds modulo four.")
        pair = st.text_input("A pair to map", "23", key="attention_pair", bind="query-params", max_chars=2)
        table, said = pair_of(pairs or "", pair or "")
        picture(table_bars(table, [f"{i // 4}{i % 4}" for i in range(16)], tuple("0123")), key="attention_paired", height=260)
        st.markdown(f"Behind it `{pair}` is answered by **`{said}`**")


def counted(result: Mapping) -> Picture:
    """Different continuations by how many virtual tokens were tried, with the real ones as a level."""
    found = {row["method"]: Score(row["value"], row["q25"], row["q75"]) for row in result["rows"]}
    series = {f"random vectors, {spread:g} x as wide": {n: found[tried(n, spread)] for n in TRIED} for spread in SPREADS}
    return score_lines(series, across="vectors tried", measure="different continuations", level={f"all {TRIED[1]} real words": found[WORDS].value})
