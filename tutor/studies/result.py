"""A study's result: computed from finished runs, kept beside them, valid as long as it names the same runs."""

from pathlib import Path

import orjson

from tutor.files import write_bytes
from tutor.predictors import Predictor
from tutor.spec import RunSpec
from tutor.store import RunStore
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import verdict
from tutor.studies.presets import FAST, Preset

OPERATIONS_PER_SECOND = 32e9
"""What one core does on these shapes; only used to say beforehand roughly how long a study takes."""


def missing(study: AbstractStudy, preset: Preset, store: RunStore) -> list[RunSpec]:
    """The runs that are still to be computed, pretrainings first, each once."""
    wanted = study.specs(preset)
    unique = {spec.key(): spec for spec in [*(spec.base() for spec in wanted), *wanted]}
    return [spec for key, spec in unique.items() if not store.done(key)]


def kept(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """The result from before, shipped or own, where it was made from these very runs; nothing is computed for it."""
    keys = _keys(study, preset)
    named = _named_after(study, preset, keys)
    for root in (store.shipped.parent, store.root):
        try:
            found = orjson.loads(_path(root, study, named).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            continue
        if found["keys"] == keys:
            return found
    return None


def result(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """The study in the form of `study --json`: kept from before, or made from its runs, or None while runs are missing."""
    before = kept(study, preset, store)
    if before is not None:
        return before
    if missing(study, preset, store):
        return None
    keys = _keys(study, preset)
    preset = _named_after(study, preset, keys)
    rows = study.rows(preset, lambda spec: store.load(spec.key()))
    checks = study.checks(rows)
    made = {
        "study": study.name,
        "title": study.title,
        "claim": study.claim,
        "source": study.source,
        "preset": preset.name,
        "metric": study.metric,
        "verdict": verdict(checks),
        "checks": [check.as_json() for check in checks],
        "rows": [row.as_json() for row in rows],
        "keys": keys,
    }
    _path(store.root, study, preset).parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_path(store.root, study, preset), orjson.dumps(made, option=orjson.OPT_INDENT_2))
    return made


def estimated_seconds(specs: list[RunSpec], workers: int) -> float:
    """Roughly how long these runs take on `workers` cores, by counting operations: 2 per weight and token forward, 4 back."""
    return sum(_operations(spec) for spec in specs) / OPERATIONS_PER_SECOND / workers


def _keys(study: AbstractStudy, preset: Preset) -> list[str]:
    return sorted({spec.key() for spec in study.specs(preset)})


def _named_after(study: AbstractStudy, preset: Preset, keys: list[str]) -> Preset:
    """The preset whose name a result carries: the fast one where effort makes no difference, so that there is one result."""
    return FAST if keys == _keys(study, FAST) else preset


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
