"""What every repetition behind a row of a study measured, where the row itself has the median."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from tutor.figures import Score
from tutor.sources import TinyLanguage
from tutor.spec import RunSpec
from tutor.ui import catalog, comparison, numbers


def scored(row: Mapping, keys: Sequence[str]) -> Score:
    """A row of a study with the runs `keys`, as a picture draws it: median, quartiles, and each repetition where there are several."""
    values = each(row["key"], row["metric"], row["on"], tuple(keys)) if row["key"] else ()
    return Score(row["value"], row["q25"], row["q75"], values if len(values) > 1 else ())


@st.cache_data(max_entries=2048, show_spinner=False)
def each(key: str, metric: str, on: str, keys: tuple[str, ...]) -> tuple[float, ...]:
    """One score of a run on the source labelled `on`, repetition by repetition; where a study learns from several subsets of the same
    documents, one after the other."""
    own = _but_subset(catalog.info(key).spec)
    alike = [other for other in keys if _but_subset(catalog.info(other).spec) == own]
    return tuple(value for other in alike or [key] for value in _values(other, metric, on))


def _but_subset(spec: RunSpec) -> RunSpec:
    if not isinstance(spec.on, TinyLanguage):
        return spec
    return spec.model_copy(update={"on": spec.on.model_copy(update={"subset": 0})})


def _values(key: str, metric: str, on: str) -> list[float]:
    labels = [comparison.SOURCE.validate_python(source).label for source in numbers.summary(key)["evaluated_on"]]
    name, place = ("regret/{}/excess", -1) if metric == "excess" else (f"{metric}/{{}}", None)
    wanted = [name.format(i) for i, label in enumerate(labels) if label == on and name.format(i) in numbers.arrays(key)]
    if not wanted:
        return []
    values = np.atleast_2d(numbers.arrays(key)[wanted[0]])[:, place] if place else np.atleast_1d(numbers.arrays(key)[wanted[0]])
    return [float(value) for value in values]
