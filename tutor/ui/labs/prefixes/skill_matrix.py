"""What the Skills page shows of a study of list tasks: its verdict, its matrix of scores, and its live version."""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import streamlit as st

from tutor.figures import Score, race_curves, score_bars, score_matrix
from tutor.runs.io.disk import StoreError
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.sources import Lists
from tutor.studies import FAST, PAPER, STUDIES, AbstractStudy
from tutor.studies.row_fields import find, select
from tutor.ui.labs.prefixes import attention_views
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, catalog, claim_section, method_race, repetitions, run_block, run_comparison
from tutor.ui.shell import page_facts, visitor_runs
from tutor.ui.shell.sections import section


def show_study(name: str, *, link: str) -> dict | None:
    """Draw claim, verdict, scores and checks of a study and return its result; None where it is not computed."""
    claimed, found = STUDIES[name], run_comparison.draw_claim(name)
    if found is None:
        return None
    if claimed.metric == "accuracy":
        reported = {(row["method"], row["on"]): value for row in found["rows"] if (value := claimed.reported_for(row)) is not None}
        draw_picture(score_matrix(*make_matrix(found), reported), key=f"skills_{name}", link=link, runs=found["keys"])
        st.caption(f"Share of held-out lists of {claimed.specs(FAST)[0].source.items} that are answered without a single mistake, "
                   f"greedily; medians over repetitions. In brackets: what the authors report, {describe_source_setup(claimed)}.")
    else:
        draw_picture(
            score_bars(list_excesses(found), measure="nats too many per list"), key=f"skills_{name}", link=link, runs=found["keys"]
        )
        st.caption("What a whole answer costs more than the ideal predictor of the task would pay. Bars: medians; rings: single "
                   "repetitions.")
    claim_section.show_checks(found)
    return found


def new_attention() -> None:
    """Draw the study new-attention."""
    kinds = {"tuned_descending": "full", "prefix_descending": "prefix"}
    if found := show_study("new-attention", link="skills"):
        page_facts.record_facts(**{fact: find(found["rows"], method=kind, task="descending")["value"] for fact, kind in kinds.items()})


def describe_source_setup(claimed: AbstractStudy) -> str:
    """Describe how the authors' network and lists differ from ours."""
    ours, paper = (claimed.specs(preset)[0] for preset in (FAST, PAPER))
    same = (ours.body.layers, ours.body.width) == (paper.body.layers, paper.body.width)
    layers = f"{paper.body.layers} layer{'s' if paper.body.layers > 1 else ''}"
    network = "with a network of the same size" if same else (f"with {layers} of width {paper.body.width} where ours has "
                                                              f"{ours.body.layers} of width {ours.body.width}")
    return network + (f", on lists of {paper.source.items}" if paper.source.items != ours.source.items else "")


def make_matrix(found: Mapping) -> tuple[list[str], list[str], np.ndarray]:
    """Arrange a result as a matrix: methods, sources, and median scores (NaN where not measured)."""
    rows = list(dict.fromkeys(row["method"] for row in found["rows"]))
    columns = list(dict.fromkeys(row["on"] for row in found["rows"]))
    values = np.full((len(rows), len(columns)), np.nan)
    for row in found["rows"]:
        values[rows.index(row["method"]), columns.index(row["on"])] = row["value"]
    return rows, columns, values


def list_excesses(found: Mapping) -> dict[str, dict[str, Score]]:
    """Excess (nats over the ideal predictor) by method, then by task and network."""
    groups: dict[str, dict[str, Score]] = {}
    for row in select(found["rows"], metric="excess"):
        groups.setdefault(row["method"], {})[f"{row['on']}, {row['body']}"] = repetitions.score_row(row, found["keys"])
    return groups


@section()
def show_training(specs: Mapping[str, RunSpec], key: str, action: str) -> None:
    """Draw buttons that start and stop these runs, their training curves and scores, and a summary once all are finished."""
    if run_block.run_and_watch(specs, key, action, draw=lambda known: _race(specs, known, key), line=_line,
                               about="Lists answered without a mistake: of the 16 of the film while the network is trained, of held-out "
                                     "ones at the end"):
        _closing(specs)


def _race(specs: Mapping[str, RunSpec], known: run_block.Known, key: str) -> None:
    drawn, feeds = method_race.list_racers(specs, known)
    steps = max((spec.tuning or spec.recipe).steps for spec in specs.values())
    draw_picture(
        race_curves(drawn, steps=steps), key=f"{key}_race", link=key, live=feeds or None, runs=[spec.key() for spec in specs.values()]
    )
    st.caption("How far each network's predictions are from the ideal predictor's of its own task: the lower, the better. Each line of "
               "the axis is ten times nearer than the one above.")


def _line(spec: RunSpec, status: Status) -> dict[str, float]:
    if status.state == "done":
        return load_scores(spec.key())
    on = spec.on or spec.source
    right = score_so_far(spec.key(), on.items)
    return {on.label: right} if right is not None and len(on.tasks) == 1 else {}


def score_so_far(key: str, items: int) -> float | None:
    """Share of the filmed lists that an unfinished run answers correctly in its newest frame; None before the first frame."""
    with suppress(StoreError, IndexError):
        run = visitor_runs.load_run(key)
        frame = run.folder.frame(run.folder.film.steps()[-1])
        return float((frame.probs.argmax(-1) == frame.tokens)[:, items:].all(1).mean())
    return None


def _closing(specs: Mapping[str, RunSpec]) -> None:
    """What came out, in numbers, and where what the prefix does can be seen."""
    found = {label: load_scores(spec.key()).get((spec.on or spec.source).label) for label, spec in specs.items()}
    own = {label: score for label, score in found.items() if score is not None}
    st.markdown("Held-out lists without a mistake: "
                + ", ".join(f"**{label}** {score:.0%} ({(specs[label].on or specs[label].source).label.lower()})"
                            for label, score in own.items()) + "."
                + compare_with_study(own))
    for spec in specs.values():
        if spec.is_tuning and spec.key() in attention_views.list_prefix_runs():
            catalog.draw_link("attention", "See what this prefix does to attention", "visibility", attention_run=spec.key())


def compare_with_study(own: Mapping[str, float]) -> str:
    """Say whether a visitor's three networks agree with the study; "" where they are other runs."""
    if own.keys() != {"pretrained", "FullWT", "PrefixPT"}:
        return ""
    same = own["pretrained"] >= 0.9 and own["FullWT"] >= 0.8 and own["PrefixPT"] <= 0.05
    return " As in the study: new weights learn to look elsewhere, the prefix does not." if same else (" In the study it came out "
                                                                                                       "otherwise; another seed may "
                                                                                                       "tell more.")


def load_scores(key: str) -> dict[str, float]:
    """Median exact match of a finished run by the label of each evaluation source with a single task."""
    kept = cached_results.load_summary(key)
    sources = {i: Lists.model_validate(kept["evaluated_on"][int(i)]) for i in kept["accuracy"]}
    return {source.label: kept["accuracy"][i]["median"][0] for i, source in sources.items() if len(source.tasks) == 1}
