"""The command `model`: a model is added once, listed, given a specification to start from, and removed."""

import json

import pytest
from kept_models import FAMILIES, make_model, save_model

from tutor import RunSpec
from tutor.cli import answer_command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A tiny model that is not kept yet."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    return save_model(make_model(FAMILIES["llama"]), tmp_path / "theirs")


def test_a_model_is_added_listed_started_from_and_removed(folder, tmp_path, capsys):
    assert answer_command(["model", "add", str(folder)]) == 0
    weights = capsys.readouterr().out.split()[-1]
    assert answer_command(["model", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"weights": weights, "architecture": "llama", "layers": 3, "width": 32, "megabytes": 0}]
    (tmp_path / "examples.tsv").write_text("the cat\tsat red\n" * 4)
    assert answer_command(["model", "start", weights[:6], str(tmp_path / "examples.tsv")]) == 0
    spec = RunSpec.from_text(capsys.readouterr().out)
    assert (spec.body.weights, spec.on.tokenizer, spec.method.length, spec.tuning.length) == (weights, weights, 10, 4)
    assert answer_command(["model", "remove", weights[:6]]) == 0
    assert answer_command(["model", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(("asked", "said"), [
    (["add", "{}"], "config.json"),
    (["remove", "abcdef"], "model is abcdef; it must be the first 6 digits or more of a hash of `prompt-tutor model list`"),
    (["start", "abc", "none.tsv"], "model is abc; it must be the first 6 digits"),
])
def test_what_is_wrong_is_one_sentence(folder, tmp_path, capsys, asked, said):
    (tmp_path / "empty").mkdir()
    assert answer_command(["model", *(word.format(tmp_path / "empty") for word in asked)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_model_of_another_family_is_refused_before_it_is_copied(folder, capsys):
    said = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(said | {"model_type": "mamba"}))
    assert answer_command(["model", "add", str(folder)]) == 2
    assert capsys.readouterr().err == "the architecture is mamba; the decoders here hold llama, mistral, qwen2, qwen3, gemma, gpt2\n"
