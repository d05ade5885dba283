"""What the Anatomy page shows of the studies on the tiny language: claim, finding, picture and checks."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from tutor.figures import Levels, Picture, Score, score_bars, score_lines, score_map
from tutor.studies import FAST, STUDIES
from tutor.ui import comparison, findings, numbers, repetitions
from tutor.ui.frame import prose
from tutor.ui.picture import picture

MEASURES = {"bleu": "BLEU", "slots": "facts told (share)", "accuracy": "exact sentences (share)"}
TOP = {"bleu": 104.0, "slots": 1.04, "accuracy": 1.04}
"""Where an axis ends: a little above all there is to reach, for the rings."""
KINDS = {"guests": "names", "qa": "questions", "cloze": "gaps", "arithmetic": "sums", "table": "tables", "unfounded": "fact not given"}
"""What each kind of document asks for, in a word or two."""
UNTUNED = "untuned, no document in front"
SERIES = {"low-data": ("documents to learn from", " documents"), "length": ("vectors per layer", " vector")}


def study(name: str, measure: str, *, link: str) -> None:
    """Claim, verdict, picture and checks of one study."""
    claimed = STUDIES[name]
    st.subheader(claimed.title)
    found = comparison.claim(name)
    if found is None:
        return
    metric = claimed.metric if name == "tiny-language" else measure
    prose(findings.said(name, found))
    picture(drawn(name, found, metric), key=f"anatomy_{name}", link=link, runs=found["keys"][:6])
    if name == "reparametrisation":
        st.caption(f"{kept(found)}. The MLP is dropped after training: keys and values stay the same.")
    with st.expander("What was checked, and what the paper reports"):
        comparison.checks(found)
        st.caption(f"{claimed.source}.")


def drawn(name: str, found: Mapping, metric: str) -> Picture:
    """The picture that fits a study: a map for learning rates, lines over a size, else bars; each with every repetition."""
    scores, said, top = rows(found, metric), MEASURES[metric], TOP[metric]
    if name == "reparametrisation":
        ways, rates = (list(dict.fromkeys(row["method"].split(", rate ")[i] for row, _ in scores)) for i in (0, 1))
        cells = {row["method"]: score for row, score in scores}
        return score_map(ways, rates, [[cells[f"{way}, rate {rate}"] for rate in rates] for way in ways], across="learning rate", measure=said)
    if name in SERIES:
        return _over_size(name, scores, metric)
    if name == "tiny-language":
        return score_bars({"": {KINDS[row["on"].rpartition(": ")[2]]: score for row, score in scores}}, measure="answers right (share)", top=top)
    groups: dict[str, dict[str, Score]] = {}
    for row, score in scores:
        group, _, way = row["method"].rpartition(", ")                # of two tasks, or of two kinds of vectors
        groups.setdefault(group or row["on"].rpartition(": ")[2], {})[way] = score
    both = len({row["on"] for row, _ in scores}) > 1
    return score_bars(groups, measure=said, top=top, marks={f"table, {level}" if both else level: height for level, height in marks(metric).items()})


def marks(metric: str) -> dict[str, float]:
    """Levels to hold scores of tables against: of guessing, and, where it is not near zero, of the untuned network."""
    untuned = {row["metric"]: row["value"] for row in (numbers.study("low-data", FAST.name) or {"rows": ()})["rows"] if row["method"] == UNTUNED}
    return findings.levels(metric) | ({"untuned, in an old way": untuned[metric]} if metric == "slots" and metric in untuned else {})


def rows(found: Mapping, metric: str) -> list[tuple[dict, Score]]:
    """The rows of a result in one measure, with their repetitions; made from the runs where the result does not list the measure."""
    listed = [row for row in found["rows"] if row["metric"] == metric]
    if listed:
        return [(row, repetitions.scored(row, found["keys"])) for row in listed]
    other = [row for row in found["rows"] if row["metric"] == "bleu" and row["key"]]
    made = [row | {"metric": metric} | _band(repetitions.each(row["key"], metric, row["on"], tuple(found["keys"]))) for row in other]
    return [(row, repetitions.scored(row, found["keys"])) for row in made]


def _band(values: Sequence[float]) -> dict[str, float]:
    return dict(zip(("q25", "value", "q75"), map(float, np.quantile(values, (0.25, 0.5, 0.75))), strict=True))


def _over_size(name: str, scores: list[tuple[dict, Score]], metric: str) -> Picture:
    (across, unit), series, level = SERIES[name], {}, {}
    for row, score in scores:
        way, _, size = row["method"].removesuffix("s").removesuffix(unit.removesuffix("s")).rpartition(", ")
        if size.strip().isdigit():
            series.setdefault(way or "PrefixPT", {})[int(size)] = score
        else:
            level[row["method"]] = row["value"]
    shown = {name: height for name, height in marks(metric).items() if not level or name in findings.GUESSES}
    return score_lines(series, across=across, measure=MEASURES[metric], top=TOP[metric], levels=Levels(level, shown))


def kept(result: dict) -> str:
    """How many numbers a study's prefixes had while they were trained, and how many were left of them."""
    lines = {}
    for row in result["rows"]:
        trained, left = row["trainable"], numbers.summary(row["key"]).get("kept", row["trainable"])
        lines.setdefault(row["method"].partition(",")[0], f"{trained:,} numbers trained, {left:,} kept")
    return "; ".join(f"{name}: {said}" for name, said in lines.items())
