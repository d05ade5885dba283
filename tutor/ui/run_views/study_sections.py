"""Sections of a lab page for the studies that belong to the lab and that the page has no section of its own for."""

from collections.abc import Collection, Mapping

import streamlit as st

from tutor.figures import Score, score_bars
from tutor.studies import STUDIES
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import claim_section, run_comparison
from tutor.ui.shell.sections import section


def list_other_studies(lab: str, drawn: Collection[str]) -> list[str]:
    """List the registered studies of a lab, except those that its page draws itself (`drawn`)."""
    return [name for name, study in STUDIES.items() if study.lab == lab and name not in drawn]


def draw_others(lab: str, drawn: Collection[str] = ()) -> None:
    """Draw a section for each study of a lab that its page does not draw itself."""
    for name in list_other_studies(lab, drawn):
        draw_study(name, lab)


@section()
def draw_study(name: str, lab: str) -> None:
    """Draw a section for any study: title, claim, verdict, one picture per metric, and the checks."""
    study = STUDIES[name]
    st.header(study.title)
    result = run_comparison.draw_claim(name)
    if result is None:
        return
    for metric, groups in group_scores(result).items():
        draw_picture(score_bars(groups, measure=metric), key=f"{lab}_{name}_{metric}", link=lab, runs=result["keys"][:6])
    claim_section.show_checks(result, f"{study.source}.")


def group_scores(result: Mapping) -> dict[str, dict[str, dict[str, Score]]]:
    """Group the scores of a result by metric, then by source and network, then by method; a regret curve gives its last value."""
    found: dict[str, dict[str, dict[str, Score]]] = {}
    for row in result["rows"]:
        if "regret" in row:
            metric, score = f"regret after {row['n'][-1]} tokens (nats)", Score(row["regret"][-1], row["q25"][-1], row["q75"][-1])
        else:
            metric, score = row["metric"], Score(row["value"], row["q25"], row["q75"])
        found.setdefault(metric, {}).setdefault(f"{row['on']}, {row['body']}", {})[row["method"]] = score
    return found
