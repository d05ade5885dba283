"""What the Anatomy page shows of the studies on the tiny language: claim, finding, picture and checks."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from tutor.figures import Picture, ReferenceLevels, Score, score_bars, score_lines, score_map
from tutor.methods import METHODS
from tutor.studies import FAST, STUDIES
from tutor.studies.row_fields import PRETRAINED, select
from tutor.ui.labs.prefixes import findings
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, claim_section, repetitions, run_comparison
from tutor.ui.shell.prose import write_paragraph

MEASURES = {"bleu": "BLEU", "slots": "facts told (share)", "accuracy": "exact sentences (share)"}
TOP = {"bleu": 104.0, "slots": 1.04, "accuracy": 1.04}
"""Where an axis ends: a little above all there is to reach, for the rings."""
KINDS = {"guests": "names", "qa": "questions", "cloze": "gaps", "arithmetic": "sums", "table": "tables", "unfounded": "fact not given"}
"""What each kind of document asks for, in a word or two."""
UNTUNED = {"method": PRETRAINED, "shown": 0}
"""The row of low-data about the network as it is, with no document in front."""
SERIES = {"low-data": ("documents to learn from", "documents"), "length": ("vectors per layer", "length")}
"""Studies over a size: what its axis is called, and the field that has it."""


def show_study(name: str, measure: str, *, link: str) -> None:
    """Draw claim, verdict, picture and checks of one study."""
    claimed = STUDIES[name]
    st.subheader(claimed.title)
    found = run_comparison.draw_claim(name)
    if found is None:
        return
    metric = claimed.metric if name == "tiny-language" else measure
    draw_picture(draw_study(name, found, metric), key=f"anatomy_{name}", link=link, runs=found["keys"][:6])
    write_paragraph(findings.describe_finding(name, found))
    if name == "reparametrisation":
        st.caption(f"{describe_kept_numbers(found)}. After training the MLP is not needed: keys and values stay the same.")
    claim_section.show_checks(found, f"{claimed.source}.")


def draw_study(name: str, found: Mapping, metric: str) -> Picture:
    """Draw a study as a map for learning rates, as lines over a size, or else as bars, with single repetitions."""
    scores, said, top = score_rows(found, metric), MEASURES[metric], TOP[metric]
    if name == "reparametrisation":
        ways, rates = (list(dict.fromkeys(row["fields"][name] for row, _ in scores)) for name in ("way", "rate"))
        cells = {(row["fields"]["way"], row["fields"]["rate"]): score for row, score in scores}
        return score_map(ways, [f"{rate:g}" for rate in rates], [[cells[way, rate] for rate in rates] for way in ways],
                         across="learning rate", measure=said, share=metric != "bleu")
    if name in SERIES:
        return _over_size(name, scores, metric)
    if name == "tiny-language":
        return score_bars({"": {KINDS[row["fields"]["task"]]: score for row, score in scores}}, measure="answers right (share)", top=top)
    groups: dict[str, dict[str, Score]] = {}
    for row, score in scores:
        fields = row["fields"]                                        # of two kinds of vectors, or of two tasks
        group, way = (fields["depth"], fields["place"]) if name == "placement" else (fields["task"], row["method"])
        groups.setdefault(group, {})[way] = score
    both = len({row["fields"]["task"] for row, _ in scores}) > 1
    return score_bars(groups, measure=said, top=top,
                      marks={f"table, {level}" if both else level: height for level, height in score_marks(metric).items()})


def score_marks(metric: str) -> dict[str, float]:
    """Reference levels for scores of tables: guessing and, where it is not near zero, the untuned network."""
    result = cached_results.study_result("low-data", FAST.name)
    untuned = {row["metric"]: row["value"] for row in select(result["rows"] if result else (), **UNTUNED)}
    return findings.guess_levels(metric) | ({"untuned, in an old way": untuned[metric]} if metric == "slots" and metric in untuned else {})


def score_rows(found: Mapping, metric: str) -> list[tuple[dict, Score]]:
    """List the rows of a result in one metric with their repetitions; computed from the runs where the result lacks the metric."""
    listed = [row for row in found["rows"] if row["metric"] == metric]
    if listed:
        return [(row, repetitions.score_row(row, found["keys"])) for row in listed]
    other = [row for row in found["rows"] if row["metric"] == "bleu" and row["key"]]
    made = [row | {"metric": metric} | _band(repetitions.behind(row, metric, found["keys"])) for row in other]
    return [(row, repetitions.score_row(row, found["keys"])) for row in made]


def _band(values: Sequence[float]) -> dict[str, float]:
    return dict(zip(("q25", "value", "q75"), map(float, np.quantile(values, (0.25, 0.5, 0.75))), strict=True))


def _over_size(name: str, scores: list[tuple[dict, Score]], metric: str) -> Picture:
    (across, size), series, level = SERIES[name], {}, {}
    for row, score in scores:
        fields = row["fields"]
        if fields.get(size) is not None:
            series.setdefault(METHODS[fields["method"]].label, {})[fields[size]] = score
        else:
            level[row["method"]] = row["value"]
    shown = {name: height for name, height in score_marks(metric).items() if not level or name in findings.GUESSES}
    return score_lines(series, across=across, measure=MEASURES[metric], top=TOP[metric], levels=ReferenceLevels(level, shown))


def describe_kept_numbers(result: dict) -> str:
    """Describe how many parameters a study's prefixes had during training and how many were kept."""
    lines = {}
    for row in result["rows"]:
        trained, left = row["trainable"], cached_results.load_summary(row["key"]).get("kept", row["trainable"])
        lines.setdefault(row["fields"]["way"], f"{trained:,} numbers trained, {left:,} kept")
    return "; ".join(f"{name}: {said}" for name, said in lines.items())
