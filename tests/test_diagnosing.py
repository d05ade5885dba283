"""The section for a visitor's own pipeline: a file becomes a diagnosis or one sentence, and stays with its session."""

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from visiting import pictures, said

from tutor import figures
from tutor.analysis.evidence_file import EXAMPLE, MAX_FILE_BYTES, NAMES, pack_evidence
from tutor.measure import EvidenceError, Report, diagnose
from tutor.measure.diagnosis_report import VERDICTS, Measure
from tutor.measure.synthetic_evidence import CASES
from tutor.runs.export.diagnosis_zip import render_report, render_reports
from tutor.runs.io.formats import MEBIBYTE, pack_arrays
from tutor.ui.labs.retrieval import evidence_upload, report_view
from tutor.ui.shell import config as configuration
from tutor.ui.shell import sections

HALF = diagnose(EXAMPLE.evidence(40))


def arrays(**changed: object) -> dict[str, np.ndarray]:
    """A small file's arrays, some of them changed; None takes one out."""
    evidence = EXAMPLE.evidence(40)
    plain = {name: np.asarray(getattr(evidence, name)) for name in NAMES} | {"store_shuffled": evidence.stores["shuffled"]}
    return {name: array for name, array in (plain | changed).items() if array is not None}


def section() -> None:
    from tutor.ui.labs.retrieval import evidence_upload  # noqa: PLC0415 - the script of a visit stands alone

    evidence_upload.show_upload()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(section, default_timeout=60).run()


def given_file(app: AppTest, data: bytes, name: str = "mine.npz") -> AppTest:
    app.file_uploader[0].set_value((name, data, "application/octet-stream"))
    return app.run()


def verdict(app: AppTest) -> str:
    return app.header[0].value.partition("] ")[2]


def test_the_section_opens_on_a_ready_case_and_says_what_there_is_to_do(app):
    assert not app.exception and not app.error and verdict(app) == "It retrieves in part" and pictures(app) == 3
    assert {expander.label for expander in app.expander} >= set(evidence_upload.HOW)


FOUND = ("It retrieves", "A soft prompt in disguise", "It retrieves in part", "Inconclusive")


@pytest.mark.parametrize(("case", "found"), list(zip(CASES, FOUND, strict=True)))
def test_every_ready_case_is_named_by_its_nature(app, case, found):
    app.selectbox[0].set_value(case).run()
    assert verdict(app) == found and not app.error and evidence_upload.VERDICT_TEXTS[case] in said(app)


def test_a_file_is_diagnosed_as_on_the_command_line(app):
    evidence = CASES["a constant"].evidence(120)
    given_file(app, pack_evidence(evidence))
    report = diagnose(evidence)
    assert verdict(app) == "A soft prompt in disguise" and not app.error
    assert all(any(text in block.value for block in app.markdown) for text in report.because)
    assert list(app.dataframe[0].value["value"]) == [f"{one.value:.4g}" for one in report.measures]
    assert app.selectbox[0].disabled


@pytest.mark.parametrize(("data", "sentence"), [
    (b"", "your file is damaged"),
    (b"no archive", "your file is damaged: it is not a readable NPZ file"),
    (pack_arrays(arrays(pipeline=np.ones((40, 1)))), r"pipeline has shape \(40, 1\)"),
    (pack_arrays(arrays(contexts=np.full((40, 1, 2), np.nan))), "contexts holds 80 values that are NaN"),
    (pack_arrays(arrays(store_shuffled=np.ones(39))), "store_shuffled has 39 examples, but no_context has 40"),
    (pack_arrays({name: array[:29] if array.ndim else array for name, array in arrays().items()}), "29 examples, but 30 to 50000"),
    (pack_arrays(arrays(labels=np.ones(40))), "the array 'labels' is unknown"),
    (pack_arrays(arrays(contexts=None)), "the array contexts is missing"),
])
def test_a_bad_file_is_answered_by_one_sentence_and_no_picture(app, data, sentence):
    given_file(app, data)
    assert not app.exception and len(app.error) == 1 and re.search(sentence, app.error[0].value, re.IGNORECASE)
    assert app.error[0].value.endswith(".") and "\n" not in app.error[0].value and pictures(app) == 0


def test_a_pickle_is_refused_and_never_run(app):
    class Harm:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was read",))

    packed = io.BytesIO()
    np.savez(packed, no_context=np.array([Harm()], dtype=object))
    given_file(app, packed.getvalue())
    assert len(app.error) == 1 and "pickles are not read" in app.error[0].value


def test_a_file_taken_away_leaves_the_ready_case(app):
    given_file(app, b"no archive")
    app.file_uploader[0].set_value([])
    app.run()
    assert not app.error and verdict(app) == "It retrieves in part"


def test_a_name_that_somebody_made_up_is_never_shown(app):
    given_file(app, b"x", name="[click](https:evil).npz")
    assert "click" not in app.error[0].value


def test_the_same_content_is_measured_once(app, monkeypatch):
    measured = []
    monkeypatch.setattr(evidence_upload, "diagnose", lambda evidence: measured.append(evidence) or HALF)
    data = pack_arrays(arrays(pipeline=np.linspace(0, 1, 40)))
    given_file(app, data)
    app.run()
    given_file(app, data, name="other.npz")
    assert len(measured) == 1
    given_file(app, pack_arrays(arrays(pipeline=np.linspace(0, 2, 40))))
    assert len(measured) == 2


def test_too_little_memory_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(evidence_upload, "diagnose", lambda evidence: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(EvidenceError, match="fewer examples"):
        evidence_upload.diagnose_file(pack_arrays(arrays()))


def test_the_server_takes_files_as_large_as_are_read_and_no_larger():
    assert configuration.streamlit_options()["server.maxUploadSize"] * MEBIBYTE == MAX_FILE_BYTES


def answered(data: bytes) -> None:
    """What the page does with bytes: a report that can be drawn, or one sentence."""
    try:
        report = evidence_upload.diagnose_file(data)
    except EvidenceError as refused:
        sentence = sections.error_sentence(refused)
        assert sentence.endswith(".") and "\n" not in sentence and "Traceback" not in sentence
        return
    drawn = [figures.vectors_picture([report], ["it"])]
    drawn += [figures.kept_gain_picture([report], ["it"])] if report_view.shares_of(report) else []
    drawn += [figures.retrieval_picture([report], ["it"])] if report.find("hit_rate") else []
    assert all("nan" not in one.alt and one.drawing.to_json() for one in drawn) and report_view.describe_verdicts([report])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_by_a_sentence(data):
    answered(data)
    answered(b"PK\x03\x04" + data)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_damaged_file_is_answered(data):
    whole = bytearray(pack_arrays(arrays(contexts=np.ones((40, 1, 2)))))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    answered(bytes(whole[:data.draw(st.integers(len(whole) // 2, len(whole)))]))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*NAMES, "store_shuffled", "store_soft_prompt", "other"]), st.lists(st.integers(0, 41) | st.just(40), max_size=3),
       st.sampled_from(["f4", "f8", "i8", "u1", "U3", "c8", "?"]), st.sampled_from([0, 1, np.nan, np.inf, -1e30, 1e12, -1e12, 1e-200]))
def test_any_array_is_answered(name, shape, dtype, value):
    with np.errstate(all="ignore"):
        array = np.full(shape, value).astype(dtype)
    answered(pack_arrays(arrays(**{name: array})))


def test_the_page_says_what_the_documentation_says():
    text = (Path(__file__).parent.parent / "docs/diagnose.md").read_text(encoding="utf-8")
    for titles in evidence_upload.HOW.values():
        assert all(evidence_upload.read_section(title) in text and len(evidence_upload.read_section(title)) > 400 for title in titles)
    assert "np.savez(" in evidence_upload.read_section("Twenty lines that write it") and "## " not in evidence_upload.read_section(
        "The file"
    )
    assert evidence_upload.read_section("The verdict") == text.split("## The verdict\n\n")[1].split("## ")[0]


def named(*verdicts: str) -> list[Report]:
    return [replace(HALF, verdict=one) for one in verdicts]


def test_verdicts_of_several_seeds_are_counted():
    retrieves, partly, _, open_ = VERDICTS
    assert report_view.describe_verdicts(named(retrieves)) == "It retrieves"
    assert report_view.describe_verdicts(named(retrieves, retrieves, retrieves)) == "It retrieves in 3 of 3"
    assert report_view.describe_verdicts(named(open_, partly, partly)) == "It retrieves in part in 2 of 3, inconclusive in 1 of 3"
    assert set(report_view.SIGNS) == set(VERDICTS) and len({icon for icon, *_ in report_view.SIGNS.values()}) == len(VERDICTS)


def three() -> None:
    from tutor.measure import diagnose  # noqa: PLC0415
    from tutor.measure.synthetic_evidence import CASES  # noqa: PLC0415
    from tutor.ui.labs.retrieval import report_view  # noqa: PLC0415

    report_view.show_reports([diagnose(CASES["retrieves"].evidence(60, seed)) for seed in range(3)], "three")


def test_several_reports_stand_together_and_ask_for_no_other_seeds():
    app = AppTest.from_function(three, default_timeout=60).run()
    assert not app.exception and verdict(app) == "It retrieves in 3 of 3" and pictures(app) == 3
    assert list(dict.fromkeys(app.dataframe[0].value["which"])) == ["repetition 1", "repetition 2", "repetition 3"]
    assert not any("other seeds" in block.value for block in app.markdown) and any("more examples" in block.value for block in app.markdown)


def test_the_arithmetic_of_the_gain_per_parameter_is_shown(app):
    line = next(block.value for block in app.markdown if block.value.startswith("**Gain per parameter"))
    times, share, fewer = (float(text.replace(",", "")) for text in
                           re.search(r"\*\*([\d.,]+) times\*\* as much: ([\d.,]+) × ([\d.,]+),", line).groups())
    assert share * fewer == pytest.approx(times, abs=0.06)
    evidence = CASES["half and half"].evidence()
    assert fewer == pytest.approx(evidence.pipeline_parameters / evidence.soft_prompt_parameters, rel=1e-3)


def test_a_soft_prompt_that_gains_nothing_is_divided_by_nothing(app):
    app.selectbox[0].set_value("retrieves").run()
    line = next(block.value for block in app.markdown if block.value.startswith("**Gain per parameter"))
    assert "reaches nothing of the gain" in line and "times" not in line


def test_reports_leave_as_one_page_and_as_json():
    several = dict(zip(("one", "two"), named("retrieves", "partly"), strict=True))
    page = render_reports(several)
    assert page.count("<h1>") == 1 and page.count('class="verdict"') == 2 and "one retrieves; two partly" in page
    assert all(part in page for part in re.findall(r'<p class="verdict">.*?</p>', render_report(several["one"])))
    packed = orjson.dumps([one.as_json() for one in several.values()])
    assert [Report.from_json(value) for value in orjson.loads(packed)] == list(several.values())


def share(name: str, value: float) -> Measure:
    return Measure(name, name, "", value, value - 0.1, value + 0.1, -0.05, 0.05, "none")


def with_shares(**values: float) -> Report:
    return replace(HALF, measures=(HALF.find("gain"), *(share(name, value) for name, value in values.items())))


def traces(*drawn: Report) -> dict[str, dict]:
    """The traces of the picture of shares, by name."""
    return {trace["name"]: trace for trace in figures.kept_gain_picture(drawn, [str(at) for at in range(len(drawn))]).drawing.data}


def test_shares_stand_where_they_are_and_beyond_the_picture_at_its_edge():
    found = traces(with_shares(store_shuffled=0.4, store_random=-7.0, soft_share=0.6))
    stores, soft = found["with another store"], found["soft prompt"]
    np.testing.assert_allclose(stores["x"], [0.4, -0.5], rtol=1e-6)
    assert list(stores["marker"]["symbol"]) == ["circle", "triangle-left"] and "-7 (" in stores["customdata"][1]
    np.testing.assert_allclose(stores["error_x"]["array"], [0.1, 0.0], atol=1e-6)
    np.testing.assert_allclose(soft["x"], [0.6], rtol=1e-6)


def test_the_median_of_the_seeds_is_marked():
    median = traces(*(with_shares(store_shuffled=value) for value in (0.1, 0.5, 0.3)))["median"]
    assert median["x"] == pytest.approx([0.3]) and median["y"] == [1]


def test_two_stores_never_share_a_row():
    names = ("other_domain", "another_domain", "soft_prompt", "x" * 30, "x" * 31)
    assert len(report_view.shares_of(with_shares(**{f"store_{name}": 0.3 for name in names}))) == len(names)


def test_a_report_without_shares_has_no_picture_of_them():
    with pytest.raises(ValueError, match="gains nothing beyond chance"):
        figures.kept_gain_picture([replace(HALF, measures=(HALF.find("gain"),))], ["it"])
