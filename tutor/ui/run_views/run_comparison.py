"""Runs side by side: which of a study's are there, what tells them apart, and the verdict that follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from pydantic import TypeAdapter

from tutor.figures import Curve, palette, tabulate_curves
from tutor.methods import METHODS
from tutor.methods.method_names import name_method, title_method
from tutor.runs.spec import AnySource, RunSpec
from tutor.sources import AbstractSource
from tutor.studies import FAST, STUDIES
from tutor.studies.checks.finding_text import finding_text, region_text
from tutor.studies.row_fields import PRETRAINED
from tutor.ui.run_views import cached_results, catalog
from tutor.ui.shell import url_state

VERDICTS = {"reproduced": ("check_circle", "green"), "contradicted": ("cancel", "red"), "answered": ("lightbulb", "blue"),
            "not testable here": ("block", "gray"), "undecided": ("help", "orange")}
SOURCE = TypeAdapter(AnySource)
NOBODY = "nobody"
OUTCOMES = {"holds": "holds", "fails": "does not hold", "undecided": "undecided: the interval covers the bound"}


def finished_runs(specs: Iterable[RunSpec]) -> dict[str, RunSpec]:
    """Return the finished ones among these runs, by key."""
    return {spec.key(): spec for spec in specs if catalog.run_state(spec.key()) == "done"}


def short_names(specs: Mapping[str, RunSpec]) -> dict[str, str]:
    """Name each run for legends, by key: its method, with settings in brackets where several runs share the method."""
    return {key: name.text for key, name in named(specs).items()}


@dataclass(frozen=True)
class RunName:
    """Name of a run among others: its method, with up to two settings that tell it from other runs of the same method."""

    method: str
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """The name as legends and lists show it."""
        said = [f"default {name}" if value is None else f"{name} {value}" for name, value in self.settings]
        return f"{self.method} ({', '.join(said)})" if said else self.method

    @property
    def in_words(self) -> str:
        """The name with the method in words."""
        return name_method(self.text, self.method)

    @property
    def title(self) -> str:
        """The name for lists to choose from: the method in words, then its tag with the settings."""
        return title_method(self.text, self.method)

    @property
    def order(self) -> tuple:
        """Sort key: the palette's order of methods, then settings, numbers by value and everything else by its text."""
        sizes = [(float(value), "") if isinstance(value, int | float) and not isinstance(value, bool) else (0.0, str(value))
                 for _, value in self.settings]
        return palette.sort_key(self.method), self.method, sizes


def named(specs: Mapping[str, RunSpec]) -> Mapping[str, RunName]:
    """Name each run, by key; names depend on which other runs are in `specs`."""
    return _named(tuple(specs.items()))


@lru_cache(maxsize=64)
def _named(specs: tuple[tuple[str, RunSpec], ...]) -> Mapping[str, RunName]:
    # A page asks for the names of the same runs a dozen times.
    specs = dict(specs)
    methods = {key: spec.method.label if spec.is_tuning else PRETRAINED for key, spec in specs.items()}
    flat = {key: dict(_leaves(spec.model_dump(mode="json", exclude_none=True))) for key, spec in specs.items()}
    found = {}
    for key, method in methods.items():
        namesakes = [other for other in specs if methods[other] == method]
        paths = {path for other in namesakes for path in flat[other]} if len(namesakes) > 1 else ()
        telling = [path for path in sorted(paths) if len({str(flat[other].get(path)) for other in namesakes}) > 1]
        found[key] = RunName(method, tuple((path[-1].replace("_", " "), flat[key].get(path)) for path in telling[:2]))
    return MappingProxyType(found)


def ordered(specs: Mapping[str, RunSpec]) -> list[str]:
    """Sort the keys of these runs by their names."""
    names = named(specs)
    return sorted(names, key=lambda key: names[key].order)


def _leaves(part: Any, path: tuple[str, ...] = ()):
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _leaves(value, (*path, name))
    else:
        yield path, part


def list_sources(specs: Mapping[str, RunSpec]) -> dict[str, AbstractSource]:
    """List the sources that these runs were evaluated on by label, the most frequent tuning target first."""
    found = [SOURCE.validate_python(source) for key in specs for source in cached_results.load_summary(key)["evaluated_on"]]
    aims = [spec.on for spec in specs.values()]
    return {source.label: source for source in sorted(dict.fromkeys(found), key=aims.count, reverse=True)}


def regret_curves(specs: Mapping[str, RunSpec], on: AbstractSource, *, measure: str, against: str) -> list[Curve]:
    """Regret curves (nats) of the runs that were evaluated on `on`, sorted by name; `measure` and `against` as in `regret_curve`."""
    names = short_names(specs)
    found = [cached_results.regret_curve(key, on, measure=measure, against=against, label=names[key]) for key in ordered(specs)]
    return [curve for curve in found if curve]


def ask_reference(titles: Mapping[str, str], parameter: str) -> str | None:
    """Draw the choice of a run to subtract from all others.

    Parameters
    ----------
    titles
        What each run is called in the list, by its key.
    parameter
        Name of the parameter that holds the key in the address.

    Returns
    -------
    str or None
        Key of the run; None for no reference.
    """
    told = "Every curve, bar and number becomes the difference to this one: below zero is better."
    asked = url_state.choose_option("Pin as reference", [NOBODY, *titles], parameter, help=told, width=320,
                                    named=lambda one: titles.get(one, NOBODY))
    return asked if asked in titles else None


def subtract_reference(curves: Iterable[Curve], zero: Curve | None) -> list[Curve]:
    """Subtract the median of `zero` from every curve, over the tokens that both have; without `zero` the curves are unchanged."""
    if zero is None:
        return list(curves)
    median = np.median(zero.values, axis=0)
    return [replace(one, values=one.values[:, : len(median)] - median[: one.values.shape[1]]) for one in curves]


def curve_facts(curves: Iterable[Curve]) -> dict[str, float]:
    """Facts about a page: the median of each curve after 50 flips, under its label in small letters (`softpt`, `fullwt`).

    Curves whose label also names settings are left out, because no fact has such a name.
    """
    plain = {method.label: method.label.lower().replace("+", "") for method in METHODS.values()}
    return {plain[one.label]: float(np.median(one.at(min(50, one.values.shape[1])))) for one in curves if one.label in plain}


def describe_beyond_tuning(specs: Iterable[RunSpec]) -> str:
    """End of a sentence that says from which flip on the curves are extrapolation; "" where nothing was tuned or the lengths differ."""
    lengths = {spec.tuning.length for spec in specs if spec.tuning}
    return "".join(f"; networks were tuned on {length} flips, so tuning never saw flips to the right of {length}"
                   for length in lengths if len(lengths) == 1)


def draw_verdict(result: dict | None, missing: int = 0) -> None:
    """Draw the verdict of a study as a badge; without a result, draw how many runs are missing."""
    if result is None:
        st.badge("not computed here yet" if not missing else f"{missing} runs are missing", icon=":material/hourglass_empty:", color="gray")
        return
    icon, colour = VERDICTS[result["verdict"]]
    said = f"{result['verdict']}: {result['answer']}" if result["answer"] else result["verdict"]
    st.badge(said, icon=f":material/{icon}:", color=colour)


def draw_claim(name: str) -> dict | None:
    """Draw verdict and claim of a study and return its result; None, with the command that computes it, where runs are missing."""
    found, claimed = cached_results.study_result(name, FAST.name), STUDIES[name]
    wanted = {spec.key() for spec in claimed.specs(FAST)}
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_verdict(found, sum(catalog.run_state(key) != "done" for key in wanted))
        st.markdown(f"**Claim.** {claimed.claim}")
    if found is None:
        st.info(f"This study is not computed here yet: run `prompt-tutor study {name}`.", icon=":material/hourglass_empty:")
    return found


def draw_checks(result: dict) -> None:
    """Draw the verdict's sentence and a table of all checks: statement, measured with interval, bounds, outcome, source of the bounds."""
    st.markdown(result["sentence"])
    if not result["checks"]:
        return
    rows = [
        {
            "statement": check["text"],
            "measured": finding_text(check),
            "must be": region_text(check),
            "outcome": outcome_text(check),
            "source of the bound": check["source"],
        }
        for check in result["checks"]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="What the claim says, and what was measured.")


def outcome_text(check: Mapping[str, Any]) -> str:
    """Say how a check came out, that it decides the verdict if it does, and whether it stands after correction for their number."""
    said = OUTCOMES[check["outcome"]] + ("" if check["survives"] else ", but not after correction for the number of statements")
    return {"primary": f"decides: {said}", "gate": f"condition: {said}"}.get(check["role"], said)


def first_study() -> str:
    """Name of the first coin study with a finished tuning; "network" where there is none."""
    done = {one.key for one in catalog.list_infos() if one.status.state == "done"}
    for name, study in STUDIES.items():
        if study.lab == "coins" and any(spec.is_tuning and spec.key() in done for spec in study.specs(FAST)):
            return name
    return "network"


def tabulate_by_method(curves: Sequence[Curve]) -> pd.DataFrame:
    """Make a table with a row per curve, its name first and its tag last: median regret (nats) and quartiles after numbers of flips."""
    rows: dict[str, dict[str, Any]] = {}
    for row in tabulate_curves(curves).itertuples():
        spread = f"  ({row.q25:.3f} to {row.q75:.3f})" if row.repetitions > 1 else ""
        line = rows.setdefault(row.method, {"method": row.method, "repetitions": row.repetitions})
        line[f"after {row.n} flips (nats)"] = f"{row.median:.3f}{spread}"
    shown = pd.DataFrame(list(rows.values()), columns=None if rows else ["method", "repetitions"])
    names, tags = {one.label: one.name for one in curves}, {one.label: one.tag for one in curves}
    return shown.assign(tag=shown["method"].map(tags), method=shown["method"].map(names))


def tabulate_measurements(result: dict) -> pd.DataFrame:
    """Make a table of the rows of a result that have a metric other than regret."""
    return pd.DataFrame(
        [
            {
                "what": row["method"],
                "network": row["body"],
                "on": row["on"],
                row["metric"]: row["value"],
                "q25": row["q25"],
                "q75": row["q75"],
            }
            for row in result["rows"]
            if "value" in row
        ]
    )
