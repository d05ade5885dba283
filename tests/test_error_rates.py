"""How often the rule of the studies decides wrongly, and how often it decides: thousands of studies with a known truth."""

import numpy as np
import pytest

from tutor.core.rng import stream
from tutor.studies.checks import Check, Plan, decide, gather_findings, next_seeds

TRIALS = 1500
PLAN = Plan(primary="the effect is above zero", scope="simulated networks")
SIX = Plan(primary="the effect is above zero", scope="simulated networks", looks=(6,))
NOISE = {
    "normal": lambda random, n: random.normal(size=n),
    "heavy tails": lambda random, n: random.standard_t(3, size=n),
    "skewed": lambda random, n: random.exponential(size=n) - 0.8392,                       # the median of the mean of two
    "in steps": lambda random, n: np.round(random.normal(size=n) * 2) / 2,
}


def verdict(plan: Plan, draw, *, low: float = 0.0, high: float = np.inf) -> str:
    """The verdict of one simulated study: networks are drawn until the plan asks for no more."""
    measured = {}
    while seeds := next_seeds(plan, measured):
        for seed, value in zip(seeds, draw(len(seeds)), strict=True):
            measured[seed] = [Check("the effect", float(value), "this test", low=low, high=high, role="primary")]
    return decide(plan, measured).verdict


def rates(plan: Plan, noise: str, effect: float, **region) -> dict[str, float]:
    random = stream(7, f"{noise} {effect}")
    found = [verdict(plan, lambda n: effect + NOISE[noise](random, n), **region) for _ in range(TRIALS)]
    return {name: found.count(name) / TRIALS for name in ("reproduced", "contradicted", "undecided")}


@pytest.mark.parametrize("plan", [PLAN, SIX], ids=["ten, then twenty", "six"])
@pytest.mark.parametrize("noise", NOISE)
def test_with_an_effect_of_zero_at_most_five_percent_are_decided(plan, noise):
    found = rates(plan, noise, 0.0)
    sampling = 2 * (0.05 * 0.95 / TRIALS) ** 0.5
    print(f"{noise}, {plan.looks}: {found}")
    assert found["reproduced"] + found["contradicted"] <= 0.05 + sampling


@pytest.mark.parametrize(("plan", "effect"), [(PLAN, 0.8), (SIX, 2.0)], ids=["ten, then twenty", "six"])
def test_with_the_planned_effect_at_least_four_of_five_are_decided_rightly(plan, effect):
    found = rates(plan, "normal", effect)
    print(f"effect of {effect} standard deviations, {plan.looks}: {found}")
    assert found["reproduced"] >= 0.8 and found["contradicted"] < 0.01


def test_equal_groups_come_out_as_equal_when_the_margin_has_room():
    """Nine equal priors, of which the worst is judged: the design that could never come out as reproduced."""
    random = stream(11, "priors")
    worst = [verdict(PLAN, lambda n: (1.0 + 0.1 * random.normal(size=(n, 9))).max(1) - 1.0, low=-0.3, high=0.3) for _ in range(300)]
    print(f"nine equal priors: {worst.count('reproduced') / 300:.3f} reproduced")
    assert worst.count("reproduced") >= 0.8 * 300 and "contradicted" not in worst


def test_a_second_look_does_not_cost_a_second_chance_of_error():
    """Two looks at 5 % each would decide wrongly more often than 5 %; at 2.5 % each they do not."""
    random = stream(13, "looks")
    eager = Plan(primary="", scope="", looks=(10,)), Plan(primary="", scope="", looks=(20,))
    wrong = 0
    for _ in range(TRIALS):
        values = random.normal(size=20)
        outcomes = [verdict(plan, lambda n, values=values: values[:n]) for plan in eager]
        wrong += any(one != "undecided" for one in outcomes)
    print(f"two looks at 5 % each: {wrong / TRIALS:.3f} decided, of an effect of zero")
    assert wrong / TRIALS > 0.06


def test_corrected_for_their_number_no_more_than_five_percent_of_studies_have_a_wrong_secondary_finding():
    random = stream(17, "holm")

    def checks() -> list[Check]:
        values = random.normal(size=13)
        return [Check(f"statement {at}", float(value), "this test", low=0.0) for at, value in enumerate(values)]

    loose = strict = 0
    for _ in range(400):
        findings = gather_findings([checks() for _ in range(20)], 0.95)
        decided = [one for one in findings if one.outcome != "undecided"]
        loose += bool(decided)
        strict += any(one.survives for one in decided)
    print(f"13 statements, all of them at their bound: uncorrected {loose / 400:.3f}, corrected {strict / 400:.3f} with a wrong one")
    assert strict / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5 < loose / 400
