"""What the Skills page shows of a study of list tasks: its verdict, its matrix of scores, and its live version."""

from collections.abc import Mapping
from itertools import chain

import numpy as np
import pandas as pd
import streamlit as st

from tutor.figures import Score, race, score_bars, score_matrix
from tutor.sources import Lists
from tutor.spec import RunSpec
from tutor.status import Status
from tutor.studies import FAST, STUDIES
from tutor.ui import catalog, comparison, live, numbers, races, steering
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
                   "In brackets: what the authors report, of lists of ten and larger networks.")
    else:
        picture(score_bars(excesses(found), measure="nats too many per list"), key=f"skills_{name}", link=link, runs=found["keys"])
        st.caption("What a whole answer costs more than the ideal predictor of the task would pay; medians over repetitions, whiskers their quartiles.")
    with st.expander("What was checked, and the numbers behind it"):
        comparison.checks(found)
    return found


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
    return {way: {f"{row['on']}, {row['body']}": Score(row["value"], row["q25"], row["q75"]) for row in scored if row["method"] == way} for way in ways}


def trained(specs: Mapping[str, RunSpec], key: str, action: str) -> None:
    """A button that has these runs computed and one that stops them, their race, and their scores as they come in."""
    with catalog.one_sentence():
        known = races.states(specs)
        _buttons(specs, known, key, action)
        if any(known.values()):
            drawn, feeds = races.racers(specs, known)
            steps = max((spec.tuning or spec.recipe).steps for spec in specs.values())
            picture(race(drawn, steps=steps), key=f"{key}_race", link=key, live=feeds or None, runs=[spec.key() for spec in specs.values()])
            st.caption("How far each network's predictions are from the ideal predictor's of its own task; zero is perfect.")
            _scores(specs, known, key)


def _buttons(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str, action: str) -> None:
    waiting = [spec for label, spec in specs.items() if known[label] is None or known[label].state not in (*live.ACTIVE, *catalog.FINAL)]
    active = [specs[label].key() for label, status in known.items() if status is not None and status.state in live.ACTIVE]
    with st.container(horizontal=True, vertical_alignment="center"):
        if waiting and st.button(action, type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
            for spec in waiting:
                steering.start(spec)
            st.rerun()
        if active and st.button("Stop", key=f"{key}_stop", icon=":material/stop:"):
            for one in active:
                steering.stop(one)
            st.rerun()
        if waiting:
            cost = live.duration(sum(catalog.seconds(spec) for spec in waiting))
            st.caption(f"Costs about {cost} of one core. Closing this tab loses nothing.", width="content")
        elif not active:
            st.caption("Finished; another setting trains anew.", width="content")


def _scores(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], key: str) -> None:
    """States and scores; renews itself, and the page runs again when a run changes its state."""
    moving = any(status is not None and status.state in live.ACTIVE for status in known.values())
    signature = {label: status and status.state for label, status in known.items()}
    st.fragment(_board, run_every=1.0 if moving else None, key=f"{key}_board")(specs, signature)


def _board(specs: Mapping, signature: Mapping[str, str | None]) -> None:
    known = races.states(specs)
    lines = [_line(label, spec, known[label]) for label, spec in specs.items()]
    tasks = dict.fromkeys(chain(*(line for line in lines)))
    table = pd.DataFrame(lines, columns=list(tasks))
    percent = {name: st.column_config.NumberColumn(name, format="percent", help="Held-out lists answered without a mistake") for name in tasks if name not in ("network", "state")}
    st.dataframe(table, hide_index=True, height="content", placeholder="–", column_config=percent, alt="State and scores of each network.")
    if {label: status and status.state for label, status in known.items()} != signature:
        st.rerun()


def _line(label: str, spec, status: Status | None) -> dict:
    if status is None:
        return {"network": label, "state": "not computed"}
    line = {"network": label, "state": live.LOOKS.get(status.state, (status.state,))[0]}
    if status.state == "running" and status.steps:
        line["state"] += f" {status.step / status.steps:.0%}"
    return line | (scores(spec.key()) if status.state == "done" else {})


def scores(key: str) -> dict[str, float]:
    """Median exact match of a finished run on each of its sources of a single task."""
    kept = numbers.summary(key)
    sources = {i: Lists.model_validate(kept["evaluated_on"][int(i)]) for i in kept["accuracy"]}
    return {source.label: kept["accuracy"][i]["median"][0] for i, source in sources.items() if len(source.tasks) == 1}
