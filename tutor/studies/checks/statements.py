"""What a study states: checks on one pretrained network, and the finding over several of them."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np

from tutor.studies.checks import signed_rank

Outcome = Literal["holds", "fails", "undecided"]
Role = Literal["primary", "secondary", "gate"]


@dataclass(frozen=True)
class Check:
    """One statement of a claim and its value on one pretrained network; the statement is true from `low` to `high`.

    role: "primary" decides the verdict (one of a study), "secondary" is shown beside it, "gate" says whether the claim can be tested
    here at all: training has come to an end, and the scores are not at the end of their scale.
    """

    text: str
    value: float
    source: str
    """Where the bound comes from."""
    low: float = -math.inf
    high: float = math.inf
    unit: str = "nats"
    role: Role = "secondary"
    reported: float | None = None
    """The same quantity as the work prints it."""

    def as_json(self) -> dict:
        return {name: None if value in (math.inf, -math.inf) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict) -> "Check":
        """Make the check again that `as_json` described.

        Raises
        ------
        TypeError
            Where the entries are not those of a check.
        """
        ends = {"low": -math.inf, "high": math.inf, "value": math.nan}
        return cls(**{name: ends.get(name) if value is None else value for name, value in stored.items()})


@dataclass(frozen=True)
class Finding:
    """A statement over several networks: its value on each, their middle with its exact interval, and what follows."""

    check: Check
    values: tuple[float, ...]
    level: float
    """Confidence of the interval, between 0 and 1."""
    survives: bool = True
    """Whether the outcome stands when it is corrected for the number of secondary statements (Holm 1979)."""

    @property
    def middle(self) -> float:
        return signed_rank.middle(self.values)

    @property
    def interval(self) -> tuple[float, float]:
        return signed_rank.interval(self.values, self.level)

    @property
    def outcome(self) -> Outcome:
        """Say "holds" where the whole interval lies between the bounds, "fails" where all of it lies outside.

        An end exactly at a bound clears it only where all networks agree. A gate is not estimated but passed: its middle decides.
        """
        low, high = (self.middle,) * 2 if self.check.role == "gate" else self.interval
        if low == high or math.isnan(low):
            return "holds" if self.check.low <= low <= self.check.high else "fails"
        if low > self.check.low and high < self.check.high:
            return "holds"
        return "fails" if high < self.check.low or low > self.check.high else "undecided"

    @property
    def doubt(self) -> float:
        """Smallest 1 - level at which the outcome is decided: the p-value of a two-sided test (for two bounds, of two of them)."""
        values, low, high = np.array(self.values), self.check.low, self.check.high
        if len(set(self.values)) == 1:                # nothing is drawn, so nothing can be tested but the number of networks
            return float(min(1.0, 2 * signed_rank.rank_sum_probabilities(len(values))[0]))
        above = signed_rank.tail(values, low) if low > -math.inf else 0.0
        below = signed_rank.tail(-values, -high) if high < math.inf else 0.0
        outside = [signed_rank.tail(-values, -low) if low > -math.inf else 1.0, signed_rank.tail(values, high) if high < math.inf else 1.0]
        return min(max(above, below), *outside)

    def as_json(self) -> dict:
        """Return the finding in the form of `study --json`; an end of an interval that is not finite is None."""
        said = self.check.as_json()
        del said["value"]
        ends = [end if math.isfinite(end) else None for end in self.interval]
        return said | {"values": list(self.values), "middle": self.middle, "interval": ends, "level": self.level, "bases": len(self.values),
                       "outcome": self.outcome, "survives": self.survives}


def gather_findings(checks_by_base: Sequence[Sequence[Check]], level: float) -> list[Finding]:
    """Put the checks of several networks together, statement by statement, and correct the secondary ones for their number.

    Parameters
    ----------
    checks_by_base
        The checks of each network: the same statements in the same order.
    level
        Confidence of each interval.

    Raises
    ------
    ValueError
        Where the statements of two networks differ.
    """
    told = [[check.text for check in checks] for checks in checks_by_base]
    if any(texts != told[0] for texts in told):
        raise ValueError("the checks of two networks have different statements")
    found = [Finding(each[0], tuple(check.value for check in each), level) for each in zip(*checks_by_base, strict=True)]
    return _correct(found, 1 - level)


def _correct(findings: Sequence[Finding], doubt: float) -> list[Finding]:
    """Mark which secondary findings stand after Holm's correction: the surest at a k-th of the doubt, the next at a (k-1)-th, ..."""
    secondary = sorted((one for one in findings if one.check.role == "secondary"), key=lambda one: one.doubt)
    kept, stands = {}, True
    for at, one in enumerate(secondary):
        stands = stands and one.doubt <= doubt / (len(secondary) - at)
        kept[one.check.text] = stands
    return [replace(one, survives=kept.get(one.check.text, True)) for one in findings]
