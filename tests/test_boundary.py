"""Whatever comes from outside is read to a plain value, or refused in one line by the boundary's own error."""

import io
import json
import logging
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.core import parsing
from tutor.core.parsing import YamlDocument, parse_json, parse_toml, parse_yaml

NESTED = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                      lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12)


class Refused(RuntimeError):
    """The error of this boundary."""


def refusal(read, *given_) -> str:
    """The one line with which something is refused."""
    with pytest.raises(Refused) as refused:
        read(*given_, Refused)
    said = str(refused.value)
    assert said.isprintable() and 0 < len(said) < 600
    return said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"])
def test_text_is_read_in_the_encodings_that_editors_and_spreadsheets_write(encoding):
    text = "Prompt für Münzen: Kopf, Zahl, Kopf, Kopf; no more than that.\r\n"
    assert parsing.decode("x.txt", text.encode(encoding), Refused) == text


@pytest.mark.parametrize(("encoding", "text"), [("koi8-r", "прямая речь"), ("gbk", "软提示与前缀"), ("shift_jis", "ソフトプロンプト"),
                                                ("cp1251", "прямая речь")])
def test_text_in_another_alphabet_is_not_taken_for_western_letters(encoding, text):
    assert "save it as UTF-8" in refusal(parsing.decode, "x.txt", text.encode(encoding))


@pytest.mark.parametrize("data", ["für immer".encode() + b"\xc3", b"a\xff\xfe\x00", "H,T".encode("utf-16") + b"\x00", b"\xef\xbb\xbf\xff",
                                  b"GIF89a\0\0"])
def test_damaged_text_is_refused(data):
    assert refusal(parsing.decode, "x.txt", data).startswith("x.txt is no text")


@given(st.binary(max_size=80))
def test_bytes_of_any_kind_are_text_or_refused(data):
    try:
        assert "\0" not in parsing.decode("x", data, Refused)
    except Refused as refused:
        assert str(refused).isprintable()


@pytest.mark.parametrize("parse", [parse_json, parse_toml, parse_yaml])
@given(data=st.binary(max_size=60) | NESTED.map(lambda value: json.dumps(value).encode())
       | st.text("a:[]{}=&*-\"\n 1.", max_size=40).map(str.encode))
@settings(max_examples=150)
def test_documents_of_any_kind_are_plain_or_refused(parse, data):
    try:
        found = parse("x", data, Refused)
    except Refused as refused:
        assert str(refused).isprintable() and str(refused).startswith("x")
        return
    value = found.value if isinstance(found, YamlDocument) else found
    json.dumps(value, allow_nan=False).encode()


@given(NESTED)
def test_a_plain_value_comes_back_as_it_was(value):
    text = json.dumps(value)
    try:
        assert parse_json("x", text, Refused) == json.loads(text)
    except Refused as refused:
        assert any(word in str(refused) for word in ("finite", "digits", "none", "no word", "nested"))


DEEP = "[" * 100_000
NINE = "\n".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefg", "bcdefgh", strict=True))
BOMB = f"a: &a [x, x, x, x, x, x, x, x, x]\n{NINE}\n"


@pytest.mark.parametrize(("parse", "text", "word"), [
    (parse_json, DEEP, "nested too deeply"),
    (parse_json, '{"a":' * 5_000 + "1" + "}" * 5_000, "nested too deeply"),
    (parse_json, "9" * 5_000, "too many digits"),
    (parse_json, "1e999", "no finite number"),
    (parse_json, "NaN", "no finite number"),
    (parse_json, '{"a": 1, "a": 2}', "the key a stands twice"),
    (parse_json, '"\\ud800"', "characters that are none"),
    (parse_json, "[1,\n2", "line 2"),
    (parse_json, json.dumps([0] * 100_001), "more than 100,000 parts"),
    (parse_toml, f"a = {DEEP}", "nested too deeply"),
    (parse_toml, f"a = {'9' * 5_000}", "too many digits"),
    (parse_toml, f"a = 0x{'f' * 5_000}", "a: the number has too many digits"),
    (parse_toml, "a = inf", "a: inf is no finite number"),
    (parse_toml, "a = 1\na = 2\n[b]", "line 2"),
    (parse_toml, "a = 2026-01-01", "a date stands here"),
    (parse_yaml, f"a:\n  b: {'9' * 5_000}", "line 2: 999"),
    (parse_yaml, f"x: 1\na: 0x{'f' * 5_000}", "line 2: a: the number has too many digits"),
    (parse_yaml, f"a: {DEEP}", "nested too deeply"),
    (parse_yaml, f"a:\n  {'[' * 40}{']' * 40}", "line 2: it is nested too deeply"),
    (parse_yaml, BOMB, "line 6: it has more than 100,000 parts"),
    (parse_yaml, "a: &a\n  - *a", "line 1: an alias leads back"),
    (parse_yaml, "a: 1\nb: 2\na: 3", "line 3: the key a stands twice"),
    (parse_yaml, "x: 1\na: 2026-13-45", "line 2: 2026-13-45 is malformed"),
    (parse_yaml, "x: 1\na: 2026-01-02", "line 2: a: a date stands here"),
    (parse_yaml, "a: .nan", "line 1: a: nan is no finite number"),
    (parse_yaml, "a: !!python/object/apply:os.getcwd []", "line 1"),
    (parse_yaml, "? [a, b]\n: 1", "line 1"),
    (parse_yaml, "x: 1\n1: 2", "the key 1 is no word"),
    (parse_yaml, "a: \0", "no text"),
    (parse_yaml, "a: 1\n---\nb: 2", "line 2"),
    (parse_yaml, "a: !!binary '*'", "line 1"),
])
def test_what_no_page_could_bear_is_refused_where_it_stands(parse, text, word):
    assert word in refusal(parse, "x", text.encode())


def test_an_alias_is_followed_and_every_part_has_its_line():
    found = parse_yaml("x", b"first: &a {n: 1}\nsecond:\n  - *a\n  - n: 2\n", Refused)
    assert found.value == {"first": {"n": 1}, "second": [{"n": 1}, {"n": 2}]}
    assert [found.line(place) for place in ((), ("second",), ("second", 1, "n"), ("second", 7), ("third",))] == [1, 2, 4, 2, 1]


def test_only_ordinary_files_within_the_limit_are_read(tmp_path):
    whole, folder, pipe, circle = (tmp_path / name for name in ("whole", "folder", "pipe", "circle"))
    whole.write_bytes(b"12345")
    folder.mkdir()
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    assert parsing.read_bytes(whole, 5, Refused) == b"12345"
    assert refusal(parsing.read_bytes, whole, 4) == f"{whole} has 5 bytes; at most 4 are read"
    for path, word in ((folder, "a folder"), (pipe, "no ordinary file"), (circle, "circle"), (tmp_path / "absent", "no such file"),
                       (tmp_path / "a\0b", "ValueError"), (tmp_path / ("x" * 300), "too long"), (whole / "x", "no folder")):
        assert word in refusal(parsing.read_bytes, path, 4)


def test_what_nobody_foresaw_is_one_sentence_and_its_trace_is_in_the_log(caplog):
    def read(failure):
        with parsing.as_one_sentence("a\nb", failure):
            {}.missing  # noqa: B018

    with caplog.at_level(logging.WARNING):
        assert refusal(read) == "a b cannot be read: AttributeError: 'dict' object has no attribute 'missing'"
    assert "Traceback" in caplog.text and "a b" in caplog.text


def npz(**arrays) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return packed.getvalue()


def zipped(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in entries.items():
            archive.writestr(f"{name}.npy", data)
    return packed.getvalue()


def header(shape: str, descr: str = "'<f8'", order: str = "False") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


KINDS = st.sampled_from(["f2", ">f4", "f8", "i8", "u1", "?", "c8", "U3", "S2", "g", "M8[s]"])


@given(KINDS, st.lists(st.integers(0, 4), max_size=3), st.booleans())
def test_arrays_come_back_as_they_were_and_can_be_written_to(kind, shape, fortran):
    array = np.zeros(shape, kind, order="F" if fortran else "C")
    found = parsing.parse_arrays("x", npz(a=array), 10_000, Refused)["a"]
    assert (found.dtype, found.shape) == (array.dtype, array.shape) and np.array_equal(found, array) and found.flags.writeable


@given(st.binary(max_size=120), st.booleans())
def test_an_archive_of_any_bytes_is_read_or_refused(data, headed):
    for whole in (data, b"PK\x03\x04" + data, zipped(a=b"\x93NUMPY" + data), zipped(a=header("(1,)") + data) if headed else zipped(a=data)):
        try:
            parsing.parse_arrays("x", whole, 10_000, Refused)
        except Refused as refused:
            assert str(refused).isprintable()


@pytest.mark.parametrize(("data", "word"), [
    (zipped(a=header("(1000000000000,)")), "says that it has shape (1000000000000,), and has 0 bytes"),
    (zipped(a=header("(-1,)")), "shape (-1,)"), (zipped(a=header("(2, 3)") + bytes(47)), "47 bytes"),
    (zipped(a=header("(3,)", "'|O'")), "pickles"),
    (zipped(a=header("(3,)", "'<U0'")), "shape"), (zipped(a=header("(" * 2_000)), "damaged"), (zipped(a=header("()", "'no'")), "damaged"),
    (npz(a=np.zeros(2_000)), "unpacks to more than 0.00954 MB"), (npz(a=np.zeros(9))[:-30], "not a readable NPZ"),
    (b"", "not a readable NPZ"),
    (header("(2,)") + bytes(16), "a single array"), (zipped(a=b"text"), "a.npy, which is no array"),
])
def test_an_archive_that_lies_is_refused_before_anything_is_allocated(data, word):
    assert word in refusal(parsing.parse_arrays, "x", data, 10_000)


def test_an_array_that_stands_twice_is_refused():
    packed = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(packed, "w") as archive:
        for _ in range(2):
            archive.writestr("a.npy", header("(1,)") + bytes(8))
    assert refusal(parsing.parse_arrays, "x", packed.getvalue(), 10_000) == "x holds a.npy more than once"
