"""Rows of studies are found by typed fields: what these are, how rows are selected by them, and that nothing reads a label."""

import ast
import json
from pathlib import Path

import pytest
from smallest import COIN, COINS, LISTS, SmallStudy, list_prefix, pretraining, tuning

from tutor.core.paths import ASSETS
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources import TinyLanguage
from tutor.studies import FAST, STUDIES, make_result, read_kept_result
from tutor.studies.equal_parameters import EqualParameters
from tutor.studies.measured_rows import Band, Row, baseline_rows, regret_row, untrained_row
from tutor.studies.remeasure import differences, settled
from tutor.studies.row_fields import REGRET, fields_of_run, fields_of_source, find, select
from tutor.studies.study_result import to_bytes

ROOT = Path(__file__).resolve().parent.parent


def row(metric: str = "bleu", **fields) -> Row:
    return Row("a label", "a network", "a source", (Band.exactly(1.0),), metric=metric, fields=fields)


def shipped(name: str) -> dict:
    return json.loads((ASSETS / "studies" / f"{name}-fast.json").read_bytes())


ROWS = [row(way="direct", rate=0.05), row(way="direct", rate=0.25), row("slots", way="direct", rate=0.25), row(way="mapped", rate=0.25)]


def test_the_fields_of_a_run_are_registered_kinds_its_task_and_the_length_of_its_prompt():
    prefix = list_prefix("add 1")
    assert fields_of_run(pretraining(), COINS) == {"method": "pretrained", "network": "lstm", "source": "dirichlet"}
    assert fields_of_run(tuning(), COIN) == {"method": "soft", "network": "lstm", "source": "categorical", "length": 2}
    assert fields_of_run(prefix, prefix.on) == {"method": "prefix", "network": "gpt2", "source": "lists", "task": "add 1", "length": 2}
    assert fields_of_source(LISTS) == {"source": "lists"} and len(LISTS.tasks) > 1              # a mixture asks for no single task
    assert fields_of_source(TinyLanguage(tasks=("qa",))) == {"source": "tiny_language", "task": "qa"}


def fields_of(row) -> dict:
    """All by which a row in memory or a stored one can be selected."""
    return {"metric": row.get("metric", REGRET)} | row["fields"] if isinstance(row, dict) else {"metric": row.metric} | row.fields


def test_rows_are_selected_by_fields_and_metric_in_their_order():
    assert select(ROWS, way="direct") == ROWS[:3] and select(ROWS, way="direct", metric="bleu") == ROWS[:2]
    assert select(ROWS, rate=0.25, metric="slots") == [ROWS[2]] and select(ROWS, rate=0.5) == []
    assert select(ROWS, length=None) == ROWS and select(ROWS, way=None) == []                  # None: has no such field


def test_the_same_rows_are_selected_once_they_are_stored():
    stored = json.loads(to_bytes({"rows": [one.as_json() for one in ROWS]}))["rows"]
    assert [fields_of(one) for one in stored] == [fields_of(one) for one in ROWS]
    assert find(stored, way="direct", rate=0.05) == ROWS[0].as_json()


def test_one_row_is_found_or_it_is_said_how_many_there_are():
    assert find(ROWS, way="mapped") is ROWS[3]
    with pytest.raises(KeyError, match=r"no rows with \{'way': 'other'\}"):
        find(ROWS, way="other")
    with pytest.raises(KeyError, match="3 rows with"):
        find(ROWS, way="direct")


def test_another_label_adds_fields_and_takes_none_away():
    named = ROWS[0].labelled("another", seed=3)
    assert (named.method, named.fields) == ("another", {"way": "direct", "rate": 0.05, "seed": 3}) and ROWS[0].method == "a label"


def test_a_row_of_nothing_keeps_network_and_source_alone():
    like = row(network="lstm", source="lists", task="add 1", method="prefix", length=5, documents=50)
    assert untrained_row(like).fields == {"network": "lstm", "source": "lists", "task": "add 1"}


def test_exact_references_are_found_by_their_name_and_have_no_method():
    rows = baseline_rows(COINS, COIN)
    assert find(rows, reference="PreBayesPT").fields == {"reference": "PreBayesPT", "source": "categorical"}
    assert len(select(rows, method=None)) == len(rows) == 4


def test_what_a_source_reports_is_held_against_the_row_that_it_is_about():
    study = EqualParameters()
    assert study.reported_for(row("accuracy", method="lora", rank=1, task="double histogram")) == 0.9238
    assert study.reported_for(row("accuracy", method="prefix", rank=1)) == 0.0031
    assert study.reported_for(row("accuracy", method="lora", rank=4)) is None


@pytest.mark.parametrize("name", STUDIES)
def test_the_rows_of_a_shipped_result_differ_in_their_fields(name):
    rows = shipped(name)["rows"]
    every = [tuple(sorted(fields_of(one).items())) for one in rows]
    assert len(set(every)) == len(rows) and all(one["fields"] for one in rows)
    assert all(isinstance(value, str | int | float | bool | None) for one in rows for value in one["fields"].values())


@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if study.reported])
def test_every_reported_number_is_about_one_row_of_the_study(name):
    study, rows = STUDIES[name], shipped(name)["rows"]
    assert all(len(select(rows, metric=study.metric, **one.fields)) == 1 for one in study.reported)


def test_a_result_without_fields_is_made_again(tmp_path):
    store, study = RunStore(tmp_path, shipped=tmp_path / "none"), SmallStudy()
    for spec in study.specs(FAST):
        pretrain(spec, store)
    made = make_result(study, FAST, store)
    path = tmp_path / "studies" / "small-fast.json"
    assert read_kept_result(study, FAST, store) == made and find(made["rows"], method="soft")["method"] == "SoftPT"
    path.write_bytes(to_bytes(made | {"rows": [{name: value for name, value in one.items() if name != "fields"} for one in made["rows"]]}))
    assert read_kept_result(study, FAST, store) is None and make_result(study, FAST, store) == made == json.loads(path.read_bytes())


@pytest.mark.parametrize("rows", [None, {}, [1], [{"method": "a", "body": "b", "on": "c", "fields": "d"}]])
def test_a_damaged_result_is_no_result(tmp_path, rows):
    store, study = RunStore(tmp_path, shipped=tmp_path / "none"), SmallStudy()
    for spec in study.specs(FAST):
        pretrain(spec, store)
    made = make_result(study, FAST, store)
    (tmp_path / "studies" / "small-fast.json").write_bytes(to_bytes(made | {"rows": rows}))
    assert read_kept_result(study, FAST, store) is None


def test_a_row_of_a_run_has_the_fields_of_its_specification(tmp_path):
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    spec = SmallStudy().specs(FAST)[0]
    run = pretrain(spec, store)
    assert regret_row(run).fields == fields_of_run(spec, spec.on) and regret_row(run, COINS).fields["source"] == "dirichlet"


def test_numbers_that_differ_by_rounding_stay_as_they_were_and_all_others_are_new():
    before = {"rows": [{"value": 0.1, "key": "a"}, {"value": 0.2, "key": "b"}], "keys": ["a"]}
    now = {"rows": [{"value": 0.1 + 1e-9, "key": "c", "fields": {}}, {"value": 0.21, "key": "b", "fields": {}}], "keys": ["c"]}
    merged = settled(before, now)
    assert [one["value"] for one in merged["rows"]] == [0.1, 0.21] and merged["keys"] == ["c"]
    assert list(differences(before, merged)) == [".keys[]: a -> c", ".rows[].fields added", ".rows[].key: a -> c", ".rows[].fields added",
                                                 ".rows[].value: 0.2 -> 0.21"]
    assert settled(None, now) == now and list(differences(now, now)) == []
    assert settled([1.0], [1.0, 2.0]) == [1.0, 2.0]


PARSERS = {"split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix", "startswith", "endswith"}
EXPRESSIONS = {"match", "search", "fullmatch", "findall", "split", "sub"}
ENTRIES = {"method", "body", "on", "label"}


def _text_for_people(node: ast.AST) -> bool:
    """`x.label`, `label`, or `row["method"]`, whatever is done to it on the way."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr == "label") or (isinstance(part, ast.Name) and part.id == "label")
        or (isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and part.slice.value in ENTRIES)
        for part in ast.walk(node)
    )


def parsed_labels(code: str) -> list[str]:
    """Expressions that take a label apart, or look for something in one."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            by_regex = isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in EXPRESSIONS
            if (by_regex and any(map(_text_for_people, node.args))) or (node.func.attr in PARSERS and _text_for_people(node.func.value)):
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Compare) and any(isinstance(one, ast.In | ast.NotIn) for one in node.ops):
            texts = node.comparators if isinstance(node.left, ast.Constant | ast.JoinedStr) else ()
            found += [ast.unparse(node) for text in texts if _text_for_people(text)]
    return found


@pytest.mark.parametrize("code", [
    'row["method"].rpartition(", layer ")', 'row["on"].endswith(on)', 'spec.label.split(" -> ")', 'label.partition(" (")[0]',
    're.search("[0-9]+", curve.label)', '"other network" in row["method"]', 'row["method"].removesuffix("s").rpartition(", ")',
])
def test_code_that_reads_a_label_is_seen(code):
    assert parsed_labels(code)


@pytest.mark.parametrize("code", [
    'row["fields"]["layer"]', 'text.split(",")', 'f"{curve.label}, {n}"', 'row["method"] in shown', "label.lower()",
    'name.removeprefix("body.")',
])
def test_code_that_only_shows_a_label_is_left_alone(code):
    assert not parsed_labels(code)


FILES = sorted(path for folder in ("tutor", "pages") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_reads_a_label(path):
    assert parsed_labels(path.read_text(encoding="utf-8")) == []
