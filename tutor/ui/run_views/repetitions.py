"""What every repetition behind a row of a study measured, where the row itself has the median."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from tutor.figures import Score
from tutor.runs.spec import RunSpec
from tutor.sources import TinyLanguage
from tutor.studies.row_fields import fields_of_source
from tutor.ui.run_views import cached_results, catalog, run_comparison


def score_row(row: Mapping, keys: Sequence[str]) -> Score:
    """Make the score of a study's row for a picture: median, quartiles, and single repetitions where there are several.

    Parameters
    ----------
    row
        A row of a stored result.
    keys
        Keys of all runs of the study, as `repetition_scores` needs them.
    """
    values = behind(row, row["metric"], keys) if row["key"] else ()
    return Score(row["value"], row["q25"], row["q75"], values if len(values) > 1 else ())


def behind(row: Mapping, metric: str, keys: Sequence[str]) -> tuple[float, ...]:
    """Scores of the single repetitions behind a study's row, in one metric on the row's source."""
    fields = row["fields"]
    return repetition_scores(row["key"], metric, fields["source"], fields.get("task"), tuple(keys))


@st.cache_data(max_entries=2048, show_spinner=False)
def repetition_scores(key: str, metric: str, source: str, task: str | None, keys: tuple[str, ...]) -> tuple[float, ...]:
    """Scores of a run's single repetitions; empty where the run was not measured so.

    Parameters
    ----------
    metric
        Name of the stored score; "excess" means the excess regret (nats) after the last token.
    source, task
        Kind of the evaluation source, and its single task; None where it has none.
    keys
        All runs of the study. Those that differ from `key` only in the subset of documents they learn from are appended.
    """
    own = _but_subset(catalog.find_info(key).spec)
    alike = [other for other in keys if _but_subset(catalog.find_info(other).spec) == own]
    return tuple(value for other in alike or [key] for value in _values(other, metric, source, task))


def _but_subset(spec: RunSpec) -> RunSpec:
    if not isinstance(spec.on, TinyLanguage):
        return spec
    return spec.model_copy(update={"on": spec.on.model_copy(update={"subset": 0})})


def _values(key: str, metric: str, source: str, task: str | None) -> list[float]:
    known = [fields_of_source(run_comparison.SOURCE.validate_python(one)) for one in cached_results.load_summary(key)["evaluated_on"]]
    name, place = ("regret/{}/excess", -1) if metric == "excess" else (f"{metric}/{{}}", None)
    wanted = [name.format(i) for i, fields in enumerate(known)
              if (fields["source"], fields.get("task")) == (source, task) and name.format(i) in cached_results.load_arrays(key)]
    if not wanted:
        return []
    values = (
        np.atleast_2d(cached_results.load_arrays(key)[wanted[0]])[:, place]
        if place
        else np.atleast_1d(cached_results.load_arrays(key)[wanted[0]])
    )
    return [float(value) for value in values]
