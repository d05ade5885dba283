"""From checks on networks to a verdict: outcomes, looks, gates, questions of our own, and the sentence that says it."""

import math

import pytest

from tutor.studies.checks import Check, Finding, Plan, decide, gather_findings, next_seeds
from tutor.studies.checks.finding_text import finding_text, region_text

PLAN = Plan(primary="it helps", scope="one coin")
CLEAR, BARE = [0.5 + 0.01 * at for at in range(10)], [0.1, -0.1] * 5


def found(values, *, role="primary", **region) -> Finding:
    return Finding(Check("it helps", math.nan, "this test", role=role, **region), tuple(values), 0.95)


def measured(values, plan=PLAN, **more) -> dict[int, list[Check]]:
    return {plan.first_seed + at: [Check("it helps", value, "this test", low=0.0, role="primary"), *more.get("others", ())]
            for at, value in enumerate(values)}


@pytest.mark.parametrize(("low", "high", "outcome"), [
    (0.0, math.inf, "holds"), (-math.inf, 1.0, "holds"), (0.4, 0.7, "holds"),
    (0.7, math.inf, "fails"), (-math.inf, 0.4, "fails"), (0.7, 0.9, "fails"),
    (0.55, math.inf, "undecided"), (-math.inf, 0.55, "undecided"), (0.55, 0.9, "undecided"),
])
def test_a_statement_is_decided_only_where_its_interval_lies_on_one_side(low, high, outcome):
    assert found(CLEAR, low=low, high=high).outcome == outcome


def test_what_is_exactly_at_its_bound_everywhere_holds():
    assert found([0.0] * 10, low=0.0, high=0.0).outcome == "holds"
    assert found([1e-9] * 10, low=0.0, high=0.0).outcome == "fails"


def test_a_check_that_measured_nothing_is_never_a_success():
    assert found([math.nan] * 10, low=0.0).outcome == "undecided"
    assert found([math.nan] * 10, low=0.0, role="gate").outcome == "fails"


@pytest.mark.parametrize("region", [{"low": 0.0}, {"high": 0.52}, {"low": 0.2, "high": 0.8}, {"low": 0.7}, {"low": 0.53}])
def test_the_doubt_is_the_level_at_which_the_outcome_changes(region):
    one = found(CLEAR, **region)
    assert (one.outcome != "undecided") == (one.doubt <= 0.05)


def test_the_next_networks_are_asked_for_only_while_nothing_is_decided():
    assert next_seeds(PLAN, {}) == list(range(100, 110))
    assert next_seeds(PLAN, measured(CLEAR[:4])) == list(range(104, 110))
    assert next_seeds(PLAN, measured(CLEAR)) == []
    assert next_seeds(PLAN, measured(BARE)) == list(range(110, 120))
    assert next_seeds(PLAN, measured(BARE * 2)) == []


def test_a_verdict_needs_a_whole_look_and_says_over_how_many_networks():
    so_far = decide(PLAN, measured(CLEAR[:7]))
    assert so_far.verdict == "undecided" and so_far.sentence == "Undecided: 7 of 10 networks so far (0.53 nats): one coin."
    assert so_far.seeds == tuple(range(100, 107))
    none = decide(PLAN, {})
    assert (none.verdict, none.findings) == ("undecided",
                                             ()) and none.sentence == "Undecided: none of 10 networks is measured yet: one coin."
    one = decide(PLAN, measured(CLEAR))
    assert (one.verdict, one.answer) == ("reproduced", "")
    assert one.sentence.startswith("Reproduced over 10 pretrained networks (0.545 nats, interval ") and one.sentence.endswith(": one coin.")
    assert decide(PLAN, measured([-value for value in CLEAR])).verdict == "contradicted"
    assert decide(PLAN, measured(BARE)).verdict == decide(PLAN, measured(BARE * 2)).verdict == "undecided"


def test_what_comes_after_a_decided_look_is_not_looked_at():
    assert decide(PLAN, measured([*CLEAR, *(-9.0 for _ in range(10))])).verdict == "reproduced"


def test_a_question_of_our_own_is_answered():
    ours = Plan(primary="", scope="one coin", own_question=True)
    assert [(one.verdict, one.answer) for one in (decide(ours, measured(CLEAR)), decide(ours, measured([-v for v in CLEAR])))] == [
        ("answered", "yes"), ("answered", "no")]


def test_a_closed_gate_ends_the_matter_whatever_was_measured():
    closed = [Check("it was trained to the end", 0.5, "this test", high=0.1, role="gate")]
    one = decide(PLAN, measured(CLEAR, others=closed))
    assert one.verdict == "not testable here" and "it was trained to the end" in one.sentence


def test_networks_that_state_different_things_are_not_put_together():
    with pytest.raises(ValueError, match="different statements"):
        gather_findings([[Check("one", 0.0, "")], [Check("another", 0.0, "")]], 0.95)


def test_a_secondary_statement_that_is_sure_alone_may_not_be_sure_among_many():
    weak, strong = [0.1, -0.02] * 5, CLEAR
    alone, among = (gather_findings([[Check(f"s{k}", value, "", low=0.0) for k, value in enumerate(row)] for row in rows], 0.9)
                    for rows in ([[a] for a in weak], [[a, *[b] * 8] for a, b in zip(weak, strong, strict=True)]))
    assert alone[0].survives == (alone[0].doubt <= 0.1) and all(one.survives for one in among[1:])
    assert not among[0].survives or among[0].doubt <= 0.1


def test_a_check_survives_its_own_json():
    check = Check("it helps", math.inf, "this test", low=0.0, unit="BLEU", role="gate", reported=3.0)
    assert Check.from_json(check.as_json() | {"value": 1.0}) == Check("it helps", 1.0, "this test", low=0.0, unit="BLEU", role="gate",
                                                                      reported=3.0)


def test_findings_are_written_with_their_interval_and_bounds():
    stored = found(CLEAR, low=0.0).as_json()
    assert finding_text(stored) == "0.545 (0.52 to 0.57) nats" and region_text(stored) == "at least 0"
    assert finding_text(found([0.2], high=1.0).as_json()) == "0.2 nats"
    assert finding_text(found([0.2, 0.4], high=1.0).as_json()) == "0.3 (0.2 to 0.4) nats"
    assert region_text(found(CLEAR, low=0.0, high=0.0).as_json()) == "exactly 0"
    assert region_text(found(CLEAR, low=-1.0, high=2.0).as_json()) == "from -1 to 2"


def test_too_few_networks_for_an_interval_are_said_to_be_too_few():
    one = decide(Plan(primary="", scope="one coin", looks=(1,), first_seed=0), measured([0.5], Plan("", "", first_seed=0)))
    assert one.verdict == "undecided" and one.sentence == "Undecided: one pretrained network, too few for an interval (0.5 nats): one coin."
