"""A study's result: rows of the runs that it shows, and the decision over its replications; kept beside the runs.

A replication is one more pretrained network with its tunings. It is measured once, and its checks are kept in a small file, so that
an interrupted study goes on where it was and runs may be removed afterwards.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from tutor.predictors import Predictor
from tutor.runs.io.formats import StoreError, read_json, write_bytes
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.studies.checks import Check, decide, next_seeds
from tutor.studies.presets import Preset
from tutor.studies.result_view import StudyResult
from tutor.studies.study import AbstractStudy

OPERATIONS_PER_SECOND = 32e9
"""What one core does on these shapes; only used to say beforehand roughly how long a study takes."""

ENTRIES = {"study", "title", "claim", "source", "preset", "metric", "verdict", "answer", "sentence", "plan", "bases", "ledger", "seconds",
           "checks", "rows", "keys", "evaluations"}
ENTRIES_OF_A_ROW = {"method", "body", "on", "fields"}
NOT_OF_A_CHECK = ("values", "middle", "interval", "level", "bases", "outcome", "survives")
"""Entries of a stored finding that its check does not have."""

Measured = Mapping[int, Sequence[Check]]
"""The checks of each replication, by its seed."""


def list_missing(study: AbstractStudy, preset: Preset, store: RunStore) -> list[RunSpec]:
    """List the runs that must still be trained or evaluated for a study, each once: missing pretrainings first.

    These are the runs that the study shows, and those of the networks that its plan asks for next.
    """
    seeds = next_seeds(preset.plan_for(study.plan), read_replications(study, preset, store))
    return lacking([*study.specs(preset), *(spec for seed in seeds for spec in study.specs(preset.on_base(seed)))], store)


def lacking(wanted: Sequence[RunSpec], store: RunStore) -> list[RunSpec]:
    """List those of the runs that are not trained or not evaluated, each once, with missing pretrainings first."""
    bases = {spec.base().key(): spec.base() for spec in wanted}
    open_ones = {spec.evaluation_key(): spec for spec in wanted if not store.measured(spec)}
    started = {spec.key() for spec in open_ones.values()}
    return [*(spec for key, spec in bases.items() if key not in started and not store.done(key)), *open_ones.values()]


def read_kept_result(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """Read the stored result of a study, shipped or own; None where there is none or it was made from other runs."""
    evaluations = _evaluations(study, preset)
    for root in (store.shipped.parent, store.root):
        try:
            found = read_json(_path(root, study, preset))
        except StoreError:
            continue
        if _whole(found) and found["evaluations"] == evaluations:
            return StudyResult(found)
    return None


def make_result(study: AbstractStudy, preset: Preset, store: RunStore) -> dict | None:
    """Return the result of a study: the stored one, else made from its runs and stored.

    Replications whose runs are there are measured and kept, even if others are missing. While runs are missing, the stored result, which
    then is about the networks so far, is returned as it is, or None where there is none.
    """
    before = read_kept_result(study, preset, store)
    plan, replications = preset.plan_for(study.plan), dict(read_replications(study, preset, store))
    if before is not None and not next_seeds(plan, replications_of(before)):
        return before
    while seeds := next_seeds(plan, replications):
        ready = [seed for seed in seeds if not lacking(study.specs(preset.on_base(seed)), store)]
        for seed in ready:
            replications[seed] = measure_replication(study, preset, store, seed)
        if ready != seeds:
            return before
    return before if lacking(study.specs(preset), store) else keep_result(study, preset, store, replications)


def keep_result(study: AbstractStudy, preset: Preset, store: RunStore, replications: Measured) -> dict:
    """Make the result of a study from the runs that it shows and the replications so far, and store it."""
    made = measured(study, preset, store, replications)
    _path(store.root, study, preset).parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_path(store.root, study, preset), to_bytes(made))
    return made


def measure_replication(study: AbstractStudy, preset: Preset, store: RunStore, seed: int) -> list[Check]:
    """Measure the checks of a study on one network from its finished runs, and keep them.

    Raises
    ------
    StoreError
        Where a run is missing.
    """
    there = preset.on_base(seed)
    found = study.checks(study.rows(there, store.run))
    path = _replication(store, study, preset, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    seconds = sum_seconds(study.specs(there), store)
    write_bytes(path, to_bytes({"evaluations": _keys_of(study, there), "seconds": seconds, "checks": [check.as_json() for check in found]}))
    return found


def read_replications(study: AbstractStudy, preset: Preset, store: RunStore) -> Measured:
    """Read the kept checks of the replications of a study that were made from the runs that it names now: own ones and shipped ones."""
    before = read_kept_result(study, preset, store)
    kept = dict(replications_of(before)) if before is not None else {}
    for path in sorted(_replication(store, study, preset, 0).parent.glob("*.json")):
        seed = int(path.stem) if path.stem.isdigit() else None
        if seed is not None and (one := _read_replication(path, study, preset.on_base(seed))):
            kept[seed] = [Check.from_json(check) for check in one["checks"]]
    return kept


def replications_of(result: Mapping) -> Measured:
    """Return the checks of each replication that a result was decided from."""
    def check(one: Mapping, value: float | None) -> Check:
        return Check.from_json({name: entry for name, entry in one.items() if name not in NOT_OF_A_CHECK} | {"value": value})

    return {seed: [check(one, one["values"][at]) for one in result["checks"]] for at, seed in enumerate(result["bases"])}


def measured(study: AbstractStudy, preset: Preset, store: RunStore, replications: Measured, seconds: float | None = None) -> StudyResult:
    """Make the result of a study from the runs that it shows and from its replications, even if one is stored.

    Parameters
    ----------
    seconds
        Core seconds of all runs; None adds up those of the shown and of the replications in the store.

    Raises
    ------
    StoreError
        Where a run is missing.
    """
    plan, rows = preset.plan_for(study.plan), study.rows(preset, store.run)
    decision = decide(plan, replications)
    return StudyResult({
        "study": study.name,
        "title": study.title,
        "claim": study.claim,
        "source": study.source,
        "preset": preset.name,
        "metric": study.metric,
        "verdict": decision.verdict,
        "answer": decision.answer,
        "sentence": decision.sentence,
        "plan": plan.as_json(),
        "bases": list(decision.seeds),
        "ledger": [change.as_json() for change in study.ledger],
        "seconds": _total_seconds(study, preset, store, decision.seeds) if seconds is None else seconds,
        "checks": [finding.as_json() for finding in decision.findings],
        "rows": [row.as_json() for row in rows],
        "keys": sorted({spec.key() for spec in study.specs(preset)}),
        "evaluations": _evaluations(study, preset),
    })


def to_bytes(result: dict) -> bytes:
    """Encode a result as its file holds it: indented JSON."""
    return orjson.dumps(result, option=orjson.OPT_INDENT_2)


def sum_seconds(specs: Sequence[RunSpec], store: RunStore) -> float:
    """Add up the processor seconds of finished runs and of the pretrainings under them, each once."""
    keys = {one.key() for spec in specs for one in (spec, spec.base())}
    return float(sum(store.info(key).status.seconds or 0.0 for key in keys if store.find(key)))


def estimate_seconds(specs: list[RunSpec], workers: int) -> float:
    """Estimate the seconds that runs take on `workers` cores, from their operations: 2 per weight and token forward, 4 backward."""
    return sum(_operations(spec) for spec in specs) / OPERATIONS_PER_SECOND / workers


def _total_seconds(study: AbstractStudy, preset: Preset, store: RunStore, bases: Sequence[int]) -> float:
    kept = [_read_replication(_replication(store, study, preset, seed), study, preset.on_base(seed)) for seed in bases]
    return round(sum_seconds(study.specs(preset), store) + sum(one["seconds"] for one in kept if one), 1)


def _read_replication(path: Path, study: AbstractStudy, there: Preset) -> dict | None:
    """What is kept of one replication; None where that is nothing, damaged, or about other runs."""
    try:
        found = read_json(path)
        whole = found["evaluations"] == _keys_of(study, there) and [Check.from_json(check) for check in found["checks"]]
    except (StoreError, TypeError, KeyError, AttributeError):
        return None
    return found if whole else None


def _whole(found: object) -> bool:
    """Whether what a file holds is a result, with everything that pages ask of one."""
    if not isinstance(found, dict) or not found.keys() >= ENTRIES or not isinstance(found["rows"], list):
        return False
    return all(isinstance(row, dict) and row.keys() >= ENTRIES_OF_A_ROW and isinstance(row["fields"], dict) for row in found["rows"])


def _keys_of(study: AbstractStudy, preset: Preset) -> list[str]:
    return sorted({spec.evaluation_key() for spec in study.specs(preset)})


def _evaluations(study: AbstractStudy, preset: Preset) -> list[str]:
    """What a result is made from: evaluations of the shown runs and of the first replication; the others differ from it in their seed."""
    first = preset.on_base(preset.plan_for(study.plan).first_seed)
    return sorted({*_keys_of(study, preset), *_keys_of(study, first)})


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


def _replication(store: RunStore, study: AbstractStudy, preset: Preset, seed: int) -> Path:
    return store.root / "studies" / f"{study.name}-{preset.name}" / f"{seed}.json"
