"""All claims with their verdicts: which are shown, how they add up, their effects side by side, and each one in words."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from tutor.figures import ForestRow, forest_plot, verdict_bars
from tutor.studies import FAST, PAPER, STUDIES
from tutor.studies.checks.finding_text import finding_text, region_text
from tutor.studies.works import WORKS, find_work, group_by_work
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, catalog, run_comparison
from tutor.ui.shell import url_state

ALL = "all works"
"""What a result was computed with, in words, by the name of its preset."""


def list_results() -> dict[str, dict]:
    """List the result of every study that has one with fast settings, by name."""
    found = {name: cached_results.study_result(name, FAST.name) for name in STUDIES}
    return {name: result for name, result in found.items() if result}


def describe_number() -> str:
    """Say how many claims are tested, and of how many papers."""
    papers = {find_work(study.source) for study in STUDIES.values()} & set(WORKS)
    return f"{len(STUDIES)} claims of {_in_words(len(papers))} papers, tested"


def _in_words(number: int) -> str:
    return dict(enumerate(("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))).get(number, str(number))


def draw_verdicts(known: Mapping[str, dict]) -> None:
    """Draw the verdicts of all works as bars."""
    works = group_by_work({name: STUDIES[name] for name in known})
    counts = {work.cited: Counter(known[name]["verdict"] for name in names) for work, names in works.items()}
    draw_picture(verdict_bars(counts), key="claims_verdicts")


def choose_claims(known: Mapping[str, dict]) -> list[str]:
    """Draw the choice of works and verdicts; return the names of the studies chosen."""
    works = group_by_work({name: STUDIES[name] for name in known})
    with st.container(horizontal=True):
        cited = url_state.choose_segment("Work", [ALL, *(work.cited for work in works)], default=ALL, key="claims_work")
        verdicts = list(run_comparison.VERDICTS)
        wanted = st.pills("Verdict", verdicts, selection_mode="multi", default=verdicts, key="claims_verdict", bind="query-params")
    chosen = [name for work, names in works.items() if cited in (ALL, work.cited) for name in names if known[name]["verdict"] in wanted]
    if not chosen:
        st.info("No claim has this verdict. Choose another verdict, or all works.", icon=":material/filter_alt_off:")
    return chosen


def draw_forest(results: Sequence[Mapping], key: str) -> None:
    """Draw the primary checks of these results side by side, where any network is measured."""
    rows = [forest_row(result) for result in results if result["bases"]]
    if rows:
        draw_picture(forest_plot(rows), key=f"claims_forest_{key}")


def forest_row(result: Mapping) -> ForestRow:
    """Turn the primary check of a result into a row of a forest plot."""
    first = next(check for check in result["checks"] if check["role"] == "primary")
    low, high = (end if end is not None else sign * math.inf for end, sign in zip(first["interval"], (-1, 1), strict=True))
    least, most = (end if end is not None else sign * math.inf for end, sign in ((first["low"], -1), (first["high"], 1)))
    values = tuple(value for value in first["values"] if value is not None)
    return ForestRow(result["title"], result["verdict"], values, first["middle"], (low, high), least, most, finding_text(first),
                     region_text(first), first["reported"], result["answer"])


def draw_entry(name: str, result: Mapping) -> None:
    """Draw a claim in words: what it says, how it came out, a link to its numbers, its plan and its ledger."""
    study = STUDIES[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{study.title}**", width="content")
        run_comparison.draw_verdict(result)
    st.markdown(study.claim)
    st.caption(f"{result['sentence']} Source: {study.source}.")
    if study.lab == "coins":
        catalog.draw_link("regret", "See the numbers", "query_stats", regret_what=name)
    else:
        catalog.draw_link(study.lab, f"See it on {study.lab.capitalize()}", "query_stats")
    with st.expander("Plan and ledger"):
        _draw_plan(result)
        paper = cached_results.study_result(name, PAPER.name) if PAPER in study.presets else None
        if paper:
            st.markdown(f"With the settings of the paper, on {len(paper['bases'])} networks: {finding_text(_primary(paper))}.")


def _primary(result: Mapping) -> Mapping:
    return next(check for check in result["checks"] if check["role"] == "primary")


def _draw_plan(result: Mapping) -> None:
    """What was fixed before the runs, and every change of it since the first verdict."""
    plan, looks = result["plan"], ", then ".join(map(str, result["plan"]["looks"]))
    hours = f"{result['seconds'] / 3600:.1f} core hours" if result["seconds"] >= 3600 else f"{result['seconds'] / 60:.0f} core minutes"
    st.markdown(f"Primary check: {plan['primary']}. Networks: {looks}, seeds from {plan['first_seed']}. Spent: {hours}.")
    ledger = [{"day": one["when"], "what was changed": one["what"], "verdict before": one["before"]} for one in result["ledger"]]
    st.dataframe(pd.DataFrame(ledger), hide_index=True, height="content", alt="Every change of a bound, a check or a recipe.")
