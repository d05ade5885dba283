"""Runs side by side: which of a study's are there, what tells them apart, and the verdict that follows from them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from pydantic import TypeAdapter

from tutor.figures import Curve, palette
from tutor.sources import AbstractSource
from tutor.spec import AnySource, RunSpec
from tutor.studies import FAST, STUDIES
from tutor.studies.evidence import bounded
from tutor.ui import address, catalog, numbers

VERDICTS = {"reproduced": ("check_circle", "green"), "not reproduced": ("cancel", "red"), "inconclusive": ("help", "orange")}
SOURCE = TypeAdapter(AnySource)
NOBODY = "nobody"
OUTCOMES = {"holds": "holds", "fails": "does not hold", "undecided": "spread covers the bound"}


def finished(specs: Iterable[RunSpec]) -> dict[str, RunSpec]:
    """Those runs that are computed, by key, each once."""
    return {spec.key(): spec for spec in specs if catalog.state(spec.key()) == "done"}


def labels(specs: Mapping[str, RunSpec]) -> dict[str, str]:
    """A short name per run: its method, and where that is not enough what tells it from the others of that name."""
    names = {key: spec.method.label if spec.is_tuning else "pretrained" for key, spec in specs.items()}
    flat = {key: dict(_leaves(spec.model_dump(mode="json", exclude_none=True))) for key, spec in specs.items()}
    full = {}
    for key, name in names.items():
        namesakes = [other for other in specs if names[other] == name]
        fields = {field for other in namesakes for field in flat[other]} if len(namesakes) > 1 else ()
        telling = [field for field in sorted(fields) if len({str(flat[other].get(field)) for other in namesakes}) > 1]
        said = [_told(field.rpartition(".")[2].replace("_", " "), flat[key].get(field)) for field in telling[:2]]
        full[key] = f"{name} ({', '.join(said)})" if said else name
    return full


def _told(field: str, value: Any) -> str:
    return f"default {field}" if value is None else f"{field} {value}"


def place(label: str) -> tuple[int, int, str]:
    """Where a label stands among others: the palette's order, then the alphabet."""
    return palette.place(label)


def _leaves(part: Any, path: str = ""):
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _leaves(value, f"{path}.{name}")
    else:
        yield path, part


def evaluated_on(specs: Mapping[str, RunSpec]) -> dict[str, AbstractSource]:
    """Every source that any of these runs was evaluated on, by its label: what most were tuned to first."""
    found = [SOURCE.validate_python(source) for key in specs for source in numbers.summary(key)["evaluated_on"]]
    aims = [spec.on for spec in specs.values()]
    return {source.label: source for source in sorted(dict.fromkeys(found), key=aims.count, reverse=True)}


def curves(specs: Mapping[str, RunSpec], on: AbstractSource, *, measure: str, against: str) -> list[Curve]:
    """The regret of every run that was evaluated on `on`, under its short name, in the palette's order."""
    names = labels(specs)
    found = [numbers.curve(key, on, measure=measure, against=against, label=names[key]) for key in specs]
    return sorted((curve for curve in found if curve), key=lambda curve: place(curve.label))


def pin(names: Mapping[str, str], parameter: str) -> str | None:
    """Ask which of `names` (by what stands in the address) all others are held against; None for nobody."""
    told = "Every curve, bar and number becomes the difference to this one: below zero is better."
    asked = address.choose("Pin as reference", [NOBODY, *names], parameter, named=lambda one: names.get(one, NOBODY), width=320, help=told)
    return asked if asked in names else None


def over(curves: Iterable[Curve], zero: Curve | None) -> list[Curve]:
    """The same curves as differences to the median of `zero`, or as they are without one."""
    if zero is None:
        return list(curves)
    median = np.median(zero.values, axis=0)
    return [Curve(one.label, one.values[:, : len(median)] - median[: one.values.shape[1]], one.exact) for one in curves]


def told(curves: Iterable[Curve]) -> dict[str, float]:
    """What each curve shows after 50 flips, by names that a lesson can ask for: `softpt`, `fullwt`, `prebayes`."""
    return {curve.label.lower().replace("+", ""): float(np.median(curve.at(min(50, curve.values.shape[1])))) for curve in curves}


def from_worst_to_best(base: str, on: AbstractSource) -> dict[str, float]:
    """Up to three prompts of one network on one target with their median regret (nats) after 50 flips: worst, middle, best."""
    tuned = [one for one in catalog.tunings(base, on).values() if "length" in type(one.spec.method).model_fields]
    lost = {one.key: numbers.lost(one.key, on) for one in tuned}
    ordered = sorted((key for key in lost if lost[key] is not None), key=lost.get, reverse=True)
    return {key: lost[key] for key in dict.fromkeys((*ordered[:1], *ordered[len(ordered) // 2 :][:1], *ordered[-1:]))}


def verdict(result: dict | None, missing: int = 0) -> None:
    """The verdict of a study as a badge; what is missing when there is none yet."""
    if result is None:
        st.badge("not computed here yet" if not missing else f"{missing} runs are missing", icon=":material/hourglass_empty:", color="gray")
        return
    icon, colour = VERDICTS[result["verdict"]]
    st.badge(result["verdict"], icon=f":material/{icon}:", color=colour)


def claim(name: str) -> dict | None:
    """Verdict and claim of a study, and how to have it computed where it is not; its result, None without one."""
    found, claimed = numbers.study(name, FAST.name), STUDIES[name]
    wanted = {spec.key() for spec in claimed.specs(FAST)}
    with st.container(horizontal=True, vertical_alignment="center"):
        verdict(found, sum(catalog.state(key) != "done" for key in wanted))
        st.markdown(f"**Claim.** {claimed.claim}")
    if found is None:
        st.info(f"This study is not computed here yet: run `prompt-tutor study {name}`.", icon=":material/hourglass_empty:")
    return found


def checks(result: dict) -> None:
    """Every statement of the claim with its measurement, its bound and where the bound comes from."""
    rows = [
        {
            "statement": check["text"],
            "measured": _band(check["measured"]),
            "must be": f"{check['side']} {_band(check['bound'])}",
            "outcome": OUTCOMES[check["outcome"]],
            "source of the bound": check["source"],
        }
        for check in result["checks"]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="The statements of the study's claim with what was measured.")


def _band(band: Mapping[str, Any]) -> str:
    middle, low, high = (bounded(f"{band[name]:.3g}", name, band.get("at_least", ())) for name in ("median", "q25", "q75"))
    return middle if low == high else f"{middle} ({low} to {high})"


def first_study() -> str:
    """The first study that has a finished tuning, so that a page opens on something to see; "network" where none has."""
    done = {one.key for one in catalog.infos() if one.status.state == "done"}
    for name, study in STUDIES.items():
        if study.lab == "coins" and any(spec.is_tuning and spec.key() in done for spec in study.specs(FAST)):
            return name
    return "network"


def by_method(table: pd.DataFrame) -> pd.DataFrame:
    """One line per method: median regret and, where there is a spread, its quartiles, after each number of flips."""
    said = table.assign(
        said=[f"{row.median:.3f}" + (f"  ({row.q25:.3f} to {row.q75:.3f})" if row.repetitions > 1 else "") for row in table.itertuples()]
    )
    wide = said.pivot_table(index=["method", "repetitions"], columns="n", values="said", aggfunc="first", sort=False)
    return wide.rename(columns=lambda n: f"after {n} flips (nats)").reset_index()


def measurements(result: dict) -> pd.DataFrame:
    """The rows of a study that is measured in something else than regret."""
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
