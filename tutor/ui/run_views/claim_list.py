"""All claims with their verdicts: which are shown, how they add up, and the card of each."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from tutor.figures import verdict_bars
from tutor.studies import FAST, PAPER, STUDIES
from tutor.studies.works import WORKS, find_work, group_by_work
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, catalog, run_comparison
from tutor.ui.shell import url_state

ALL = "all works"
EFFORTS = {FAST.name: "short training", PAPER.name: "trained as in the paper"}
"""What a result was computed with, in words, by the name of its preset."""


def list_results() -> dict[str, dict]:
    """List the result of every study that has one, by name; results at the papers' own settings come before fast ones."""
    found = {name: cached_results.study_result(name, PAPER.name) or cached_results.study_result(name, FAST.name) for name in STUDIES}
    return {name: result for name, result in found.items() if result}


def describe_number() -> str:
    """Say how many claims are tested, and of how many papers."""
    papers = {find_work(study.source) for study in STUDIES.values()} & set(WORKS)
    return f"{len(STUDIES)} claims of {_in_words(len(papers))} papers, tested"


def _in_words(number: int) -> str:
    return dict(enumerate(("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))).get(number, str(number))


def choose_claims(known: Mapping[str, dict]) -> list[str]:
    """Draw the verdicts of all works as bars and the choice of works and verdicts; return the names of the studies chosen."""
    works = group_by_work({name: STUDIES[name] for name in known})
    counts = {work.cited: Counter(known[name]["verdict"] for name in names) for work, names in works.items()}
    draw_picture(verdict_bars(counts), key="claims_verdicts")
    with st.container(horizontal=True):
        cited = url_state.choose_segment("Work", [ALL, *counts], default=ALL, key="claims_work")
        verdicts = list(run_comparison.VERDICTS)
        wanted = st.pills("Verdict", verdicts, selection_mode="multi", default=verdicts, key="claims_verdict", bind="query-params")
    chosen = [name for work, names in works.items() if cited in (ALL, work.cited) for name in names if known[name]["verdict"] in wanted]
    if not chosen:
        st.info("No claim has this verdict. Choose another verdict, or all works.", icon=":material/filter_alt_off:")
    return chosen


def draw_card(name: str, result: Mapping) -> None:
    """Draw title, claim, source and verdict of a study, and a link to its page."""
    study = STUDIES[name]
    st.markdown(f"**{study.title}**")
    st.markdown(study.claim)
    st.caption(study.source)
    with st.container(horizontal=True, vertical_alignment="center"):
        run_comparison.draw_verdict(result)
        st.caption(EFFORTS[result["preset"]], width="content")
        if study.lab == "coins":
            catalog.draw_link("regret", "See the numbers", "query_stats", regret_what=name)
        else:
            catalog.draw_link(study.lab, f"See it on {study.lab.capitalize()}", "query_stats")
