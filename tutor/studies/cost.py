"""What a run will cost before it is begun: its operations, at the pace of the most similar run that is finished."""

from collections.abc import Iterable
from dataclasses import dataclass

from tutor.runs.spec import RunSpec
from tutor.studies import estimate_seconds

COMPARED = 6
"""Finished runs looked at for a pace; counting the operations of a run takes a millisecond."""


@dataclass(frozen=True)
class Capacity:
    """What limits new runs: cores, busy threads of others, parallel runs of the engine, and seconds of work already in the queue."""

    cores: int
    others: float = 0.0
    at_once: int = 1
    ahead: float = 0.0

    def share(self, runs: int) -> float:
        """Share of a core (0 to 1) that each of `runs` parallel runs gets."""
        return min(1.0, self.cores / (self.others + max(1, min(runs, self.at_once))))

    def seconds(self, costs: list[float]) -> float:
        """Estimate the seconds until all runs are finished, including those ahead of them.

        Parameters
        ----------
        costs
            Seconds of each run on a core of its own.
        """
        together = max(1, min(self.at_once, len(costs) + (self.ahead > 0)))
        return max(*costs, (self.ahead + sum(costs)) / together) / self.share(together) if costs else 0.0


def seconds_of(spec: RunSpec, known: Iterable[tuple[RunSpec, float]]) -> float:
    """Estimate the seconds of a run on one core, from the pace of the most similar finished runs.

    Parameters
    ----------
    known
        Finished runs with the seconds that they took.
    """
    finished = [(other, seconds) for other, seconds in known if seconds > 0]
    alike = sorted(finished, key=lambda pair: _distance(spec, pair[0]))[:COMPARED]
    paces = [(_distance(spec, other), seconds / estimate_seconds([other], 1)) for other, seconds in alike]
    nearest = [pace for distance, pace in paces if distance == paces[0][0]]
    pace = sorted(nearest)[len(nearest) // 2] if nearest else 1.0
    return pace * estimate_seconds([spec], 1)


def _distance(spec: RunSpec, other: RunSpec) -> int:
    kinds = [run.method.kind if run.method else "" for run in (spec, other)]
    return 2 * (spec.body.kind != other.body.kind) + (kinds[0] != kinds[1])
