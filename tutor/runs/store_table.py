"""Runs as tables of other tools: a pandas DataFrame of what was specified and scored, and an xarray Dataset of curves."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from tutor.measure import MEASURES, SCORES
from tutor.runs.io.formats import StoreError
from tutor.runs.run import Run
from tutor.runs.run_info import RunInfo
from tutor.sources import read_source

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

AXES = ("run", "on", "repetition", "tokens")


def score_columns(run: Run) -> dict[str, float]:
    """Collect the scores of a run on its target, as medians over repetitions; empty where the run was not evaluated.

    Returns
    -------
    dict
        "regret.50" and "excess.50" (nats after 50 tokens) and so on; "accuracy", "bleu", "slots" and "loss" in the units of the summary.
    """
    try:
        summary = run.summary
    except StoreError:
        return {}
    curves = {f"{name}.{n}": value for name in ("regret", "excess") if "0" in summary.get(name, {})
              for n, value in zip(summary["n"], summary[name]["0"]["median"], strict=True)}
    return curves | {name: summary[name]["0"]["median"][0] for name in SCORES if "0" in summary.get(name, {})}


def frame_of_runs(infos: Iterable[RunInfo], scores: dict[str, dict[str, float]]) -> "pd.DataFrame":
    """Make a pandas DataFrame with a row per run.

    Parameters
    ----------
    infos
        The runs, in order of the rows.
    scores
        Columns of scores by key of the run.

    Returns
    -------
    DataFrame
        key, label, kind, state, shipped, seconds; the fields of the specification under dotted names; the scores.
    """
    import pandas as pd  # noqa: PLC0415 - half a second that only tables need

    rows = []
    for info in infos:
        line = {"key": info.key, "label": info.label, "kind": info.kind, "state": info.status.state, "shipped": info.shipped,
                "seconds": info.status.seconds}
        rows.append(line | dotted(orjson.loads(info.spec_text or "{}")) | scores.get(info.key, {}))
    return pd.DataFrame(rows, columns=list(dict.fromkeys(name for row in rows for name in row)) or ["key", "label", "kind", "state"])


def dotted(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Flatten nested fields into dotted names such as "recipe.steps"; lists become tuples, so that pandas can group by them.

    Parameters
    ----------
    values
        Plain data, such as parsed JSON.
    before
        What every name begins with.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= dotted(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: _frozen(value)}
    return found


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def curves_of(runs: Sequence[Run]) -> "xr.Dataset":
    """Make an xarray Dataset of the regret curves (nats) of runs.

    Returns
    -------
    Dataset
        Axes run, on (label of the source), repetition and tokens; NaN where a run was not measured.

    Raises
    ------
    StoreError
        Where a run was not evaluated at all.
    ModuleNotFoundError
        Where xarray is not installed.
    """
    try:
        import xarray as xr  # noqa: PLC0415 - not everybody has it
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("curves as a Dataset need xarray; install it with: pip install 'prompt-tutor[notebook]'") from error
    coordinates, arrays = stacked_curves(runs)
    return xr.Dataset({name: (AXES, values, {"units": "nats"}) for name, values in arrays.items()}, coordinates,
                      {"labels": {run.key: run.spec.label for run in runs}})


def stacked_curves(runs: Sequence[Run]) -> tuple[dict[str, list], dict[str, np.ndarray]]:
    """Stack the regret curves of runs into one array per measure.

    Returns
    -------
    coordinates
        The values along each of the axes "run", "on", "repetition" and "tokens".
    arrays
        float64 [run, on, repetition, tokens] (nats) by measure, filled up with NaN.
    """
    found = {(r, on, name): np.atleast_2d(curve) for r, run in enumerate(runs) for on, name, curve in _curves(run)}
    places = list(dict.fromkeys(on for _, on, _ in found))
    shape = [max((curve.shape[axis] for curve in found.values()), default=0) for axis in (0, 1)]
    arrays = {name: np.full((len(runs), len(places), *shape), np.nan) for name in MEASURES["regret"].curves}
    for (r, on, name), curve in found.items():
        arrays[name][r, places.index(on), :curve.shape[0], :curve.shape[1]] = curve
    return {"run": [run.key for run in runs], "on": places, "repetition": list(range(shape[0])),
            "tokens": list(range(1, shape[1] + 1))}, arrays


def _curves(run: Run) -> Iterable[tuple[str, str, np.ndarray]]:
    """Label of the source, measure, and curve [T] or [N, T]."""
    for i in run.summary["regret"]:
        source = run.summary["evaluated_on"][int(i)]
        label = read_source(source).label
        yield from ((label, name, run.arrays[f"regret/{i}/{name}"]) for name in MEASURES["regret"].curves)
