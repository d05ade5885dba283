"""What the Skills page says of its studies follows their numbers, whatever these are: results made up so that it can be checked by hand."""

import pytest
from visiting import opened, with_store

from tutor.runs.store import RunStore
from tutor.studies.compose import COMPOSED, COUNTED
from tutor.studies.suffix import BEFORE, BEHIND
from tutor.studies.universality import LENGTHS
from tutor.ui.labs.prefixes import list_findings
from tutor.ui.run_views import cached_results


def row(metric: str, value: float, spread: float = 0.0, **fields) -> dict:
    return {"method": "a label", "metric": metric, "value": value, "q25": value - spread, "q75": value + spread, "fields": fields}


def composed(both: float, counted: float) -> str:
    rows = [row("accuracy", both, task=COMPOSED), row("accuracy", counted, task=COUNTED)]
    return list_findings.describe_finding("compose", {"rows": rows})


def equal(update: dict[int, float], vectors: float) -> str:
    rows = [row("accuracy", value, method=kind, rank=rank)
            for rank, share in update.items() for kind, value in (("prefix", vectors), ("lora", share))]
    return list_findings.describe_finding("equal-parameters", {"rows": rows})


def universal(*excess: float, spread: float = 0.0) -> str:
    rows = [row("excess", value, spread, length=k) for k, value in zip(LENGTHS, excess, strict=True)]
    return list_findings.describe_finding("universality", {"rows": [*rows, row("accuracy", 0.08, length=LENGTHS[-1])]})


def suffixed(left: float) -> str:
    tasks = ("descending", COMPOSED, COUNTED)
    rows = [row("excess", value, place=place, task=task) for task in tasks for place, value in ((BEFORE, 10.0), (BEHIND, 10.0 * left))]
    return list_findings.describe_finding("suffix", {"rows": [*rows, *(row("accuracy", 0.25, place=BEHIND, task=task) for task in tasks)]})


@pytest.mark.parametrize(("both", "counted", "words"), [
    (0.92, 0.08, "both at once most of the time, in **92%** of the lists. Counting how often a digit occurs is another matter"),
    (0.97, 0.3, "nearly always, in **97%** of the lists. Counting how often a digit occurs comes out: now and then, in **30%**"),
    (0.97, 0.9, "Counting how often a digit occurs comes out as well: most of the time, in **90%**"),
    (0.1, 0.1, "both at once hardly ever, in **10%** of the lists. Counting how often a digit occurs comes out: hardly ever"),
])
def test_how_often_two_skills_are_put_together_is_said_in_words(both, counted, words):
    assert words in composed(both, counted)


@pytest.mark.parametrize(("update", "vectors", "words"), [
    ({1: 0.09, 4: 0.87}, 0.07, "rank 4, **7%** for a prefix of 20 vectors, in 2 layers. So small changes"),
    ({1: 0.09, 4: 0.87}, 0.07, "it is too little."),
    ({1: 0.92}, 0.05, "it is enough as well."),
    ({1: 0.92}, 0.5, "the prefix comes part of the way."),
    ({1: 0.92}, 0.9, "the prefix can as well."),
    ({1: 0.5}, 0.05, "Neither learns it."),
    ({1: 0.5}, 0.9, "The prefix learns it, and the update does not."),
])
def test_who_counts_with_the_same_number_of_parameters_follows_the_ranks_that_there_are(update, vectors, words):
    assert words in equal(update, vectors)


def test_rank_one_is_told_only_where_it_was_tried():
    assert "Rank one" in equal({1: 0.9}, 0.1) and "Rank one" not in equal({2: 0.9, 8: 0.9}, 0.1)


def test_how_far_more_vectors_get_is_told_step_by_step():
    told = universal(8.0, 6.0, 3.0, 3.3)
    assert "1, 5, 20 and 60 vectors leave 8.00, 6.00, 3.00 and 3.30 nats too many" in told and "**8%**" in told
    assert "from 1 to 5 vectors 25% of them go; from 5 to 20 vectors 50% of them go" in told
    assert "from 20 to 60 vectors there are 10% more of them." in told
    assert "from 20 to 60 vectors the repetitions overlap" in universal(8.0, 6.0, 3.0, 3.3, spread=0.2)


def test_what_vectors_behind_the_list_are_worth_follows_what_they_leave():
    assert "**80%** as many on sorting and adding one" in suffixed(0.8) and "is not enough" in suffixed(0.8)
    assert "helps much here" in suffixed(0.3) and "25% and 25% of the lists right" in suffixed(0.3)


def test_the_page_says_what_its_results_give(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    shown = [one.value for one in opened("skills").markdown]
    for name in list_findings.FINDINGS:
        told = list_findings.describe_finding(name, cached_results.study_result(name, "fast"))
        assert told in shown and told.endswith(".") and "nan" not in told
