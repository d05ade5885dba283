"""How a claim is decided: statements on one network, findings over several, looks, gates and the verdict."""

from tutor.studies.checks.decision import DOUBT, Change, Decision, Plan, Verdict, decide, next_seeds
from tutor.studies.checks.statements import Check, Finding, Outcome, Role, gather_findings

__all__ = [
    "DOUBT",
    "Change",
    "Check",
    "Decision",
    "Finding",
    "Outcome",
    "Plan",
    "Role",
    "Verdict",
    "decide",
    "gather_findings",
    "next_seeds",
]
