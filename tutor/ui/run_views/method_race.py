"""A race of methods: one run per method on one base, target and budget; every one of them lives on in its own folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from tutor.core.types import REPORTED_AFTER
from tutor.figures import RaceEntry, race_curves
from tutor.methods import METHODS, AbstractMethod
from tutor.methods.method_names import name_method, tag_method, title_method
from tutor.runs.spec import RunSpec
from tutor.runs.status import Status
from tutor.sources import AbstractSource
from tutor.studies import FAST, PAPER, Preset
from tutor.training.recipe import Recipe
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_results, catalog, event_feed, status_line
from tutor.ui.shell import sections, visitor_runs
from tutor.ui.widgets import forms

LENGTH = 6  # the papers' prompt length, and what methods have by themselves


@dataclass(frozen=True)
class RaceBudget:
    """Settings shared by all methods of a race: target, recipe, repetitions and prompt length."""

    on: AbstractSource
    recipe: Recipe
    repetitions: int
    length: int

    @property
    def effort(self) -> Preset:
        """The paper preset where its recipe is used, else the fast one, with recipe and repetitions of this budget."""
        known = PAPER if self.recipe == PAPER.tuning else FAST
        return replace(known, tuning=self.recipe, repetitions=self.repetitions)


def usual_methods() -> list[str]:
    """Kinds of the methods that race by default: those that the shipped studies compare."""
    raced = {method.kind for method in FAST.every_method()}
    return [kind for kind in METHODS if kind in raced]


def ask_settings(kinds: list[str], base: RunSpec, budget: RaceBudget) -> list[AbstractMethod]:
    """Draw a form for each kind of method and return the methods; one whose form has an error is left out."""
    ready = {method.kind: method for method in budget.effort.every_method()}
    chosen = []
    for kind in kinds:
        hidden = {"length", *METHODS[kind].model_construct().absent_fields(base.body)}
        if hidden >= {name for name in METHODS[kind].model_fields if name != "kind"}:
            chosen.append(ready.get(kind, METHODS[kind]()))
            continue
        st.markdown(f"**{title_method(METHODS[kind].label)}**")
        method = forms.ask_fields(METHODS[kind], f"tune_{kind}", ready.get(kind), hide=hidden)
        chosen += [method] if method else []
    return chosen


def list_entries(methods: list[AbstractMethod], base: RunSpec, budget: RaceBudget) -> tuple[dict[str, RunSpec], dict[str, str]]:
    """Make the run of each method in a race.

    Returns
    -------
    tuple
        Specifications by method label, and, also by label, a sentence for each method that this network or target does not allow.
    """
    found, refused = {}, {}
    for method in methods:
        try:
            tuning = _lengthened(method, base, budget.length)
            spec = replace(budget.effort, evaluation=base.evaluation).tuned(base, tuning, budget.on)
            found[method.label] = spec
        except ValueError as error:
            refused[method.label] = str(error)
    return found, refused


def _lengthened(method: AbstractMethod, base: RunSpec, length: int) -> AbstractMethod:
    has_length = "length" in type(method).model_fields and "length" not in method.absent_fields(base.body)
    if not has_length or length == LENGTH:
        return method
    return type(method).model_validate(method.model_dump() | {"length": length})


def read_states(specs: Mapping[str, RunSpec]) -> dict[str, Status | None]:
    """Read the status of each run; None for a run that was never started."""
    folders = {label: visitor_runs.open_store().find(spec.key()) for label, spec in specs.items()}
    return {label: catalog.find_info(folder.key).status if folder else None for label, folder in folders.items()}


def list_racers(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None]) -> tuple[list[RaceEntry], list[dict]]:
    """Return an entry per run for the picture of the race, and a live feed for each run that is in progress."""
    found, feeds = [], []
    for place, (label, spec) in enumerate(specs.items()):
        status, searches = known[label], spec.is_tuning and spec.method.recipe_free
        traces = [{"index": place, "x": "step", "y": "kl", "where": {"repetition": 0}, "mean": 1 if searches else 9}]
        course = event_feed.EventFeed([], None)
        if status is not None:
            course = event_feed.follow_run(spec.key(), status.state, traces, moving=status.state in status_line.ACTIVE)
        found.append(RaceEntry(label, course.events, search=searches))
        feeds += [course.feed] if course.feed else []
    return found, feeds


def draw_race(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None], steps: int, pinned: str | None = None) -> None:
    """Draw the training curves of all runs of a race.

    Parameters
    ----------
    steps
        Length of the step axis.
    pinned
        Label of the method to subtract. Without effect, and with a note, while a run is in progress or where the method has no steps.
    """
    drawn, feeds = list_racers(specs, known)
    zero = next((racer for racer in drawn if racer.label == pinned and racer.events), None) if not feeds else None
    draw_picture(race_curves(drawn, steps=steps, against=zero, moving=bool(feeds)), key="tune_race", link="tune", live=feeds or None)
    if pinned and not zero:
        why = "some runs are still moving" if feeds else f"{name_method(pinned)} is not trained step by step"
        st.caption(f"The race shows plain distances: {why}.")


def draw_race_table(specs: Mapping[str, RunSpec], pinned: str | None = None) -> dict[str, Status | None]:
    """Draw a table of the race that refreshes itself while runs are in progress; the page runs again when a run changes its state.

    Parameters
    ----------
    pinned
        Label of a finished method whose regrets are subtracted from all others.

    Returns
    -------
    dict
        Status of each run as `read_states` gives it.
    """
    known = read_states(specs)
    signature = {label: status and status.state for label, status in known.items()}
    sections.fragment(_board, run_every=status_line.refresh_interval(*signature.values()), key="race_board")(specs, signature, pinned)
    return known


def _board(specs: Mapping[str, RunSpec], signature: Mapping[str, str | None], pinned: str | None) -> None:
    known = read_states(specs)
    lines = [_line(label, spec, known[label]) for label, spec in specs.items()]
    table = _minus(pd.DataFrame(lines), pinned) if pinned else pd.DataFrame(lines)
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="–",
        column_config=COLUMNS,
        alt="Methods of the race with their state, trainable numbers, seconds and regret.",
    )
    if {label: status and status.state for label, status in known.items()} != signature:
        st.rerun()


COLUMNS = {
    "trainable": st.column_config.NumberColumn("trainable numbers", help="How many numbers the method tunes", format="localized"),
    "seconds": st.column_config.NumberColumn("seconds", help="Computing time of all repetitions together", format="%.0f"),
    **{
        f"after {n}": st.column_config.NumberColumn(
            f"regret after {n}", help=f"Median cumulative regret over the generator after {n} flips, in nats", format="%.3f"
        )
        for n in REPORTED_AFTER
    },
}


def _minus(table: pd.DataFrame, pinned: str) -> pd.DataFrame:
    """Regrets as differences to the pinned method's, under names that say so."""
    regrets = [f"after {n}" for n in REPORTED_AFTER]
    differences = table[regrets] - table.loc[table["tag"] == pinned, regrets].iloc[0]
    return table.drop(columns=regrets).join(differences.add_suffix(f", minus {name_method(pinned)}").round(3))


def _line(label: str, spec: RunSpec, status: Status | None) -> dict:
    line = {"method": name_method(label), "tag": tag_method(label), "state": "not computed", "trainable": None, "seconds": None}
    line |= {f"after {n}": None for n in REPORTED_AFTER}
    if status is None:
        return line
    done = spec.seeds.repetitions * status.steps if status.state == "done" else status.step + status.repetition * status.steps
    share = f" {done / max(1, status.steps * spec.seeds.repetitions):.0%}" if status.state == "running" else ""
    line |= {"state": status_line.LOOKS.get(status.state, (status.state,))[0] + share, "seconds": status.seconds or None}
    if status.state == "done":
        curve = cached_results.regret_curve(spec.key(), spec.on)
        line |= {"trainable": cached_results.load_summary(spec.key())["trainable"]}
        line |= {f"after {n}": float(np.median(curve.at(n))) for n in REPORTED_AFTER if curve and n <= curve.values.shape[1]}
    return line
