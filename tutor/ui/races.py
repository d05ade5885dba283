"""A race of methods: one run per method on one base, target and budget; every one of them lives on in its own folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from pydantic import ValidationError

from tutor.conventions import AFTER
from tutor.figures import Racer
from tutor.methods import METHODS, AbstractMethod
from tutor.recipe import Recipe
from tutor.sources import AbstractSource
from tutor.spec import RunSpec, sentence
from tutor.status import Status
from tutor.studies import FAST, PAPER, Preset
from tutor.ui import catalog, forms, live, numbers, runs

LENGTH = 6  # the papers' prompt length, and what methods have by themselves


@dataclass(frozen=True)
class Budget:
    """What every method of a race gets."""

    on: AbstractSource
    recipe: Recipe
    repetitions: int
    length: int

    @property
    def effort(self) -> Preset:
        """The study preset that this budget belongs to, with its own numbers put in."""
        known = PAPER if self.recipe == PAPER.tuning else FAST
        return replace(known, tuning=self.recipe, repetitions=self.repetitions)


def usual() -> list[str]:
    """The methods that race where nobody chose: those of the paper, of which runs are shipped."""
    raced = {method.kind for method in FAST.every_method()}
    return [kind for kind in METHODS if kind in raced]


def settings(kinds: list[str], base: RunSpec, budget: Budget) -> list[AbstractMethod]:
    """One method per kind, with the visitor's settings; those that the settings make impossible say so in their form."""
    ready = {method.kind: method for method in budget.effort.every_method()}
    chosen = []
    for kind in kinds:
        hidden = {"length", *METHODS[kind].model_construct().absent_fields(base.body)}
        if hidden >= {name for name in METHODS[kind].model_fields if name != "kind"}:
            chosen.append(ready.get(kind, METHODS[kind]()))
            continue
        st.markdown(f"**{METHODS[kind].label}**")
        method = forms.form(METHODS[kind], f"tune_{kind}", ready.get(kind), hide=hidden)
        chosen += [method] if method else []
    return chosen


def entries(methods: list[AbstractMethod], base: RunSpec, budget: Budget) -> tuple[dict[str, RunSpec], dict[str, str]]:
    """Specifications by label, and for every method that cannot run here the sentence why."""
    found, refused = {}, {}
    for method in methods:
        try:
            tuning = _lengthened(method, base, budget.length)
            spec = replace(budget.effort, evaluation=base.evaluation).tuned(base, tuning, budget.on)
            found[method.label] = spec
        except ValidationError as error:
            refused[method.label] = sentence(error)
        except ValueError as error:
            refused[method.label] = str(error)
    return found, refused


def _lengthened(method: AbstractMethod, base: RunSpec, length: int) -> AbstractMethod:
    has_length = "length" in type(method).model_fields and "length" not in method.absent_fields(base.body)
    if not has_length or length == LENGTH:
        return method
    return type(method).model_validate(method.model_dump() | {"length": length})


def states(specs: Mapping[str, RunSpec]) -> dict[str, Status | None]:
    """Where each run stands, None where it was never asked for."""
    folders = {label: runs.store().find(spec.key()) for label, spec in specs.items()}
    return {label: catalog.info(folder.key).status if folder else None for label, folder in folders.items()}


def racers(specs: Mapping[str, RunSpec], known: Mapping[str, Status | None]) -> tuple[list[Racer], list[dict]]:
    """The picture's racers, and a live feed for each one that is running (its points come through the feed alone)."""
    found, feeds = [], []
    for place, (label, spec) in enumerate(specs.items()):
        status, key = known[label], spec.key()
        searches = spec.is_tuning and spec.method.recipe_free
        moving = status is not None and status.state in live.ACTIVE
        stored = [] if status is None or moving else numbers.events(key) if status.state == "done" else runs.load(key).events()
        found.append(Racer(label, stored, search=searches))
        if moving:
            traces = [{"index": place, "x": "step", "y": "kl", "where": {"repetition": 0}, "mean": 1 if searches else 9}]
            feeds.append({"url": f"/api/runs/{key}/events", "traces": traces})
    return found, feeds


def board(specs: Mapping[str, RunSpec], pinned: str | None = None) -> dict[str, Status | None]:
    """A table that keeps itself up to date while runs are computed; the page runs again when one changes its state.

    With a finished method `pinned` its regrets are the differences to that method's.
    """
    known = states(specs)
    moving = any(status is not None and status.state in live.ACTIVE for status in known.values())
    signature = {label: status and status.state for label, status in known.items()}
    st.fragment(_board, run_every=1.0 if moving else None, key="race_board")(specs, signature, pinned)
    return known


def _board(specs: Mapping[str, RunSpec], signature: Mapping[str, str | None], pinned: str | None) -> None:
    known = states(specs)
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
        for n in AFTER
    },
}


def _minus(table: pd.DataFrame, pinned: str) -> pd.DataFrame:
    """Regrets as differences to the pinned method's, under names that say so."""
    regrets = [f"after {n}" for n in AFTER]
    differences = table[regrets] - table.loc[table["method"] == pinned, regrets].iloc[0]
    return table.drop(columns=regrets).join(differences.add_suffix(f", minus {pinned}").round(3))


def _line(label: str, spec: RunSpec, status: Status | None) -> dict:
    line = {"method": label, "state": "not computed", "trainable": None, "seconds": None} | {f"after {n}": None for n in AFTER}
    if status is None:
        return line
    done = spec.seeds.repetitions * status.steps if status.state == "done" else status.step + status.repetition * status.steps
    share = f" {done / max(1, status.steps * spec.seeds.repetitions):.0%}" if status.state == "running" else ""
    line |= {"state": live.LOOKS.get(status.state, (status.state,))[0] + share, "seconds": status.seconds or None}
    if status.state == "done":
        curve = numbers.curve(spec.key(), spec.on)
        line |= {"trainable": numbers.summary(spec.key())["trainable"]}
        line |= {f"after {n}": float(np.median(curve.at(n))) for n in AFTER if curve and n <= curve.values.shape[1]}
    return line
