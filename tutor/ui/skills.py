"""What the Skills page shows of a study of list tasks: its verdict, its matrix of scores, and its live version."""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import streamlit as st

from tutor.disk import StoreError
from tutor.figures import Score, race, score_bars, score_matrix
from tutor.sources import Lists
from tutor.spec import RunSpec
from tutor.status import Status
from tutor.studies import FAST, PAPER, STUDIES, AbstractStudy
from tutor.ui import attentions, boards, catalog, comparison, numbers, races, repetitions, runs
from tutor.ui.picture import picture


def study(name: str, *, link: str) -> dict | None:
    """Claim, verdict, matrix of scores beside the paper's, and the checks of a study; its result, None where it is not computed."""
    found, claimed = comparison.claim(name), STUDIES[name]
    if found is None:
        return None
    if claimed.metric == "accuracy":
        rows, columns, values = matrix(found)
        picture(score_matrix(rows, columns, values, claimed.reported), key=f"skills_{name}", link=link, runs=found["keys"])
        st.caption(f"Share of held-out lists of {claimed.specs(FAST)[0].source.items} that are answered without a single mistake, greedily; medians over repetitions. "
                   f"In brackets: what the authors report, {theirs(claimed)}.")
    else:
        picture(score_bars(excesses(found), measure="nats too many per list"), key=f"skills_{name}", link=link, runs=found["keys"])
        st.caption("What a whole answer costs more than the ideal predictor of the task would pay. Bars: medians; rings: single repetitions.")
    with st.expander("What was checked, and the numbers behind it"):
        comparison.checks(found)
    return found


def theirs(claimed: AbstractStudy) -> str:
    """How the authors' network and lists differ from ours."""
    ours, paper = (claimed.specs(preset)[0] for preset in (FAST, PAPER))
    same = (ours.body.layers, ours.body.width) == (paper.body.layers, paper.body.width)
    layers = f"{paper.body.layers} layer{'s' if paper.body.layers > 1 else ''}"
    network = "with a network of the same size" if same else f"with {layers} of width {paper.body.width} where ours has {ours.body.layers} of width {ours.body.width}"
    return network + (f", on lists of {paper.source.items}" if paper.source.items != ours.source.items else "")


def matrix(found: Mapping) -> tuple[list[str], list[str], np.ndarray]:
    """Rows (methods), columns (tasks) and median scores of a study's result, NaN where nothing was measured."""
    rows = list(dict.fromkeys(row["method"] for row in found["rows"]))
    columns = list(dict.fromkeys(row["on"] for row in found["rows"]))
    values = np.full((len(rows), len(columns)), np.nan)
    for row in found["rows"]:
        values[rows.index(row["method"]), columns.index(row["on"])] = row["value"]
    return rows, columns, values


def excesses(found: Mapping) -> dict[str, dict[str, Score]]:
    """Nats over the ideal predictor, by method and then by task and network."""
    scored = [row for row in found["rows"] if row["metric"] == "excess"]
    ways = dict.fromkeys(row["method"] for row in scored)
    return {way: {f"{row['on']}, {row['body']}": repetitions.scored(row, found["keys"]) for row in scored if row["method"] == way} for way in ways}


def trained(specs: Mapping[str, RunSpec], key: str, action: str) -> None:
    """A button that has these runs computed and one that stops them, their race, their scores as they come in, and what came out."""
    with catalog.one_sentence():
        known = races.states(specs)
        boards.buttons(specs, known, key, action)
        if any(known.values()):
            drawn, feeds = races.racers(specs, known)
            steps = max((spec.tuning or spec.recipe).steps for spec in specs.values())
            picture(race(drawn, steps=steps), key=f"{key}_race", link=key, live=feeds or None, runs=[spec.key() for spec in specs.values()])
            st.caption("How far each network's predictions are from the ideal predictor's of its own task: the lower, the better. Each line of the axis is ten times nearer than the one above.")
            boards.board(specs, known, key, _line, "Lists answered without a mistake: of the 16 of the film while the network is trained, of held-out ones at the end")
        if all(status is not None and status.state == "done" for status in known.values()):
            _closing(specs)


def _line(spec: RunSpec, status: Status) -> dict[str, float]:
    if status.state == "done":
        return scores(spec.key())
    on = spec.on or spec.source
    right = so_far(spec.key(), on.items)
    return {on.label: right} if right is not None and len(on.tasks) == 1 else {}


def so_far(key: str, items: int) -> float | None:
    """Share of the filmed lists that a run which is still computed answers right, by its newest frame; None before the first."""
    with suppress(StoreError, IndexError):
        run = runs.load(key)
        frame = run.folder.frame(run.folder.film.steps()[-1])
        return float((frame.probs.argmax(-1) == frame.tokens)[:, items:].all(1).mean())
    return None


def _closing(specs: Mapping[str, RunSpec]) -> None:
    """What came out, in numbers, and where what the prefix does can be seen."""
    found = {label: scores(spec.key()).get((spec.on or spec.source).label) for label, spec in specs.items()}
    own = {label: score for label, score in found.items() if score is not None}
    st.markdown("Held-out lists without a mistake: " + ", ".join(f"**{label}** {score:.0%} ({(specs[label].on or specs[label].source).label.lower()})" for label, score in own.items()) + "."
                + as_in_the_study(own))
    for spec in specs.values():
        if spec.is_tuning and spec.key() in attentions.prefixed():
            catalog.link("attention", "See what this prefix does to attention", "visibility", attention_run=spec.key())


def as_in_the_study(own: Mapping[str, float]) -> str:
    """Whether a visitor's three networks tell the same as the study's; nothing where they are not three."""
    if own.keys() != {"pretrained", "FullWT", "PrefixPT"}:
        return ""
    same = own["pretrained"] >= 0.9 and own["FullWT"] >= 0.8 and own["PrefixPT"] <= 0.05
    return " As in the study: new weights learn to look elsewhere, the prefix does not." if same else " In the study it came out otherwise; another seed may tell more."


def scores(key: str) -> dict[str, float]:
    """Median exact match of a finished run on each of its sources of a single task."""
    kept = numbers.summary(key)
    sources = {i: Lists.model_validate(kept["evaluated_on"][int(i)]) for i in kept["accuracy"]}
    return {source.label: kept["accuracy"][i]["median"][0] for i, source in sources.items() if len(source.tasks) == 1}
