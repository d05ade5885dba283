"""What a run will cost before it is begun: its operations, at the pace of the most similar run that is finished."""

from collections.abc import Iterable

from tutor.spec import RunSpec
from tutor.studies import estimated_seconds

COMPARED = 6
"""Finished runs looked at for a pace; counting the operations of a run takes a millisecond."""


def seconds_of(spec: RunSpec, known: Iterable[tuple[RunSpec, float]]) -> float:
    """Seconds that `spec` will compute on one core; `known` are finished runs and what they took, the same kind preferred."""
    finished = [(other, seconds) for other, seconds in known if seconds > 0]
    alike = sorted(finished, key=lambda pair: _distance(spec, pair[0]))[:COMPARED]
    paces = [(_distance(spec, other), seconds / estimated_seconds([other], 1)) for other, seconds in alike]
    nearest = [pace for distance, pace in paces if distance == paces[0][0]]
    pace = sorted(nearest)[len(nearest) // 2] if nearest else 1.0
    return pace * estimated_seconds([spec], 1)


def _distance(spec: RunSpec, other: RunSpec) -> int:
    kinds = [run.method.kind if run.method else "" for run in (spec, other)]
    return 2 * (spec.body.kind != other.body.kind) + (kinds[0] != kinds[1])
