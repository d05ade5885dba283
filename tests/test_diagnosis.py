"""The diagnosis of a retrieval pipeline: planted natures are named, what contradicts itself stays open, and the report says it all."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from tutor.analysis.evidence_file import EXAMPLE
from tutor.measure import Evidence, Report, diagnose
from tutor.measure.synthetic_evidence import CASES, SyntheticPipeline
from tutor.runs.export.diagnosis_zip import render_report

SEEDS = range(20)
NATURES = dict(zip(("retrieves", "a soft prompt in disguise", "partly", "inconclusive"), CASES.values(), strict=True))


@pytest.mark.parametrize("nature", NATURES)
def test_a_planted_nature_is_named_for_every_seed(nature):
    assert [diagnose(NATURES[nature].evidence(seed=seed)).verdict for seed in SEEDS] == [nature] * len(SEEDS)


@pytest.mark.parametrize("nature", NATURES)
def test_without_ablated_stores_nobody_is_said_to_retrieve(nature):
    verdicts = {diagnose(replace(NATURES[nature].evidence(seed=seed), stores={})).verdict for seed in SEEDS}
    assert verdicts == {"inconclusive"}


def test_a_constant_context_is_a_soft_prompt_even_without_ablated_stores():
    report = diagnose(replace(SyntheticPipeline(constant=3.0).evidence(), stores={}, soft_prompt=None))
    assert report.verdict == "a soft prompt in disguise" and report.find("variance").high == 0.0
    assert [text.split(":")[0] for text in report.missing[:3]] == ["store_shuffled", "store_other_domain", "soft_prompt"]


def test_what_the_file_has_is_not_asked_for_and_why_it_gives_no_number_is_said():
    plain = np.full(40, 3.0)
    useless = Evidence(plain, plain, np.ones((40, 1, 2)), soft_prompt=plain, pipeline_parameters=1000, soft_prompt_parameters=10)
    report = diagnose(useless)
    assert report.find("times_as_efficient") is None and not any("parameters" in text for text in report.missing)
    assert report.because[1] == "Shares of the gain and the gain per parameter are not computed."
    uncounted = diagnose(replace(useless, soft_prompt_parameters=None))
    assert "pipeline_parameters and soft_prompt_parameters, for the gain per parameter" in uncounted.missing


def test_an_empty_store_that_takes_the_gain_away_proves_no_retrieval():
    evidence = NATURES["retrieves"].evidence()
    assert diagnose(replace(evidence, stores={"zeroed": evidence.no_context})).verdict == "inconclusive"
    kept = diagnose(replace(evidence, stores={"zeroed": evidence.pipeline}))
    assert kept.verdict == "a soft prompt in disguise" and kept.find("store_zeroed").value == 1.0


def test_a_gain_that_neither_the_store_nor_a_soft_prompt_explains_stays_open():
    evidence = NATURES["retrieves"].evidence()
    report = diagnose(replace(evidence, stores={"shuffled": evidence.pipeline}))
    assert report.verdict == "inconclusive" and "the question itself" in report.because[1]
    constant = diagnose(replace(evidence, stores={"shuffled": evidence.pipeline}, contexts=np.ones((400, 2, 4))))
    assert constant.verdict == "a soft prompt in disguise"                         # however badly the one beside it was tuned


def test_a_gain_within_the_rounding_of_losses_is_none():
    plain = np.full(40, 3.0)
    report = diagnose(Evidence(plain, plain - 1e-12, np.ones((40, 1, 2)), stores={"shuffled": np.full(40, 1e12)}))
    assert report.verdict == "inconclusive" and report.find("store_shuffled") is None


def test_evidence_that_contradicts_itself_decides_nothing():
    evidence = NATURES["retrieves"].evidence()
    constant = diagnose(replace(evidence, contexts=np.ones((400, 2, 4))))
    elsewhere = diagnose(replace(evidence, retrieved=np.random.default_rng(0).permutation(evidence.retrieved)))
    assert constant.verdict == elsewhere.verdict == "inconclusive"
    assert "a constant cannot retrieve" in constant.because[1] and "than chance" in elsewhere.because[1]


def test_a_pipeline_that_finds_the_right_entry_and_does_not_use_it_is_still_a_soft_prompt():
    report = diagnose(NATURES["a soft prompt in disguise"].evidence())
    assert report.find("hit_rate").value > 0.95 and report.verdict == "a soft prompt in disguise"


def test_identical_losses_keep_the_whole_gain_and_no_context_keeps_none():
    evidence = NATURES["partly"].evidence()
    report = diagnose(replace(evidence, stores={"same": evidence.pipeline, "none": evidence.no_context}))
    same, none = report.find("store_same"), report.find("store_none")
    assert (same.value, same.low, same.high) == (1.0, 1.0, 1.0) and (none.value, none.low, none.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("share", [0.18, 0.22, 0.78, 0.82])
def test_an_interval_across_a_threshold_decides_nothing_on_whichever_side_its_value_lies(share):
    rng = np.random.default_rng(0)
    plain, noise = 5 + rng.standard_normal(40), rng.standard_normal(40)
    kept = plain - share + noise - noise.mean()
    report = diagnose(Evidence(plain, plain - 1.0, rng.standard_normal((40, 1, 4)), stores={"shuffled": kept}))
    assert report.find("store_shuffled").value == pytest.approx(share)
    assert report.verdict == "inconclusive" and "across a threshold" in report.because[0]


def test_ids_that_are_all_different_tell_nothing_beyond_chance_but_hits_do():
    one = np.arange(100)
    evidence = replace(NATURES["retrieves"].evidence(100), needed=one, retrieved=np.stack([one + 1, one], 1))
    report = diagnose(evidence)
    assert report.find("information").value == pytest.approx(report.find("information").chance_high)
    assert report.find("hit_rate").value == 1.0 and report.find("hit_rate").chance_high < 0.1


def test_the_same_seed_gives_the_same_report_and_it_survives_json():
    report = diagnose(EXAMPLE.evidence())
    assert report == diagnose(EXAMPLE.evidence()) == Report.from_json(orjson.loads(orjson.dumps(report.as_json())))
    assert report != diagnose(EXAMPLE.evidence(), seed=1)


@pytest.mark.parametrize("wrong", [{}, [], 3, None, {"because": 3}, {"because": [3]}, {"examples": "4"}, {"measures": [{"key": "a"}]},
                                   {"measures": [{"unknown": 1.0}]}, {"vector_variances": ["<b>"]}, {"measures": [3]}])
def test_what_is_no_report_is_refused(wrong):
    whole = diagnose(EXAMPLE.evidence(40)).as_json()
    with pytest.raises(ValueError, match="not a diagnosis"):
        Report.from_json(whole | wrong if isinstance(wrong, dict) and wrong else wrong)


def test_a_report_of_another_version_is_refused():
    with pytest.raises(ValueError, match="version 2"):
        Report.from_json(diagnose(EXAMPLE.evidence(40)).as_json() | {"version": 2})


def test_the_page_is_escaped_and_loads_nothing():
    report = replace(diagnose(EXAMPLE.evidence(40)), because=("<script>alert(1)</script>",))
    page = render_report(replace(report, measures=(replace(report.find("store_shuffled"), name="<img src=x>"), *report.measures)))
    assert "&lt;script&gt;" in page and "<script" not in page and "<img" not in page
    assert not any(mark in page for mark in ("http:", "https:", "src=x>", "@import", "url(", "<link"))
    assert all(one.control in page for one in report.measures)
