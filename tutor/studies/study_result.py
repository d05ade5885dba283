"""A study's result: computed from finished runs, kept beside them, valid as long as it names the same runs."""

from pathlib import Path

import orjson

from tutor.predictors import Predictor
from tutor.runs.io.formats import StoreError, read_json, write_bytes
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.studies.checks import decide_verdict
from tutor.studies.presets import FAST, Preset
from tutor.studies.result_view import StudyResult
from tutor.studies.study import AbstractStudy

OPERATIONS_PER_SECOND = 32e9
"""What one core does on these shapes; only used to say beforehand roughly how long a study takes."""

ENTRIES = {"study", "title", "claim", "source", "preset", "metric", "verdict", "checks", "rows", "keys", "evaluations"}
ENTRIES_OF_A_ROW = {"method", "body", "on", "fields"}


def list_missing(study: AbstractStudy, preset: Preset, store: RunStore) -> list[RunSpec]:
    """List the runs that must still be trained or evaluated for a study, each once: missing pretrainings first."""
    wanted = study.specs(preset)
    bases = {spec.base().key(): spec.base() for spec in wanted}
    lacking = {spec.evaluation_key(): spec for spec in wanted if not store.measured(spec)}
    started = {spec.key() for spec in lacking.values()}
    return [*(spec for key, spec in bases.items() if key not in started and not store.done(key)), *lacking.values()]


def read_kept_result(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """Read the stored result of a study, shipped or own; None where there is none or it was made from other runs."""
    evaluations = _evaluations(study, preset)
    named = _named_after(study, preset, evaluations)
    for root in (store.shipped.parent, store.root):
        try:
            found = read_json(_path(root, study, named))
        except StoreError:
            continue
        if _whole(found) and found["evaluations"] == evaluations:
            return StudyResult(found)
    return None


def make_result(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """Return the result of a study: the stored one, else made from its runs and stored; None while runs are missing."""
    before = read_kept_result(study, preset, store)
    if before is not None:
        return before
    if list_missing(study, preset, store):
        return None
    preset = _named_after(study, preset, _evaluations(study, preset))
    made = measured(study, preset, store)
    _path(store.root, study, preset).parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_path(store.root, study, preset), to_bytes(made))
    return made


def measured(study: AbstractStudy, preset: Preset, store: RunStore) -> StudyResult:
    """Make the result of a study from its runs, even if one is stored.

    Raises
    ------
    StoreError
        Where a run is missing.
    """
    rows = study.rows(preset, store.run)
    checks = study.checks(rows)
    return StudyResult({
        "study": study.name,
        "title": study.title,
        "claim": study.claim,
        "source": study.source,
        "preset": preset.name,
        "metric": study.metric,
        "verdict": decide_verdict(checks),
        "checks": [check.as_json() for check in checks],
        "rows": [row.as_json() for row in rows],
        "keys": _keys(study, preset),
        "evaluations": _evaluations(study, preset),
    })


def to_bytes(result: dict) -> bytes:
    """Encode a result as its file holds it: indented JSON."""
    return orjson.dumps(result, option=orjson.OPT_INDENT_2)


def estimate_seconds(specs: list[RunSpec], workers: int) -> float:
    """Estimate the seconds that runs take on `workers` cores, from their operations: 2 per weight and token forward, 4 backward."""
    return sum(_operations(spec) for spec in specs) / OPERATIONS_PER_SECOND / workers


def _whole(found: object) -> bool:
    """Whether what a file holds is a result, with everything that pages ask of one."""
    if not isinstance(found, dict) or not found.keys() >= ENTRIES or not isinstance(found["rows"], list):
        return False
    return all(isinstance(row, dict) and row.keys() >= ENTRIES_OF_A_ROW and isinstance(row["fields"], dict) for row in found["rows"])


def _keys(study: AbstractStudy, preset: Preset) -> list[str]:
    return sorted({spec.key() for spec in study.specs(preset)})


def _evaluations(study: AbstractStudy, preset: Preset) -> list[str]:
    """What a result is made from: the evaluations of its runs, whose keys cover the training too."""
    return sorted({spec.evaluation_key() for spec in study.specs(preset)})


def _named_after(study: AbstractStudy, preset: Preset, evaluations: list[str]) -> Preset:
    """The preset whose name a result carries: the fast one where effort makes no difference, so that there is one result."""
    return FAST if evaluations == _evaluations(study, FAST) else preset


def _operations(spec: RunSpec) -> float:
    weights = _weights(spec.body.build(spec.source.vocab, 0))
    evaluated = 2.0 * weights * spec.evaluation.sequences * spec.evaluation.length * 3
    if not spec.is_tuning:
        return weights * spec.recipe.operations + evaluated
    return spec.seeds.repetitions * (spec.method.operations(weights, spec.tuning, spec.source.vocab) + evaluated)


def _weights(predictor: Predictor) -> int:
    return sum(p.numel() for p in predictor.parameters())


def _path(root: Path, study: AbstractStudy, preset: Preset) -> Path:
    return root / "studies" / f"{study.name}-{preset.name}.json"
