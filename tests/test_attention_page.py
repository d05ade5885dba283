"""The Attention page: a prefix edited by its visitor is edited everywhere, answers are judged, and what is said follows the numbers."""

from itertools import chain

import numpy as np
import pytest
from smallest import list_prefix
from visiting import opened, told, with_store

from tutor.figures import AttentionSpread
from tutor.methods import PrefixPT
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import Seeds
from tutor.runs.store import RunStore
from tutor.ui.labs.prefixes import attention_views, prefix_editor


def test_a_vector_left_out_is_left_out_everywhere(small):
    app = opened("attention")
    share, right = told(app)["share"], next(element.value for element in app.metric)
    app.pills[0].set_value(["1"]).run()
    assert told(app)["left_out"] == 1 and 0 < told(app)["share"] < share
    app.pills[0].set_value(["1", "2"]).run()
    assert told(app)["share"] == 0 and not told(app)["answers_differ"] and told(app)["difference"] < 1e-6
    said = " ".join(one.value for one in app.markdown)
    assert "There is no vector of the prefix in this layer" in said and "as you edited it" in said
    assert [error.value for error in app.error] == ["All vectors of this prefix are left out; its attention cannot be divided."]
    assert next(element.value for element in app.metric) == right and not app.exception


def test_a_link_holds_what_was_left_out_and_whose_values_there_are(small):
    one, other = (list_prefix(task).key() for task in ("ascending", "descending"))
    app = opened("attention", attention_run=one, attention_values=other, attention_out_2=["2"])
    assert (told(app)["task"], told(app)["values"], told(app)["left_out"]) == ("Ascending", "Descending", 1)
    app.selectbox(key="attention_run_choice").set_value(other).run()
    assert (told(app)["task"], told(app)["values"]) == ("Descending", "Descending") and not app.exception


def test_values_of_a_prefix_that_does_not_belong_are_its_own(small):
    app = opened("attention", attention_values="0000000000000000", attention_out_2=["7"])
    assert told(app)["values"] == told(app)["task"] and told(app)["left_out"] == 0 and not app.error


def test_the_right_answer_stands_beside_those_of_the_network(small):
    app = opened("attention", attention_run=list_prefix("descending").key(), attention_list_4="3021")
    metrics = {element.label: element.value for element in app.metric}
    assert metrics["Right for descending"] == "3 2 1 0" and len(metrics) == 3
    assert any("ascending: 0 1 2 3" in caption.value for caption in app.caption)
    assert sum("Of 100 held-out lists" in caption.value for caption in app.caption) == 2


def test_prefixes_are_named_by_their_task_and_no_two_alike(monkeypatch, tmp_path):
    first = list_prefix("descending")
    again = first.model_copy(update={"seeds": Seeds(tune=7)})
    slower = first.model_copy(update={"tuning": first.tuning.model_copy(update={"steps": 9})})
    last = first.model_copy(update={"method": PrefixPT(length=1, layers=1)})
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    for spec in (first, again, slower, last):
        pretrain(spec, store)
    with_store(monkeypatch, store)
    named = attention_views.name_prefixes(attention_views.list_prefix_runs())
    plain = "Descending · 2 vectors · 2 layers, four tasks · tuned here"
    assert named[again.key()] == f"{plain}, seed 7"
    assert {named[spec.key()] for spec in (first, slower)} == {f"{plain}, seed 0 ({spec.key()[:6]})" for spec in (first, slower)}
    assert named[last.key()] == "Descending · 1 vector in the last layer · 2 layers, four tasks · tuned here"


def test_shipped_prefixes_are_told_from_each_other_by_what_they_are(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    named = attention_views.name_prefixes(attention_views.list_prefix_runs())
    assert named["5067b956630f8c18"] == "Add 2 · 1 vector · 1 layer, four tasks"
    assert named["5e3243d86a37b2c7"] == "Descending · 1 vector · 1 layer, ascending only"
    assert len(set(named.values())) == len(named) and not any("here" in name for name in named.values())


@pytest.mark.parametrize(("settings", "right", "of_values"), [
    ({"attention_run": "5067b956630f8c18"}, 1.0, 1.0),
    ({"attention_run": "5067b956630f8c18", "attention_push": "0"}, 0.0, 0.0),
    ({"attention_run": "ea73285cfc890430", "attention_values": "5067b956630f8c18"}, 0.0, 1.0),
    ({"attention_run": "ea73285cfc890430", "attention_values": "cd22ae9515075a97"}, 0.05, 0.05),
], ids=["as tuned", "muted", "values of add 2", "values of ascending"])
def test_what_the_lesson_says_of_muting_and_exchanging_holds(monkeypatch, tmp_path, settings, right, of_values):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("attention", **settings)
    assert told(app)["right"] == pytest.approx(right, abs=0.05) and told(app)["right_of_values"] == pytest.approx(of_values, abs=0.05)
    if "attention_push" in settings:
        assert any("nearest to add 1: 9 of 10 digits" in one.value for one in app.markdown)


@pytest.mark.parametrize(("moved", "said"), [(0.02, "**is** nearly one"), (0.1, "mostly one"), (0.3, "**no** fixed mixture")])
def test_what_is_said_of_a_mixture_follows_its_numbers(moved, said):
    shares = np.array([[[0.5, 0.5], [0.5 + moved, 0.5 - moved]]])
    text = prefix_editor.describe_mixture(AttentionSpread(shares))
    assert said in text and f"**{moved:.0%}** in layer 1" in text and "0.02 to 0.17" in text


@pytest.mark.parametrize(("rank", "rows", "said"), [
    (0, 0, "nothing is added"), (0, 2, "all values are zero"), (1, 1, "the same way"), (2, 3, "can use **3**"), (8, 9, "**anywhere**"),
])
def test_in_which_directions_a_prefix_pushes_is_said_in_words(rank, rows, said):
    assert said in prefix_editor._directions(rank, rows, 8)


def test_many_vectors_are_left_out_in_groups():
    assert [list(rows) for rows in prefix_editor._groups(3).values()] == [[0], [1], [2]]
    grouped = prefix_editor._groups(62)
    assert list(chain(*grouped.values())) == list(range(62))
    assert next(iter(grouped)) == "1-5" and list(grouped)[-1] == "61-62"


def test_backticks_are_written_as_they_were_typed(small):
    app = opened("attention", attention_string="a`b")
    assert any(one.value == "Behind it the network writes **`` a`b ``**" for one in app.markdown)
