"""Run in a copy of the package to which one of each was added: every addition is where those that came with the package are."""

import json
from pathlib import Path

import pytest
from smallest import QUICK
from visiting import opened, with_store

from tutor import RunSpec, RunStore, cli, methods, predictors, pretrain, priors, sources
from tutor.cli import docs_tables
from tutor.figures import palette, prompt_looks
from tutor.measure import MEASURES
from tutor.sources import AbstractSolved
from tutor.training.recipe import Recipe
from tutor.ui.plot.glossary import list_meanings
from tutor.ui.widgets import forms

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(steps=4, batch=4, length=8)
STICKY = sources.SOURCES["sticky"](stay=0.7)
BARE = predictors.BODIES["bare"](width=8)
SPEC = RunSpec(source=STICKY, body=BARE, recipe=RECIPE, method=methods.METHODS["bias"](), on=STICKY, tuning=RECIPE, evaluation=QUICK)
ADDED = {"sources": "sticky", "networks": "bare", "methods": "bias", "priors": "sphere", "measures": "confidence",
         "studies": "little-to-tune", "pages": "hello"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return pretrain(SPEC, RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none")))


def chosen(app, key):
    return next(widget for widget in (*app.selectbox, *app.multiselect) if widget.key == key)


# Command line and docs.

@pytest.mark.parametrize(("registry", "name"), ADDED.items())
def test_the_command_line_lists_it(registry, name, capsys):
    assert cli.answer_command(["list", registry, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[registry][-1]["name"] == name or registry == "methods"
    assert name in [entry.name for entry in docs_tables.REGISTRIES[registry].entries()]


def test_the_command_line_lists_its_study_with_what_it_costs(capsys):
    assert cli.answer_command(["study", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["study"] == "little-to-tune"


def test_the_tables_of_the_docs_have_a_row_for_each():
    written = {path.name: docs_tables.renew_tables(path.read_text("utf-8")) for path in docs_tables.list_files(ROOT)}
    assert all(f"| `{name}` |" in written["reference.md"] for name in ADDED.values())
    assert all(f"`{name}`" in written["researchers.md"] for name in ("sticky", "bare", "bias", "sphere"))
    assert "| little-to-tune | the unembedding alone reaches one coin | not computed |" in written["README.md"]


# Store and measures.

def test_a_specification_of_them_survives_its_text_forms_with_its_key():
    assert RunSpec.from_text(SPEC.to_toml()) == SPEC == RunSpec.from_text(SPEC.to_json(), toml=False)
    assert RunSpec.from_text(SPEC.to_toml()).key() == SPEC.key()
    with_prior = SPEC.model_copy(update={"method": methods.SoftPT(length=2, prior=priors.PRIORS["sphere"](radius=2))})
    assert RunSpec.from_text(with_prior.to_toml()).method.prior.radius == 2 and with_prior.key() != SPEC.key()


def test_the_store_keeps_a_run_of_them_and_what_the_measure_says_of_it(run):
    assert run.spec == SPEC and run.status.state == "done" and run.summary["trainable"] == 2
    assert list(MEASURES)[-1] == "confidence" and 0.5 <= run.summary["confidence"]["0"]["median"][0] <= 1
    assert set(run.summary["confidence"]) == set(run.summary["regret"])


# Forms, pictures and pages.

def test_a_form_offers_them(run, monkeypatch):
    with_store(monkeypatch, RunStore(run.folder.path.parent, shipped=Path("/nowhere")))
    app = opened("pretrain", pretrain_source=forms.OWN, pretrain_run=SPEC.base().key())
    assert not app.exception and not app.error
    assert "Sticky coin" in chosen(app, "pretrain_source_kind").options and "Bare Transformer" in chosen(app, "pretrain_body").options
    app = opened("tune", tune_base=SPEC.base().key(), tune_methods=["BiasWT", "SoftPT"], tune_on=forms.OWN)
    assert not app.exception and not app.error
    assert {"BiasWT", "soft prompt · SoftPT"} <= set(chosen(app, "tune_methods").options)
    assert "Sticky coin" in chosen(app, "tune_on_kind").options
    assert "sphere" in chosen(app, "tune_soft_prior").options


def test_a_form_that_counts_flips_does_not_offer_a_source_without_counts():
    assert "sticky" in forms.kinds_of(AbstractSolved) and "sticky" not in forms.kinds_of(sources.AbstractExchangeable)


@pytest.mark.parametrize("page", ["inside", "regret", "runs", "home"])
def test_pages_show_a_run_of_them(page, run, monkeypatch):
    with_store(monkeypatch, RunStore(run.folder.path.parent, shipped=Path("/nowhere")))
    app = opened(page, inside_base=SPEC.base().key(), regret_what="network", regret_base=SPEC.base().key())
    assert not app.exception and not app.error


def test_pictures_give_them_looks_of_their_own():
    looks = [palette.look_of(method.label) for method in methods.METHODS.values()]
    assert len(set(looks)) == len(looks) and palette.look_of("BiasWT").dash != "solid"
    assert palette.sort_key("LoRAWT") < palette.sort_key("BiasWT") < palette.sort_key("a stranger")
    assert prompt_looks.OF_PRIORS["sphere"].colour == prompt_looks.OF_PRIORS["isotropic Gaussian"].colour
    assert len(set(prompt_looks.OF_PRIORS.values())) == len(priors.PRIORS)
    assert list_meanings()["BiasWT"].startswith("Tune the bias")


def test_the_study_has_a_section_on_the_page_of_its_lab_and_the_page_an_address(monkeypatch, empty):
    assert "As little as one can tune" in [header.value for header in opened("skills").header]
    assert [title.value for title in opened("hello").title] == ["Hello"]
