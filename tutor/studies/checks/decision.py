"""How a claim is decided: over how many networks, in which looks, and what the verdict says.

The rule, stated before any run: the networks differ in the seed of their pretraining; a tuning starts from the same seed. They come
in looks, ten and then twenty. Each look takes an equal part of the 5 % of doubt, so that both together keep it (Bonferroni), and the
second is only taken where the first left the primary check undecided.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from tutor.studies.checks.statements import Check, Finding, gather_findings

Verdict = Literal["reproduced", "contradicted", "answered", "not testable here", "undecided"]
DOUBT = 0.05
"""Probability, at most, that a claim whose effect is exactly at its bound is decided wrongly, over all looks."""


@dataclass(frozen=True)
class Plan:
    """What was fixed before the runs of a study: what decides, over how many networks, and at what price."""

    primary: str
    """The primary check in words, with its margin and where that comes from."""
    scope: str
    """Within what the verdict holds, as the end of its sentence: "one coin, within 50 flips"."""
    looks: tuple[int, ...] = (10, 20)
    """Number of networks at each look."""
    first_seed: int = 100
    """Seed of the first network; no smaller one was looked at while recipes were chosen, and none of these."""
    own_question: bool = False
    """Whether no work makes the claim; the verdict is then "answered", with yes or no."""
    budget: str = ""
    """Core time of all looks, estimated beforehand."""
    needs: str = ""
    """Where the claim cannot be tested here: why not, and what would do it."""

    @property
    def level(self) -> float:
        """Confidence of the intervals at each look."""
        return 1 - DOUBT / len(self.looks)

    def seeds(self, look: int) -> range:
        """Seeds of all networks up to a look, counted from 0."""
        return range(self.first_seed, self.first_seed + self.looks[look])

    def as_json(self) -> dict:
        return asdict(self) | {"looks": list(self.looks)}


@dataclass(frozen=True)
class Change:
    """An entry of a study's ledger: what was changed of its bounds, checks or recipe, and the verdict before that."""

    when: str
    """Day, as 2026-11-30."""
    what: str
    before: str = ""
    """Verdict before the change; "" where there was none."""

    def as_json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """The findings over the networks measured so far, and the verdict that follows."""

    findings: tuple[Finding, ...]
    verdict: Verdict
    answer: str = ""
    """Of a question of our own: "yes" or "no"."""
    sentence: str = ""
    seeds: tuple[int, ...] = ()
    """Of the networks that the findings are about."""


def next_seeds(plan: Plan, measured: Mapping[int, Sequence[Check]]) -> list[int]:
    """List the seeds of the networks that are still needed: those missing of the first look, then of the next if that did not decide."""
    for look in range(len(plan.looks)):
        missing = [seed for seed in plan.seeds(look) if seed not in measured]
        if missing:
            return missing
        if _decided(_findings(plan, measured, look)):
            break
    return []


def decide(plan: Plan, measured: Mapping[int, Sequence[Check]]) -> Decision:
    """Decide a claim from the checks of each network, by seed; a look that is not complete is not taken.

    While the first look is not complete the verdict is "undecided", whatever the networks so far say; without any there are no findings.

    Raises
    ------
    ValueError
        Where the statements differ between networks.
    """
    complete = [look for look in range(len(plan.looks)) if all(seed in measured for seed in plan.seeds(look))]
    if not complete:
        return _report_progress(plan, measured)
    for look in complete:
        findings = _findings(plan, measured, look)
        if _decided(findings):
            break
    verdict, answer = _judge(plan, findings)
    return Decision(tuple(findings), verdict, answer, _say(plan, findings, verdict, answer), tuple(plan.seeds(look)))


def _report_progress(plan: Plan, measured: Mapping[int, Sequence[Check]]) -> Decision:
    """What the first networks of a look that is not complete show, without a verdict."""
    known = [seed for seed in plan.seeds(0) if seed in measured]
    if not known:
        return Decision((), "undecided", "",
                        f"Undecided: none of {plan.looks[0]} networks is measured yet: {plan.scope}. {plan.needs}".strip())
    findings = tuple(gather_findings([measured[seed] for seed in known], plan.level))
    said = f"Undecided: {len(known)} of {plan.looks[0]} networks so far ({_middle_text(_primary(findings))}): {plan.scope}. {plan.needs}"
    return Decision(findings, "undecided", "", said.strip(), tuple(known))


def _middle_text(finding: Finding) -> str:
    return f"{finding.middle:.3g} {finding.check.unit}".strip()


def _findings(plan: Plan, measured: Mapping[int, Sequence[Check]], look: int) -> list[Finding]:
    return gather_findings([measured[seed] for seed in plan.seeds(look)], plan.level)


def _primary(findings: Sequence[Finding]) -> Finding:
    return next(one for one in findings if one.check.role == "primary")


def _decided(findings: Sequence[Finding]) -> bool:
    return _primary(findings).outcome != "undecided"


def _judge(plan: Plan, findings: Sequence[Finding]) -> tuple[Verdict, str]:
    if any(one.outcome != "holds" for one in findings if one.check.role == "gate"):
        return "not testable here", ""
    outcome = _primary(findings).outcome
    if outcome == "undecided":
        return ("not testable here" if plan.needs else "undecided"), ""
    if plan.own_question:
        return "answered", "yes" if outcome == "holds" else "no"
    return "reproduced" if outcome == "holds" else "contradicted", ""


def _say(plan: Plan, findings: Sequence[Finding], verdict: Verdict, answer: str) -> str:
    """Write the verdict with its numbers, the number of networks and the scope, as one sentence."""
    closed = [one.check.text for one in findings if one.check.role == "gate" and one.outcome != "holds"]
    if closed:
        return f"Not testable here: {'; '.join(closed)} does not hold. {plan.needs}".strip()
    first = _primary(findings)
    low, high = first.interval
    if math.isinf(low) and math.isinf(high):
        networks = "one pretrained network" if len(first.values) == 1 else f"{len(first.values)} pretrained networks"
        return f"{verdict.capitalize()}: {networks}, too few for an interval ({_middle_text(first)}): {plan.scope}. {plan.needs}".strip()
    said = f"{verdict}{f', {answer}' if answer else ''}".capitalize()
    spread = f"{_middle_text(first)}, interval {low:.3g} to {high:.3g}"
    return f"{said} over {len(first.values)} pretrained networks ({spread}): {plan.scope}. {plan.needs}".strip()
