"""Runs of sources that ask something, with an ideal predictor or without: on the command line, in a zip, on the Runs page."""

import pytest
from smallest import QUICK, list_prefix
from visiting import opened, pictures, said, with_store

from tutor import predictors
from tutor.cli.run_commands import print_run
from tutor.runs.engine.runner import pretrain
from tutor.runs.export.run_zip import regret_csv
from tutor.runs.spec import RunSpec
from tutor.runs.store import RunStore
from tutor.sources import TinyLanguage
from tutor.training.recipe import Recipe

SENTENCES = TinyLanguage(tasks=("table",), documents=1)
LANGUAGE = RunSpec(source=SENTENCES, body=predictors.Transformer(width=8), recipe=Recipe(steps=2, batch=2, length=56), evaluation=QUICK)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def language(store):
    return pretrain(LANGUAGE, store)


@pytest.fixture(scope="module")
def lists(store):
    return pretrain(list_prefix(), store)


def test_the_command_line_prints_scores_where_there_is_no_regret(language, capsys):
    print_run(language, as_json=False)
    printed = capsys.readouterr().out
    assert "regret" not in printed
    assert all(score in printed for score in ("accuracy", "bleu", "slots"))


def test_the_command_line_prints_both_where_both_are_known(lists, capsys):
    print_run(lists, as_json=False)
    printed = capsys.readouterr().out
    assert "regret" in printed and "accuracy" in printed


def test_a_zip_has_no_curve_where_nobody_knows_the_ideal_predictor(language, lists):
    assert regret_csv(language).count("\n") == 1
    curves = regret_csv(lists).splitlines()
    sources = {line.split(",")[0] for line in curves[1:]}
    assert len(sources) == len(lists.summary["regret"]) > 0


def test_the_runs_page_shows_scores_and_opens_such_a_run_where_it_is_at_home(monkeypatch, store, language, lists):
    with_store(monkeypatch, store)
    for run, pages in ((language, ["Open in Anatomy"]), (lists, ["Open in Attention", "Open in Skills"])):
        app = opened("runs", runs_text=run.key)
        assert not app.exception and not app.error
        assert [link.proto.label for link in app.get("page_link") if link.proto.label.startswith("Open in")] == pages
        assert "accuracy" in app.dataframe[-1].value["score"].tolist()
        assert pictures(app) == 1 + ("regret/0/instant" in run.arrays)            # the curve of training, and regret where it is known
    assert "who knows the coin" not in said(app)
