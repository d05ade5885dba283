"""A table that a visitor has told in words, by the network as it was or behind a finished prefix; and what is wrong in it."""

import math

import numpy as np
import streamlit as st

from tutor import measure
from tutor.disk import StoreError
from tutor.measure.text import KINDS, by_kind, continued
from tutor.runner import one_thread_count
from tutor.sources import TinyLanguage
from tutor.sources.language.documents import ROWS, SAY
from tutor.spec import RunSpec
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE
from tutor.ui import catalog, comparison, insides, numbers, runs

TABLES = 64
"""Held-out documents over which a chosen prefix is taken apart; each is written word by word, so they are few."""
LUCK = 0.05
"""What guesses reach with a greater probability is no better than guessed."""


def writers() -> dict[str, str]:
    """Finished tunings of the language model that tell tables or summaries, by key, and what each is called: those of studies, prompts before
    weights, best first by the network that is kept; then all others, a visitor's own among them."""
    done = {one.key: one.spec for one in catalog.infos() if one.spec and one.spec.is_tuning and one.status.state == "done"}
    fitting = {key: spec for key, spec in done.items() if spec.base() == MODEL and _tells(spec) and _kept(key, spec)}
    known = _of_studies(fitting)
    best = sorted(known, key=lambda key: (fitting[key].on.tasks != TABLE.tasks, fitting[key].method.changes_weights, -score(key)))
    names = {key: known[key] for key in best} | comparison.labels({key: spec for key, spec in fitting.items() if key not in known})
    return {key: f"{'' if catalog.info(key).shipped else 'Yours: '}{name} (BLEU {score(key):.0f})" for key, name in names.items()}


def score(key: str) -> float:
    """BLEU of the network that is kept of a run: its first repetition's, whatever the others did."""
    return float(np.atleast_1d(numbers.arrays(key)["bleu/0"])[0])


def _of_studies(fitting: dict[str, RunSpec]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, study in STUDIES.items():
        result = numbers.study(name, FAST.name) if study.lab == "anatomy" else None
        for row in result["rows"] if result else ():
            if row["key"] in fitting:
                summing = ", summaries" if fitting[row["key"]].on.tasks == SUMMARY.tasks else ""
                names.setdefault(row["key"], f"{study.title}: {row['method']}{summing}")
    return names


def _tells(spec: RunSpec) -> bool:
    return isinstance(spec.on, TinyLanguage) and spec.on.tasks in (TABLE.tasks, SUMMARY.tasks)


def _kept(key: str, spec: RunSpec) -> bool:
    return not spec.method.changes_weights or keeps_weights(key)


@st.cache_data(max_entries=256, show_spinner=False)
def keeps_weights(key: str) -> bool:
    """Whether the weights of a run are there; of networks too large to be shipped they are not."""
    try:
        return bool(runs.load(key).folder.weights())
    except StoreError:
        return False


def asks(on: TinyLanguage, row: tuple[str, ...]) -> str:
    """This row (values in the order of ROWS) as the input of a task: a table, or sentences to summarise."""
    facts = dict(zip(ROWS, row, strict=True))
    if on.tasks == SUMMARY.tasks:
        return " ".join(SAY[kind][0].format(n=facts["name"], v=facts[kind]) for kind in ROWS[1:]) + " summary :"
    return f"table : {' | '.join(f'{name} = {value}' for name, value in facts.items())} . text :"


@st.cache_data(max_entries=256, show_spinner=False)
def told(key: str, row: tuple[str, ...]) -> str:
    """What the network of a run writes behind this row (values in the order of ROWS). ValueError where a word is unknown."""
    on = catalog.info(key).spec.on or TABLE
    with one_thread_count():
        return continued(insides.network(key), asks(on, row), TABLE.natural_length)


def marked(said: str, row: tuple[str, ...]) -> str:
    """The sentence as Markdown, every name and value bold and red that is not in the row."""
    true, known = set(" ".join(row).split()), set().union(*KINDS.values())
    return " ".join(f":red[**{word}**]" if word in known - true else f"*{word}*" for word in said.split())


def mistakes(said: str, row: tuple[str, ...], on: TinyLanguage) -> list[str]:
    """Every fact that is not told as it stands in the row, each in a few words; facts that a summary leaves out are not missed."""
    words, wrong = said.split(), []
    for kind, value in zip(ROWS, row, strict=True):
        if set(value.split()) <= set(words) or (on.tasks == SUMMARY.tasks and kind == "pet"):
            continue
        instead = [word for word in dict.fromkeys(words) if word in KINDS[kind] and word not in value.split()]
        wrong.append(f"{kind} ({' '.join(instead) or 'nothing'}, the table says {value})")
    return wrong


@st.cache_data(max_entries=64, show_spinner=False)
def facts_right(key: str) -> dict[str, float]:
    """Share of unseen documents in which each kind of fact is told right by the network of a run."""
    on = catalog.info(key).spec.on
    with one_thread_count():
        written = measure.write(insides.network(key), on, n=TABLES)
    return by_kind(written.said, written.wanted)


def by_luck(right: int, tries: int, chance: float) -> float:
    """How probable it is that guesses, each right with this chance, get as many right, or more (the upper tail of the binomial distribution)."""
    return math.fsum(math.comb(tries, n) * chance**n * (1 - chance) ** (tries - n) for n in range(right, tries + 1))


def right_in_words(shares: dict[str, float]) -> str:
    """These shares as a sentence, beside what a guess would get."""
    chance = 1 / len(KINDS["pet"])
    listed = ", ".join(f"{kind} **{share:.0%}**" for kind, share in shares.items())
    guessed = [kind for kind, share in shares.items() if kind != "name" and by_luck(round(share * TABLES), TABLES, 1 / len(KINDS[kind])) > LUCK]
    said = f": {' and '.join(guessed)} {'are' if len(guessed) > 1 else 'is'} no better than guessed" if guessed else ""
    return f"Over {TABLES} documents on people whom it has never met it gets right: {listed}. Guessing one of {len(KINDS['pet'])} would be right in {chance:.0%}{said}."
