"""A table that a visitor has told in words, by the network as it was or behind a finished prefix; and what is wrong in it."""

import math

import numpy as np
import streamlit as st

from tutor import measure
from tutor.core.threads import fix_threads
from tutor.measure.generation import KINDS, continue_text, share_by_kind
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.sources import TinyLanguage
from tutor.sources.language.documents import ROWS, SAY
from tutor.sources.language.words import FIRST, LAST, PERSON
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE
from tutor.ui.run_views import cached_results, cached_states, catalog, run_comparison
from tutor.ui.shell import page_facts, visitor_runs

TABLES = 64
"""Held-out documents over which a chosen prefix is taken apart; each is written word by word, so they are few."""
LUCK = 0.05
"""What guesses reach with a greater probability is no better than guessed."""


def choose_row() -> tuple[str, ...]:
    """Draw the choice of a person's facts and return them in the order of ROWS."""
    columns = st.columns(6)
    first = columns[0].selectbox("first name", FIRST, key="anatomy_first", bind="query-params")
    last = columns[1].selectbox("last name", LAST, key="anatomy_last", bind="query-params")
    cells = [column.selectbox(name, PERSON[name], key=f"anatomy_{name}", bind="query-params")
             for column, name in zip(columns[2:], ROWS[1:], strict=True)]
    return (f"{first} {last}", *cells)


def tell_row(key: str, row: tuple[str, ...]) -> None:
    """Draw the sentence that a run's network writes for these facts, and its mistakes."""
    said = write_row(key, row)
    wrong = list_mistakes(said, row, catalog.find_info(key).spec.on)
    st.markdown(f"Tuned: {mark_mistakes(said, row)}" + (f"  \nWrong: {', '.join(wrong)}." if wrong else "  \nEvery fact is right."))
    page_facts.record_facts(told=said, wrong=len(wrong))


def list_writers() -> dict[str, str]:
    """Names of the finished tunings of the language model on tables or summaries, by key.

    Those of studies come first, tables before summaries, prompts before weights, best BLEU first; then all others.
    """
    done = {one.key: one.spec for one in catalog.list_infos() if one.spec and one.spec.is_tuning and one.status.state == "done"}
    fitting = {key: spec for key, spec in done.items() if spec.base() == MODEL and _tells(spec) and _kept(key, spec)}
    known = _of_studies(fitting)
    best = sorted(known, key=lambda key: (fitting[key].on.tasks != TABLE.tasks, fitting[key].method.changes_weights, -load_score(key)))
    names = {key: known[key] for key in best} | run_comparison.short_names({key: spec for key, spec in fitting.items() if key not in known})
    return {key: f"{'' if catalog.find_info(key).shipped else 'Yours: '}{name} (BLEU {load_score(key):.0f})" for key, name in names.items()}


def load_score(key: str) -> float:
    """BLEU of a run's stored network, which is that of its first repetition."""
    return float(np.atleast_1d(cached_results.load_arrays(key)["bleu/0"])[0])


def _of_studies(fitting: dict[str, RunSpec]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, study in STUDIES.items():
        result = cached_results.study_result(name, FAST.name) if study.lab == "anatomy" else None
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
    """Whether the weights of a run are stored; shipped runs lack those of large networks."""
    try:
        return bool(visitor_runs.load_run(key).folder.weights())
    except StoreError:
        return False


def make_input(on: TinyLanguage, row: tuple[str, ...]) -> str:
    """Format facts (in the order of ROWS) as the input of a task: a table, or sentences to summarise."""
    facts = dict(zip(ROWS, row, strict=True))
    if on.tasks == SUMMARY.tasks:
        return " ".join(SAY[kind][0].format(n=facts["name"], v=facts[kind]) for kind in ROWS[1:]) + " summary :"
    return f"table : {' | '.join(f'{name} = {value}' for name, value in facts.items())} . text :"


@st.cache_data(max_entries=256, show_spinner=False)
def write_row(key: str, row: tuple[str, ...]) -> str:
    """Let a run's network tell these facts (in the order of ROWS).

    Raises
    ------
    ValueError
        Where a word is not in the language.
    """
    on = catalog.find_info(key).spec.on or TABLE
    with fix_threads():
        return continue_text(cached_states.load_network(key), make_input(on, row), TABLE.natural_length)


def mark_mistakes(said: str, row: tuple[str, ...]) -> str:
    """Format a sentence as Markdown, with names and values that are not in the row bold and red."""
    true, known = set(" ".join(row).split()), set().union(*KINDS.values())
    return " ".join(f":red[**{word}**]" if word in known - true else f"*{word}*" for word in said.split())


def list_mistakes(said: str, row: tuple[str, ...], on: TinyLanguage) -> list[str]:
    """List the facts that a sentence does not tell as the row has them; a summary may leave out the pet."""
    words, wrong = said.split(), []
    for kind, value in zip(ROWS, row, strict=True):
        if set(value.split()) <= set(words) or (on.tasks == SUMMARY.tasks and kind == "pet"):
            continue
        instead = [word for word in dict.fromkeys(words) if word in KINDS[kind] and word not in value.split()]
        wrong.append(f"{kind} ({' '.join(instead) or 'nothing'}, the table says {value})")
    return wrong


@st.cache_data(max_entries=64, show_spinner=False)
def score_facts(key: str) -> dict[str, float]:
    """Share (0 to 1) of TABLES held-out documents in which a run's network tells a fact correctly, by kind of fact."""
    on = catalog.find_info(key).spec.on
    with fix_threads():
        written = measure.generate_texts(cached_states.load_network(key), on, n=TABLES)
    return share_by_kind(written.said, written.wanted)


def chance_of_guessing(right: int, tries: int, chance: float) -> float:
    """Probability that at least `right` of `tries` independent guesses succeed, each with probability `chance`."""
    return math.fsum(math.comb(tries, n) * chance**n * (1 - chance) ** (tries - n) for n in range(right, tries + 1))


def describe_shares(shares: dict[str, float]) -> str:
    """Describe the shares from `score_facts` in a sentence, and name those that are no better than guessing."""
    chance = 1 / len(KINDS["pet"])
    listed = ", ".join(f"{kind} **{share:.0%}**" for kind, share in shares.items())
    guessed = [kind for kind, share in shares.items()
               if kind != "name" and chance_of_guessing(round(share * TABLES), TABLES, 1 / len(KINDS[kind])) > LUCK]
    said = f": {' and '.join(guessed)} {'are' if len(guessed) > 1 else 'is'} no better than guessed" if guessed else ""
    return (f"Over {TABLES} documents about people that it has never seen, it gets right: {listed}. Guessing one of {len(KINDS['pet'])} "
            f"would be right in {chance:.0%}{said}.")
