"""Specification files as other programs write them are read; what no run could be made of is refused in one sentence with exit code 2."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor import RunSpec, SpecError

PLAIN = {"source": {"kind": "categorical"}, "body": {"kind": "lstm"}, "recipe": {"steps": 12}}
TOML = '# für später\n[source]\nkind = "categorical"\n[body]\nkind = "lstm"\n[recipe]\nsteps = 12\n'
JSON = json.dumps(PLAIN, indent=1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize(("name", "text"), [("run.toml", TOML), ("run.json", JSON), ("RUN.TOML", TOML.replace("\n", "\r\n"))])
def test_a_specification_may_be_saved_by_any_editor(tmp_path, encoding, name, text):
    (tmp_path / name).write_bytes(text.encode(encoding))
    assert RunSpec.from_file(tmp_path / name).key() == RunSpec.from_dict(PLAIN).key()


BAD = {
    "deep.json": ("[" * 100_000, "deep.json cannot be read: it is nested too deeply"),
    "deep.toml": (f"source = {'[' * 100_000}", "deep.toml cannot be read: it is nested too deeply"),
    "objects.json": ('{"source":' * 500 + "1" + "}" * 500, "nested too deeply"),
    "huge.toml": (f"seed = {'9' * 5_000}", "huge.toml is not valid TOML: a number has too many digits"),
    "huge.json": (f'{{"seed": {"9" * 5_000}}}', "huge.json cannot be used: seed: the number has too many digits"),
    "hexadecimal.toml": (f"seed = 0x{'f' * 5_000}", "hexadecimal.toml cannot be used: seed: the number has too many digits"),
    "list.toml": ("source = [1]\n" + TOML[TOML.index("[body]"):], "source is [1]; input should be a valid dictionary"),
    "tables.toml": (TOML.replace("[source]", "[[source]]"), "source is [{'kind': 'categorical'}]; input should be a valid dictionary"),
    "word.toml": ('source = "coins"\n' + TOML[TOML.index("[body]"):], "source is coins; input should be a valid dictionary"),
    "kind.toml": (TOML.replace('"categorical"', "[1]"), "source.kind is [1]"),
    "twice.toml": (TOML + "[source]\n", "twice.toml is not valid TOML: Cannot declare"),
    "key.toml": (TOML + "steps = 13\n", "key.toml is not valid TOML: Cannot overwrite"),
    "twice.json": (JSON.replace('"source"', '"source": 1, "source"'), "twice.json is not valid JSON: the key source stands twice"),
    "large.toml": ("#" * 10_000_000, "large.toml has 10,000,000 bytes; at most 1,000,000 are read"),
    "nan.toml": (TOML + "learning_rate = nan\n", "nan.toml cannot be used: recipe.learning_rate: nan is no finite number"),
    "inf.json": (JSON.replace("12", "1e999"), "inf.json cannot be used: recipe.steps: inf is no finite number"),
    "date.toml": (TOML.replace("12", "2026-01-01"), "date.toml cannot be used: recipe.steps: a date stands here"),
    "half.json": (JSON.replace("lstm", "\\ud83d"), "half.json cannot be used: body.kind: the text holds characters that are none"),
    "zero.toml": (TOML + "\0", "zero.toml is no text"),
    "yaml.toml": ("source: {kind: coins}\n", "yaml.toml is not valid TOML"),
    "toml.json": (TOML, "toml.json is not valid JSON: Expecting value (line 1, column 1)"),
    "empty.json": ("", "empty.json is not valid JSON"),
    "number.json": ("12", "number.json is 12; it must be an object with source, body and recipe"),
    "folder.toml": (None, "folder.toml cannot be read: it is a folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_specification_ends_with_2_and_one_sentence(command, tmp_path, name):
    text, said = BAD[name]
    (tmp_path / name).mkdir() if text is None else (tmp_path / name).write_text(text, encoding="utf-8")
    code, out, err = command("run", tmp_path / name)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


KIND = st.sampled_from(["categorical", "mixture", "lstm", "gpt2", "soft"])
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | KIND
FIELD = st.sampled_from([*RunSpec.model_fields, "seed", "kind", "probs", "steps", "prior", "length", "placement"])
ANY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD, inner, max_size=5), max_leaves=15)


@settings(max_examples=200)
@given(value=ANY | st.dictionaries(st.sampled_from(sorted(PLAIN)), ANY).map(lambda more: PLAIN | more), data=st.binary(max_size=60),
       toml=st.booleans())
def test_a_text_of_any_content_is_a_specification_or_refused_in_one_line(value, data, toml):
    for text, as_toml in ((json.dumps(value), False), (data, toml)):
        try:
            assert RunSpec.from_text(text, toml=as_toml).key()
        except SpecError as refused:
            assert "\n" not in str(refused) and str(refused)
