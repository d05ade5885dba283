"""The diagnosis of a retrieval pipeline: planted natures are named, closed forms hold, intervals cover, files cannot do harm."""

import io
import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import orjson
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor import cli
from tutor.evidence_file import EXAMPLE, NAMES, pack_evidence, parse_evidence, read_evidence
from tutor.export.diagnosis import html
from tutor.files import pack_arrays
from tutor.measure import Evidence, EvidenceError, Report, dependence, diagnose
from tutor.measure.diagnosis import resampled
from tutor.measure.efficiency import behind_rounding, times_as_efficient
from tutor.measure.planted import CASES, Planted

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(20)
NATURES = dict(zip(("retrieves", "a soft prompt in disguise", "partly", "inconclusive"), CASES.values(), strict=True))


def ids(count: int, each: int) -> np.ndarray:
    return np.repeat(np.arange(count), each)


def variance_of(vectors: np.ndarray) -> float:
    apart, size = dependence.spread(vectors)
    return apart.mean() / size.mean()


def arrays(**changed: object) -> dict[str, np.ndarray]:
    """A small file's arrays, some of them changed; None takes one out."""
    evidence = EXAMPLE.evidence(40)
    plain = {name: np.asarray(getattr(evidence, name)) for name in NAMES} | {"store_shuffled": evidence.stores["shuffled"]}
    return {name: array for name, array in (plain | changed).items() if array is not None}


@pytest.mark.parametrize("nature", NATURES)
def test_a_planted_nature_is_named_for_every_seed(nature):
    assert [diagnose(NATURES[nature].evidence(seed=seed)).verdict for seed in SEEDS] == [nature] * len(SEEDS)


@pytest.mark.parametrize("nature", NATURES)
def test_without_ablated_stores_nobody_is_said_to_retrieve(nature):
    verdicts = {diagnose(replace(NATURES[nature].evidence(seed=seed), stores={})).verdict for seed in SEEDS}
    assert verdicts == {"inconclusive"}


def test_a_constant_context_is_a_soft_prompt_even_without_ablated_stores():
    report = diagnose(replace(Planted(constant=3.0).evidence(), stores={}, soft_prompt=None))
    assert report.verdict == "a soft prompt in disguise" and report.find("variance").high == 0.0
    assert [text.split(":")[0] for text in report.missing[:3]] == ["store_shuffled", "store_other_domain", "soft_prompt"]


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
    report = diagnose(Evidence(plain, plain - 1e-12, np.ones((40, 1, 2)), stores={"shuffled": plain - 1e12}))
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


def test_information_of_a_permutation_is_the_logarithm_of_its_length_less_the_stated_bias():
    one = ids(8, 50)
    told = dependence.local_information(one, (one * 3 + 1) % 8).mean()
    assert told == pytest.approx(np.log(8) + (8 + 8 - 8 - 1) / (2 * 400))


def test_information_of_independent_ids_is_zero_and_that_of_a_plain_count_is_not():
    rng = np.random.default_rng(0)
    drawn = [(rng.integers(5, size=200), rng.integers(5, size=200)) for _ in range(200)]
    corrected = [dependence.local_information(*pair).mean() for pair in drawn]
    assert np.mean(corrected) == pytest.approx(0.0, abs=0.003)                    # uncorrected: 16 / 400 = 0.04


def test_ids_that_are_all_different_tell_nothing_beyond_chance_but_hits_do():
    one = np.arange(100)
    evidence = replace(NATURES["retrieves"].evidence(100), needed=one, retrieved=np.stack([one + 1, one], 1))
    report = diagnose(evidence)
    assert report.find("information").value == pytest.approx(report.find("information").chance_high)
    assert report.find("hit_rate").value == 1.0 and report.find("hit_rate").chance_high < 0.1


def test_variance_of_a_constant_is_zero_of_noise_one_and_of_both_their_share():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((4000, 50))
    assert variance_of(np.full((40, 5), 0.1)) == 0.0 and variance_of(noise) == pytest.approx(1.0, abs=0.01)
    assert variance_of(noise + 2.0) == pytest.approx(1 / 5, abs=0.01)


def test_the_mean_cosine_is_that_of_all_pairs():
    vectors = np.random.default_rng(0).standard_normal((30, 4)) + 0.5
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert dependence.cosines_to_others(vectors).mean() == pytest.approx((units @ units.T)[~np.eye(30, dtype=bool)].mean())
    vectors[:3] = 0.0
    assert dependence.cosines_to_others(vectors)[0] == pytest.approx(2 / 29)       # to the two other zero vectors, and to no other


def test_shuffled_entries_are_the_same_entries_without_the_common_direction():
    vectors = np.tile(np.eye(50)[0], (200, 1))
    shuffled = dependence.entries_shuffled(vectors)
    assert (shuffled.sum(1) == 1).all() and variance_of(vectors) == 0.0 and variance_of(shuffled) > 0.9


def covered(draw, column, truth: float, trials: int = 150) -> float:
    """Share of simulated data sets whose interval holds the truth."""
    inside = 0
    for trial in range(trials):
        _, low, high = resampled(draw(np.random.default_rng(trial)), trial).ratio(*column)
        inside += low <= truth <= high
    return inside / trials


def share_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    gain = 1 + rng.standard_normal(150)
    return {"kept": 0.4 * gain + 0.5 * rng.standard_normal(150), "gain": gain}


def variance_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return dict(zip(("kept", "gain"), dependence.spread(1 + rng.standard_normal((150, 6))), strict=True))


@pytest.mark.parametrize(("draw", "column", "truth"), [(share_columns, ("gain",), 1.0), (share_columns, ("kept", "gain"), 0.4),
                                                      (variance_columns, ("kept", "gain"), 0.5)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(draw, column, truth):
    assert 0.9 <= covered(draw, column, truth) <= 0.99


def test_intervals_of_the_mean_cosine_and_of_information_hold_the_truth():
    rng, inside = np.random.default_rng(1), np.zeros(2)
    joint = np.array([[0.3, 0.1, 0.05], [0.1, 0.2, 0.25]])
    truth = (joint * np.log(joint / joint.sum(1, keepdims=True) / joint.sum(0))).sum()
    for _ in range(60):
        angles = rng.normal(0.0, 1.0, 100)                                        # the mean cosine of two is exp(-1)
        pairs = rng.choice(6, size=100, p=joint.ravel())
        contexts = np.stack([np.cos(angles), np.sin(angles)], 1)[:, None]
        losses = np.ones(100)
        report = diagnose(Evidence(losses, losses, contexts, needed=pairs // 3, retrieved=pairs % 3))
        inside += [measure.low <= right <= measure.high
                   for measure, right in ((report.find("cosine"), np.exp(-1)), (report.find("information"), truth))]
    assert (inside / 60 >= 0.87).all()


def test_rounded_losses_give_144_7_and_leave_149_possible():
    published = 3_555_076, 12_288
    assert times_as_efficient(0.20, published[0], 0.10, published[1]) == pytest.approx(144.7, abs=0.05)
    low, high = behind_rounding(0.20, published[0], 0.10, published[1])
    assert low == pytest.approx(134.1, abs=0.05) and high == pytest.approx(155.8, abs=0.05) and low < 149 < high


def test_the_gain_per_parameter_comes_from_the_unrounded_losses():
    plain = np.full(40, 3.0)
    evidence = Evidence(plain, plain - 0.2049, np.ones((40, 1, 2)), soft_prompt=plain - 0.0951,
                        pipeline_parameters=3_555_076, soft_prompt_parameters=12_288)
    found = diagnose(evidence).find("times_as_efficient")
    assert found.value == pytest.approx(0.0951 / 0.2049 * 3_555_076 / 12_288) and found.value < 135


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


def test_a_file_gives_back_the_evidence():
    one = EXAMPLE.evidence(40)
    other = parse_evidence("x.npz", pack_evidence(one))
    assert diagnose(one) == diagnose(other) and set(one.stores) == set(other.stores)
    assert all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(one) if part.name != "stores")


@pytest.mark.parametrize("dtype", ["f2", ">f4", "i4", "g"])
def test_other_types_of_number_are_read(dtype):
    contexts = (10 * EXAMPLE.evidence(40).contexts).astype(dtype)
    assert np.isfinite(diagnose(parse_evidence("x.npz", pack_arrays(arrays(contexts=contexts)))).find("variance").value)


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"no_context": None}, "no_context is missing"),
    ({"contexts": None, "pipeline": None}, "pipeline and contexts is missing"),
    ({"labels": np.ones(40)}, "'labels' is unknown"),
    ({"store_": np.ones(40)}, "at most 12 stores"),
    ({"store_<b>": np.ones(40)}, "at most 12 stores"),
    ({f"store_{i}": np.ones(40) for i in range(12)}, "at most 12 stores"),
    ({"pipeline": np.ones(39)}, "pipeline has 39 examples, but no_context has 40"),
    ({"pipeline": np.ones((40, 1))}, r"pipeline has shape \(40, 1\), but \[N\]"),
    ({"no_context": np.ones((2, 40))}, "one loss per example"),
    ({"no_context": np.array(1.0)}, "one loss per example"),
    ({"no_context": np.ones(29)}, "29 examples, but 30 to 50000"),
    ({"contexts": np.ones((40, 8))}, r"contexts has shape \(40, 8\), but \[N, K, D\]"),
    ({"contexts": np.ones((40, 0, 8))}, "no empty axis"),
    ({"store_shuffled": np.full(40, np.nan)}, "store_shuffled holds 40 values that are NaN or infinite"),
    ({"pipeline": np.full(40, 1e13)}, "pipeline holds a value beyond 1e"),
    ({"pipeline": np.full(40, "a")}, "pipeline holds values of type"),
    ({"pipeline": np.full(40, 1j)}, "pipeline holds values of type"),
    ({"needed": np.ones(40)}, "needed holds values of type float64, but whole numbers"),
    ({"retrieved": np.ones((40, 2, 2), int)}, "retrieved has shape"),
    ({"retrieved": np.array(3)}, "retrieved has shape"),
    ({"pipeline_parameters": np.array(0)}, "pipeline_parameters is 0"),
    ({"soft_prompt_parameters": np.array([1.5])}, "soft_prompt_parameters must be one whole number"),
])
def test_wrong_arrays_are_refused_in_one_sentence(changed, sentence):
    with pytest.raises(EvidenceError, match=sentence) as refused:
        parse_evidence("x.npz", pack_arrays(arrays(**changed)))
    assert "\n" not in str(refused.value)


def test_pickles_are_never_read():
    class Harm:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was read",))

    packed = io.BytesIO()
    np.savez(packed, no_context=np.array([Harm()], dtype=object))
    with pytest.raises(EvidenceError, match="pickles are not read"):
        parse_evidence("x.npz", packed.getvalue())


def test_a_file_that_unpacks_to_too_much_is_refused():
    packed = io.BytesIO()
    np.savez_compressed(packed, contexts=np.zeros((201, 2**20), np.uint8))
    assert len(packed.getvalue()) < 2**20
    with pytest.raises(EvidenceError, match="more than 200 MB"):
        parse_evidence("x.npz", packed.getvalue())


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused_in_one_sentence(data):
    with pytest.raises(EvidenceError):
        parse_evidence("x.npz", data)
    with pytest.raises(EvidenceError):
        parse_evidence("x.npz", b"PK\x03\x04" + data)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data):
    whole = bytearray(pack_arrays(arrays(contexts=np.ones((40, 1, 2)))))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_evidence("x.npz", bytes(whole[:data.draw(st.integers(len(whole) // 2, len(whole)))]))
    except EvidenceError as refused:
        assert "\n" not in str(refused)


@settings(max_examples=60)
@given(st.sampled_from(sorted(NAMES)), st.lists(st.integers(0, 41) | st.just(40), max_size=3),
       st.sampled_from(["f4", "f8", "i8", "u1", "U3", "c8", "?"]),
       st.sampled_from([0, 1, np.nan, np.inf, -1e30, 1e12, -1e12, 1e-200]))
def test_any_shape_and_value_is_diagnosed_or_refused(name, shape, dtype, value):
    with np.errstate(all="ignore"):
        array = np.full(shape, value).astype(dtype)
    try:
        report = diagnose(parse_evidence("x.npz", pack_arrays(arrays(**{name: array}))))
    except EvidenceError:
        return
    assert all(np.isfinite([one.value, one.low, one.high, one.chance_low, one.chance_high]).all() for one in report.measures)


def test_the_page_is_escaped_and_loads_nothing():
    report = replace(diagnose(EXAMPLE.evidence(40)), because=("<script>alert(1)</script>",))
    page = html(replace(report, measures=(replace(report.find("store_shuffled"), name="<img src=x>"), *report.measures)))
    assert "&lt;script&gt;" in page and "<script" not in page and "<img" not in page
    assert not any(mark in page for mark in ("http:", "https:", "src=x>", "@import", "url(", "<link"))
    assert all(one.control in page for one in report.measures)


@pytest.fixture
def command(capsys):
    """arguments -> (exit code, stdout, stderr)"""
    def run(*arguments: object):
        code = cli.answer(["diagnose", *(str(argument) for argument in arguments)])
        return code, *capsys.readouterr()

    return run


def test_the_command_line_writes_an_example_and_diagnoses_it(command, tmp_path):
    file, page = tmp_path / "example.npz", tmp_path / "report.html"
    assert command("--example", file)[:2] == (0, "")
    code, out, _ = command(file, "--json", "--html", page)
    report = Report.from_json(orjson.loads(out))
    assert code == 0 and report == diagnose(read_evidence(file)) and report.verdict == "partly" and page.read_text() == html(report)
    code, out, err = command(file)
    assert code == 0 and err == "" and "Verdict: partly" in out and all(one.name in out for one in report.measures)


def test_bad_input_ends_with_2_and_one_sentence(command, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    (tmp_path / "few.npz").write_bytes(pack_arrays(arrays(no_context=np.ones(3))))
    asked = [(tmp_path / "bad.npz",), (tmp_path / "few.npz",), (tmp_path / "absent.npz",), (tmp_path,), (),
             (tmp_path / "few.npz", "--example", tmp_path / "x.npz"), ("--example", tmp_path / "no" / "x.npz")]
    for arguments in asked:
        code, out, err = command(*arguments)
        assert (code, out, len(err.splitlines())) == (2, "", 1)


class Recipe:
    """What the recipe in docs/diagnose.md takes for granted, as small as it can be: a store, a pipeline, examples."""

    class Store:
        def __init__(self, contents: torch.Tensor):
            self.contents = contents

        def with_contents(self, contents: torch.Tensor):
            return Recipe.Store(contents)

    class Pipeline(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.project = torch.nn.Linear(4, 16)

        def forward(self, question: torch.Tensor, store: object):
            number = int(question[0]) % len(store.contents)
            return self.project(store.contents[number])[None], [number]


def test_the_recipe_in_the_documentation_writes_a_file_that_is_read(tmp_path, monkeypatch):
    transformers = pytest.importorskip("transformers")
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs/diagnose.md").read_text(encoding="utf-8"), re.DOTALL)[-1]
    config = transformers.GPT2Config(vocab_size=20, n_positions=16, n_embd=16, n_layer=1, n_head=2)
    drawn = torch.Generator().manual_seed(0)
    words = torch.randint(20, (30, 6), generator=drawn)
    names = {"model": transformers.GPT2LMHeadModel(config).eval(), "pipeline": Recipe.Pipeline(), "store": Recipe.Store(torch.randn(5, 4)),
             "prompt": torch.randn(2, 16), "examples": [(row[:4], row[4:], int(row[0]) % 5) for row in words]}
    monkeypatch.chdir(tmp_path)
    exec(code, names)
    report = diagnose(read_evidence(tmp_path / "evidence.npz"))
    assert report.examples == 30 and report.find("hit_rate").value == 1.0 and report.find("soft_prompt_gain") is not None
    row = names["examples"][0]
    whole = torch.cat(row[:2])
    by_hand = names["model"](whole[None]).logits[0].log_softmax(-1)[[3, 4], whole[4:]].mean()
    assert np.load("evidence.npz")["no_context"][0] == pytest.approx(-by_hand.item(), abs=1e-5)
