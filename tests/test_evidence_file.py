"""Evidence as a file: what is read and what is refused, bytes that could do harm, the command line, the recipe of the documentation."""

import io
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import orjson
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.analysis.evidence_file import EXAMPLE, NAMES, pack_evidence, parse_evidence, read_evidence
from tutor.measure import EvidenceError, Report, diagnose
from tutor.runs.export.diagnosis_zip import render_report
from tutor.runs.io.formats import pack_arrays

ROOT = Path(__file__).resolve().parent.parent


def arrays(**changed: object) -> dict[str, np.ndarray]:
    """A small file's arrays, some of them changed; None takes one out."""
    evidence = EXAMPLE.evidence(40)
    plain = {name: np.asarray(getattr(evidence, name)) for name in NAMES} | {"store_shuffled": evidence.stores["shuffled"]}
    return {name: array for name, array in (plain | changed).items() if array is not None}


def test_a_file_gives_back_the_evidence():
    one = EXAMPLE.evidence(40)
    other = parse_evidence("x.npz", pack_evidence(one))
    assert diagnose(one) == diagnose(other) and set(one.stores) == set(other.stores)
    assert all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(one) if part.name != "stores")


@pytest.mark.parametrize("dtype", ["f2", ">f4", "f8", "g"])
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


def loss(**more: float) -> np.ndarray:
    return np.full(40, 2.0) + np.array([more.get("first", 0.0)] + 39 * [0.0])


BITS = EXAMPLE.evidence(40).contexts.astype(np.float32).view(np.uint32) >> 16


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"no_context": -loss(), "pipeline": -loss()}, "no_context holds negative values, such as -2 of example 1; .* turn the sign"),
    ({"store_shuffled": -loss()}, "store_shuffled holds negative values"),
    ({"soft_prompt": loss(first=-2.5)}, "soft_prompt .* -0.5 of example 1"),
    ({"pipeline": loss(first=-2.5)}, "a loss is -log p, not a difference"),
    ({"pipeline": loss().astype(int)}, "pipeline holds values of type int64, but real numbers"), ({"pipeline": loss() > 1}, "of type bool"),
    ({"contexts": BITS.astype(np.uint16)}, "NumPy has no bfloat16, so save with tensor.float"),
    ({"contexts": BITS.astype(np.uint16).view(np.int16)}, "type int16, .* bfloat16"),
    ({"contexts": BITS.astype(np.float32)}, "whole numbers alone, up to .* bfloat16"),
    ({"contexts": BITS.astype(np.uint16).view("V2")}, "bfloat16"), ({"contexts": BITS.astype(np.uint8)}, "bfloat16"),
    ({"queries": np.arange(80).reshape(40, 2)}, "queries holds values of type int64, but real numbers"),
    ({"contexts": np.full((40, 1, 2), np.inf, np.float16)}, "NaN or infinite; float16 ends at 65,504"),
    ({"needed": np.full(40, "a")}, "needed holds names of entries and retrieved numbers; both must be of one kind"),
    ({"needed": np.full(40, b"\xff"), "retrieved": np.full(40, b"a")}, "hold bytes that are no names"),
    ({"needed": np.ones((40, 2, 2), int)}, "needed has shape"),
])
def test_numbers_that_mean_something_else_are_refused_with_what_to_do(changed, sentence):
    with pytest.raises(EvidenceError, match=sentence) as refused:
        parse_evidence("x.npz", pack_arrays(arrays(**changed)))
    assert "\n" not in str(refused.value)


def test_losses_a_rounding_below_zero_and_small_whole_vectors_are_taken_as_they_are():
    signs = np.sign(EXAMPLE.evidence(40).contexts)
    assert parse_evidence("x.npz", pack_arrays(arrays(pipeline=loss(first=-2.0001), contexts=signs))).contexts.max() == 1


def test_perplexities_in_the_place_of_losses_are_asked_about():
    ordinary, doubtful = (diagnose(parse_evidence("x.npz", pack_arrays(arrays(no_context=scale * loss())))) for scale in (1, 20))
    assert doubtful.missing[0].startswith("losses in nats per token: half of no_context is above 40")
    assert ordinary.missing == doubtful.missing[1:]


def test_names_of_entries_say_the_same_as_their_numbers():
    plain = EXAMPLE.evidence(40)
    names = {name: np.char.add("entry ", np.asarray(getattr(plain, name)).astype(str)) for name in ("needed", "retrieved")}
    for kind in (names, {name: array.astype("S") for name, array in names.items()}):
        report = diagnose(parse_evidence("x.npz", pack_arrays(arrays(**kind))))
        for key in ("information", "hit_rate"):
            assert report.find(key).value == pytest.approx(diagnose(plain).find(key).value)


@pytest.mark.parametrize("names", [False, True])
def test_one_of_several_needed_entries_is_enough(names):
    needed, retrieved = np.array([[0, 7], [1, -1]] * 20), np.array([[9, 7], [-1, 3]] * 20)
    if names:
        needed, retrieved = (np.where(array < 0, "", np.char.add("entry ", array.astype(str))) for array in (needed, retrieved))
    assert diagnose(parse_evidence("x.npz", pack_arrays(arrays(needed=needed, retrieved=retrieved)))).find("hit_rate").value == 0.5


@pytest.mark.parametrize(("data", "sentence"), [
    (b"\x93NUMPY\x01\x00", "is a single array"), (pack_arrays(arrays())[:-40], "not a readable NPZ"), (b"", "not a readable NPZ"),
])
def test_a_file_that_is_no_archive_of_arrays_is_refused(data, sentence):
    with pytest.raises(EvidenceError, match=sentence):
        parse_evidence("x.npz", data)


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


def test_the_command_line_writes_an_example_and_diagnoses_it(command, tmp_path):
    file, page = tmp_path / "example.npz", tmp_path / "report.html"
    assert command("diagnose", "--example", file)[:2] == (0, "")
    code, out, _ = command("diagnose", file, "--json", "--html", page)
    report = Report.from_json(orjson.loads(out))
    assert (
        code == 0 and report == diagnose(read_evidence(file)) and report.verdict == "partly" and page.read_text() == render_report(report)
    )
    code, out, err = command("diagnose", file)
    assert code == 0 and err == "" and "Verdict: partly" in out and all(one.name in out for one in report.measures)


def test_bad_input_ends_with_2_and_one_sentence(command, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    (tmp_path / "few.npz").write_bytes(pack_arrays(arrays(no_context=np.ones(3))))
    asked = [(tmp_path / "bad.npz",), (tmp_path / "few.npz",), (tmp_path / "absent.npz",), (tmp_path,), (),
             (tmp_path / "few.npz", "--example", tmp_path / "x.npz"), ("--example", tmp_path / "no" / "x.npz")]
    for arguments in asked:
        code, out, err = command("diagnose", *arguments)
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
