"""What a notebook sees: names of the package, one line for every result, help of a specification, and a sentence for a mistake."""

import importlib
import pydoc

import numpy as np
import pytest

import tutor
from tutor import RunSpec, RunStore, SpecError, evaluate, figures, measure, methods, predictors, priors, sources, studies
from tutor.core.brief_repr import brief
from tutor.training.recipe import Recipe

COIN = sources.Categorical()
NETWORK = predictors.LSTM(width=8).build(2, 0)


# Names.

@pytest.mark.parametrize("name", [*tutor.__all__])
def test_every_public_name_can_be_imported_and_is_listed(name):
    namespace: dict = {}
    exec(f"from tutor import {name}", namespace)
    assert namespace[name] is getattr(tutor, name) and name in dir(tutor)


def test_what_a_first_notebook_needs_is_at_the_top():
    wanted = {"sources", "predictors", "methods", "priors", "measure", "exact", "studies", "analysis", "figures", "Recipe", "fit",
              "evaluate", "pretrain", "tune", "RunSpec", "RunStore", "Run", "Evaluation", "Seeds", "SpecError", "STUDIES", "__version__"}
    assert wanted <= set(dir(tutor))
    assert tutor.SpecError is importlib.import_module("tutor.runs.spec").SpecError


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'tutor' has no attribute 'source'"):
        _ = tutor.source


# Mistakes.

@pytest.mark.parametrize(("make", "answer"), [
    (lambda: methods.SoftPT(lenght=3), "lenght is not a field; did you mean length?"),
    (lambda: methods.SoftPT(length=65), "length is 65; input should be less than or equal to 64"),
    (lambda: methods.SoftPT(prior={"kind": "far", "distanc": 3}), "prior.distanc is not a field; did you mean distance?"),
    (lambda: methods.SoftPT.model_validate({"placement": {"afte": 1}}), "placement.afte is not a field; did you mean after?"),
    (lambda: sources.Categorical(probs=(0.5, 0.4)), "probs: probs sums to 0.9; it must sum to 1"),
    (lambda: RunSpec(source=COIN, body=predictors.LSTM(), recipe=Recipe(), methd=1), "methd is not a field; did you mean method?"),
    (lambda: RunSpec(source=COIN, body={"kind": "lstm", "widht": 3}, recipe={}), "body.widht is not a field; did you mean width?"),
    (lambda: RunSpec(source=COIN, body=predictors.LSTM()), "recipe is missing"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_specification_that_cannot_be_is_answered_with_a_sentence(make, answer):
    with pytest.raises(SpecError) as refusal:
        make()
    assert str(refusal.value) == answer
    assert refusal.value.__cause__ is None and refusal.value.__suppress_context__, "no page of pydantic above it"


def test_an_error_names_the_field_and_the_value_alone():
    with pytest.raises(SpecError) as refusal:
        methods.SoftPT(length=-1)
    assert (refusal.value.field, refusal.value.value) == ("length", -1)


# Help.

def test_help_shows_every_field_with_its_meaning_default_and_limits():
    said = pydoc.plain(pydoc.render_doc(methods.SoftPT))
    assert "length : whole number, at least 0, at most 64, default 6" in said and "prompt length K" in said
    assert "init : one of one_hot, normal, zeros, uniform, tokens, default one_hot" in said
    assert f"prior : one of {', '.join(priors.PRIORS)}, may be left out" in said
    assert "source : one of categorical, mixture" in RunSpec.__doc__ and "must be given" in RunSpec.__doc__


@pytest.mark.parametrize("method", methods.METHODS.values(), ids=methods.METHODS)
def test_the_first_line_of_a_docstring_is_still_its_sentence(method):
    first, _, rest = method.__doc__.partition("\n")
    assert first.endswith((".", ";", ",")) and rest.count("Parameters\n----------") == (len(method.model_fields) > 1)


# One line each.

def test_results_print_in_one_line():
    states = measure.capture(NETWORK, COIN.sample(3, 5, 0).tokens)
    regret = evaluate(NETWORK, on=COIN, length=60, n=8)
    assert repr(states) == "States(3 sequences of 5 rows, prompt_end 0; widths: body.layers.0.cell 8, body.layers.0.hidden 8)"
    assert repr(regret) == (f"Regret({regret.cumulative[49]:.4g} nats after 50, {regret.cumulative[59]:.4g} nats after 60; "
                            f"excess {regret.excess[59]:.4g})")
    near = measure.neighbours(NETWORK.embed.weight.T.detach(), NETWORK.embed.weight.T.detach(), by="cosine")
    for one in (measure.fit_projection(states), near, measure.fit_pseudo_counts(NETWORK, COIN)):
        assert "\n" not in repr(one) and "array(" not in repr(one) and len(repr(one)) < 300


def test_a_network_says_how_many_numbers_it_has_and_how_many_are_free():
    assert repr(NETWORK) == "Predictor(LSTMBody, 2 symbols: 586 numbers, 586 of them free)"
    tuned = methods.SoftPT(length=2).attach(NETWORK, 0)
    assert repr(tuned) == "Predictor(LSTMBody, 2 symbols: 602 numbers, 16 of them free, a prompt of 2 vectors)"


def test_a_specification_prints_as_it_would_be_written():
    assert repr(methods.SoftPT(length=3)) == str(methods.SoftPT(length=3)) == "SoftPT(length=3)"
    assert repr(methods.SoftPT()) == "SoftPT()"
    spec = methods.SoftPT(length=3, prior=priors.Far(distance=2.0))
    assert eval(repr(spec), {"SoftPT": methods.SoftPT, "Far": priors.Far}) == spec


@pytest.mark.parametrize(("value", "said"), [
    (np.zeros((2, 3)), "float64 [2, 3]"), (np.array([1.25, 0.123456]), "[1.25, 0.1235]"),
    (0.123456, "0.1235"), ([1] * 100, "100 items"), ((1, 2), "(1, 2)"), ("a" * 100, f"'{'a' * 59}…"),
], ids=str)
def test_a_value_is_brief(value, said):
    assert brief(value) == said


# Tables of a notebook.

def test_a_specification_is_a_table_in_which_what_is_not_the_default_is_bold():
    table = sources.Categorical(probs=(0.25, 0.75))._repr_html_()
    assert "<b>(0.25, 0.75)</b>" in table and "probability of each side" in table
    assert "<b>" not in sources.Categorical()._repr_html_()


def test_the_result_of_a_study_is_a_line_and_a_table_of_its_checks(tmp_path):
    found = studies.read_kept_result(studies.STUDIES["order"], studies.FAST, RunStore(tmp_path))
    assert repr(found) == f"StudyResult(order, fast: {found['verdict']}; {len(found['rows'])} rows, {len(found['checks'])} checks)"
    assert found._repr_html_().count("<tr>") == 1 + len(found["checks"]) and found["title"] in found._repr_html_()


def test_a_picture_is_drawn_by_a_notebook_and_said_where_it_cannot():
    picture = figures.regret_curves([figures.Curve("SoftPT", np.ones((1, 4)))])
    bundle = picture._repr_mimebundle_()
    assert repr(picture) == bundle["text/plain"] == f"Picture: {picture.alt}"
    assert bundle["application/vnd.plotly.v1+json"]["data"][0]["name"] == "soft prompt"
