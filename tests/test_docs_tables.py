"""The tables of README and docs that list what is registered, and the command that lists it."""

from pathlib import Path

import orjson
import pytest

from tutor.cli import docs_tables
from tutor.cli.registry_entries import REGISTRIES

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("path", docs_tables.list_files(ROOT), ids=lambda path: path.name)
def test_every_table_is_what_the_registries_say(path):
    text = path.read_text("utf-8")
    assert text == docs_tables.renew_tables(text), f"write {path.name} anew: python -m tutor.cli.docs_tables"


def test_every_registry_has_a_table_in_the_reference():
    named = docs_tables.MARKED.findall((ROOT / "docs/reference.md").read_text("utf-8"))
    assert {name for _, name, _ in named} == REGISTRIES.keys() - {"measures"} | {"quantities"}


def test_a_table_that_is_out_of_date_is_written_anew_and_the_text_around_it_stays(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("Before.\n\n<!-- table: networks -->\n| old |\n<!-- end of table -->\n\nBehind.\n")
    docs_tables.main(tmp_path)
    lines = (tmp_path / "README.md").read_text().splitlines()
    assert (lines[0], lines[2], lines[-3], lines[-1]) == ("Before.", "<!-- table: networks -->", "<!-- end of table -->", "Behind.")
    assert [line.split("`")[1] for line in lines[5:-3]] == [entry.name for entry in REGISTRIES["networks"].entries()]


def test_the_command_lists_a_registry_with_the_fields_of_its_entries(command):
    code, said, _ = command("list", "methods", "--json")
    soft = next(entry for entry in orjson.loads(said)["methods"] if entry["name"] == "soft")
    length = next(field for field in soft["fields"] if field["name"] == "length")
    assert code == 0 and soft["label"] == "SoftPT"
    assert (length["holds"], length["default"]) == ("whole number, at least 0, at most 64", "default 6")
    code, said, _ = command("list")
    assert code == 0 and all(entry.name in said for registry in REGISTRIES.values() for entry in registry.entries())


def test_what_cannot_be_listed_is_refused_with_what_can(command):
    code, said, error = command("list", "method")
    assert (code, said) == (2, "")
    assert error == f"method cannot be listed; did you mean methods? there are {', '.join(REGISTRIES)}\n"
