"""Runs as tables: what was specified and scored, by name, and the conditions that narrow them down."""

import csv
import io
import sys

import numpy as np
import orjson
import pytest
from many_runs import many_runs
from smallest import pretraining, tuning

from tutor.runs.field_conditions import filter_from, specification_fields
from tutor.runs.run_info import RunFilter
from tutor.runs.spec import RunSpec, SpecError
from tutor.runs.store import RunStore
from tutor.runs.store_table import AXES, dotted, stacked_curves


def test_a_row_holds_the_specification_the_state_and_the_scores(computed):
    table = computed.table().set_index("key")
    row, run = table.loc[tuning(method=None).key()], computed.load(tuning(method=None).key())
    assert (row["kind"], row["state"], row["shipped"], row["method.kind"], row["method.length"]) == ("tuning", "done", False, "soft", 2)
    assert row["recipe.steps"] == run.spec.recipe.steps and row["source.alphas"] == (1.0, 1.0)
    assert row["regret.20"] == np.median(run.arrays["regret/0/cumulative"][:, 19])
    assert np.isnan(table.loc[pretraining().key(), "method.length"]) and len(table) == len(computed.keys())


def test_scores_are_read_once_and_kept_with_the_table(computed, looks):
    expected = computed.table()
    with looks() as seen:
        again = RunStore(computed.root, shipped=computed.shipped).table()
    assert seen.opened == 0 and again.equals(expected)


def test_a_table_is_narrowed_down_like_a_list(computed):
    assert list(computed.table(RunFilter(method="SoftPT"))["key"]) == [tuning(method=None).key()]
    assert len(computed.table(limit=2)) == 2


def test_an_empty_store_has_an_empty_table(store):
    assert store.table().empty and list(store.table()) == ["key", "label", "kind", "state"]


def test_a_damaged_run_has_a_row_without_a_specification(store):
    store.create(pretraining()).file("spec.json").write_text("{")
    assert list(store.table()["state"]) == ["corrupt"]


def test_nested_fields_become_one_level():
    assert dotted({"a": {"b": {"c": [1, [2]]}}, "d": None}) == {"a.b.c": (1, (2,)), "d": None}


def test_curves_stand_at_their_run_source_repetition_and_token(computed):
    runs = [computed.load(key) for key in (pretraining().key(), tuning(method=None).key())]
    coordinates, arrays = stacked_curves(runs)
    assert coordinates["run"] == [run.key for run in runs] and coordinates["tokens"] == list(range(1, 21))
    assert arrays["instant"].shape == tuple(len(coordinates[axis]) for axis in AXES)
    coin, coins = (coordinates["on"].index(name) for name in ("Single coin 0.2", "Random coins"))
    assert np.array_equal(arrays["excess"][1, coin], runs[1].arrays["regret/0/excess"])
    assert np.array_equal(arrays["excess"][1, coins], runs[1].arrays["regret/1/excess"])
    assert np.array_equal(arrays["excess"][0, coins, 0], runs[0].arrays["regret/0/excess"])
    assert np.isnan(arrays["excess"][0, coins, 1]).all()                            # a pretraining has no second repetition


def test_curves_are_a_dataset_with_named_axes_and_units(computed):
    pytest.importorskip("xarray", reason="an optional dependency")
    found = computed.to_xarray([tuning(method=None).key()])
    assert found["cumulative"].dims == AXES and found["cumulative"].attrs == {"units": "nats"}
    last = found["cumulative"].sel(run=tuning(method=None).key(), on="Single coin 0.2", tokens=20)
    assert np.array_equal(last, computed.load(tuning(method=None).key()).arrays["regret/0/cumulative"][:, 19])


def test_without_xarray_one_sentence_says_what_to_install(computed, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ModuleNotFoundError, match=r"need xarray; install it with: pip install 'prompt-tutor\[notebook\]'"):
        computed.to_xarray([pretraining().key()])


@pytest.mark.parametrize(("condition", "expected"), [
    ("method.kind=SoftPT", ("method.kind", "soft")), ("method.kind=soft", ("method.kind", "soft")),
    ("on.kind=Categorical", ("on.kind", "categorical")),
    ("recipe.steps=400", ("recipe.steps", 400)), ("recipe.learning_rate=1e-3", ("recipe.learning_rate", 0.001)),
    ("evaluation.stratified=true", ("evaluation.stratified", True)), ("source.alphas=[1.0, 1.0]", ("source.alphas", "[1.0,1.0]")),
    ("method.placement.kind=infix", ("method.placement.kind", "infix"))])
def test_a_condition_is_a_field_and_a_value(condition, expected):
    assert filter_from([condition], RunFilter()) == RunFilter(where=(expected,))


def test_conditions_on_the_line_itself_add_up_with_others():
    found = filter_from(["state=done", "seeds.tune=1"], RunFilter(kept="own"))
    assert found == RunFilter(kept="own", state="done", where=(("seeds.tune", 1),))


@pytest.mark.parametrize(("condition", "sentence"), [
    ("method.knd=SoftPT", "method.knd is not a field of a run; did you mean method.kind"),
    ("steps", "steps is no condition; it must look like"),
    ("method.kind=SoftTP", "method.kind is SoftTP; it must be one of .*SoftPT"), ("=1", "nothing is not a field of a run"),
    ("recipe.steps.'); DROP=1", "is not a field of a run"), ("spec=1", "spec is not a field of a run")])
def test_a_wrong_condition_is_answered_with_what_is_near(condition, sentence):
    with pytest.raises(SpecError, match=sentence):
        filter_from([condition], RunFilter())


def test_every_part_of_a_specification_can_be_asked_for():
    assert {field.partition(".")[0] for field in specification_fields()} == RunSpec.model_fields.keys()


def test_values_of_every_form_are_found(store):
    many_runs(store.root, 8)
    for condition, count in {"method.kind=SoftPT": 6, "seeds.pretrain=3": 1, "source.alphas=[1.0,1.0]": 8, "evaluation.stratified=false": 8,
                             "recipe.learning_rate=0.1": 0, "kind=pretraining": 2}.items():
        assert store.count(filter_from([condition], RunFilter())) == count, condition


def test_the_command_lists_what_fits_and_writes_a_table(command, users_store, tmp_path):
    keys = many_runs(users_store.root, 8)
    code, out, _ = command("runs", "list", "--own", "--json", "--where", "method.length=3", "--where", "method.kind=SoftPT")
    assert code == 0 and [entry["key"] for entry in orjson.loads(out)] == [keys[7], keys[3]]
    code, out, said = command("runs", "list", "--own", "--last", 3, "--csv", tmp_path / "runs.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert (code, out) == (0, "") and "3 runs" in said and [row["seeds.pretrain"] for row in rows] == ["7", "6", "5"]


def test_the_command_refuses_in_one_sentence(command, users_store, tmp_path):
    code, out, said = command("runs", "list", "--where", "metod.kind=SoftPT")
    assert (code, out) == (2, "") and said.startswith("metod.kind is not a field of a run; did you mean method.kind")
    assert said.count("\n") == 1
    code, _, said = command("runs", "list", "--own", "--csv", tmp_path / "none" / "runs.csv")
    assert code == 2 and said.startswith("cannot write") and said.count("\n") == 1


def test_short_names_are_printed_for_stores_and_runs(computed):
    assert repr(computed) == f"RunStore('{computed.root}')"
    assert repr(computed.load(pretraining().key())) == f"Run('{pretraining().key()}': LSTM 4 on Random coins, done)"
