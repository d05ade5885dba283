"""The list of runs: its table, which of its lines are ticked, and scores."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float

from tutor.measure import SCORES
from tutor.methods.method_names import name_method
from tutor.runs.io.disk import StoreError
from tutor.runs.results import QUARTILES
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunInfo
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.ui.run_views import cached_results, catalog, status_line

WIDTHS = {"run": 62, "kind": 84, "network": 90, "method": 130, "trained on": 148, "target": 172, "state": 56, "tag": 92}
"""Pixels of the columns of words: all of them stand side by side on a screen of 1280, and what is longer is read by pointing at it."""
COLUMNS = {name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()} | {
    "curve": st.column_config.LineChartColumn("picture", width=70, help="Regret flip by flip on its target, in nats; of networks for "
                                              "lists and words the loss in training. From zero to the run's own most."),
    "after 50": st.column_config.NumberColumn(
        "regret at 50", width=86, format="%.3f",
        help="Regret after 50 flips of its target: how many nats more was lost than by whoever knows the coin; median of the repetitions",
    ),
    "seconds": st.column_config.NumberColumn("seconds", width=66, help="Computing time", format="%.0f"),
}
POINTS = 24
"""Points of a small picture."""
MOST = 4
"""Runs that are compared at a time."""
NAMES = ["key", "run", "curve", "kind", "network", "method", "trained on", "target", "state", "after 50", "seconds", "tag"]


def tabulate_runs(infos: Iterable[RunInfo]) -> pd.DataFrame:
    """Make a table with a row per run, in the order given."""
    return pd.DataFrame([_line(info) for info in infos], columns=NAMES)


def _line(info: RunInfo) -> dict:
    state = status_line.LOOKS.get(info.status.state, (info.status.state,))[0]
    line = {
        "key": info.key,
        "run": info.key[:6],
        "kind": info.kind,
        "state": state,
        "seconds": info.status.seconds or None,
    }
    if info.spec is None:
        return line
    spec = info.spec
    return line | {
        "network": spec.body.label,
        "method": name_method(spec.method.label) if spec.is_tuning else "",
        "tag": spec.method.label if spec.is_tuning else "",
        "trained on": spec.source.label,
        "target": spec.on.label if spec.is_tuning else "",
        "after 50": _regret(info),
        "curve": small_curve(info.key) if info.status.state == "done" else None,
    }


def _regret(info: RunInfo) -> float | None:
    if info.status.state != "done" or not isinstance(info.spec.source, AbstractExchangeable):     # of flips
        return None
    with suppress(StoreError, KeyError):
        return cached_results.median_regret(info.key, info.spec.on or info.spec.source)
    return None


@st.cache_data(max_entries=4096, show_spinner=False)
def small_curve(key: str) -> list[float] | None:
    """Points of the small picture of a finished run: median regret (nats) over flips, else the loss over training; None without either."""
    spec = catalog.find_info(key).spec
    with suppress(StoreError, KeyError):
        if isinstance(spec.source, AbstractExchangeable) and (curve := cached_results.regret_curve(key, spec.on or spec.source)):
            return _thinned(np.median(curve.values, axis=0))
        if losses := [event["loss"] for event in cached_results.load_events(key) if event["repetition"] == 0]:
            return _thinned(np.array(losses))
    return None


def _thinned(values: Float[np.ndarray, " T"]) -> list[float]:
    return [round(float(value), 4) for value in values[np.linspace(0, len(values) - 1, min(len(values), POINTS)).astype(int)]]


def tick_lines(found: pd.DataFrame) -> list[str]:
    """Draw the table of runs and return the keys of the ticked rows, at most MOST."""
    ticked = {"selection": {"rows": first_finished(found), "columns": [], "cells": []}}
    chosen = st.dataframe(found.drop(columns="key"), hide_index=True, key="runs_table", on_select="rerun", selection_mode="multi-row",
                          selection_default=ticked, column_config=COLUMNS, placeholder="–",
                          alt="Runs with a small picture, their kind, network, method, target, state and regret.")
    keys = [found["key"].iloc[row] for row in chosen.selection.rows if row < len(found)]
    if not keys:
        st.info("Tick one run to open, download or delete it, or up to four to compare them.", icon=":material/check_box:")
    elif len(keys) > MOST:
        st.warning(f"{len(keys)} runs are ticked; the first {MOST} are compared.")
    return keys[:MOST]


def first_finished(found: pd.DataFrame) -> list[int]:
    """Index of the first finished run in the table, as a list for the default selection; empty where there is none."""
    return [int(place) for place in (found["state"] == "done").to_numpy().nonzero()[0][:1]]


def tabulate_scores(specs: Mapping[str, RunSpec], names: Mapping[str, str], on: AbstractSource) -> pd.DataFrame:
    """Make a table of all scores that these runs have on one source: run, score, quartiles and unit.

    Parameters
    ----------
    names
        Name of each run by its key.
    """
    lines = []
    for key in specs:
        kept = cached_results.load_summary(key)
        place = str(kept["evaluated_on"].index(on.model_dump(mode="json"))) if on.model_dump(mode="json") in kept["evaluated_on"] else ""
        found = {score: kept[score][place] for score in SCORES if place in kept.get(score, {})}
        lines += [{"run": names[key], "score": score} | {name: values[0] for name, values in bands.items()} | {"unit": SCORES[score].unit}
                  for score, bands in found.items()]
    return pd.DataFrame(lines, columns=["run", "score", *QUARTILES, "unit"])
