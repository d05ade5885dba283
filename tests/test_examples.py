"""The notebooks of examples/ are their scripts, cell by cell, and the scripts run."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
described = importlib.util.spec_from_file_location("execute", ROOT / "examples" / "execute.py")
execute = importlib.util.module_from_spec(described)
described.loader.exec_module(execute)

each_script = pytest.mark.parametrize("path", execute.scripts(), ids=lambda path: path.stem)


def test_every_notebook_has_its_script():
    assert {path.stem for path in (ROOT / "examples").glob("*.ipynb")} == {path.stem for path in execute.scripts()}


@each_script
def test_a_notebook_says_what_its_script_says(path):
    """If this fails: python examples/execute.py NAME."""
    kept = json.loads(path.with_suffix(".ipynb").read_text("utf-8"))["cells"]
    assert [execute.Cell(cell["cell_type"], cell["source"]) for cell in kept] == execute.cells_of(path.read_text("utf-8"))


@each_script
def test_a_script_runs_and_shows_as_much_as_its_notebook(path, users_store):
    kept, made = (found["cells"] for found in (json.loads(path.with_suffix(".ipynb").read_text("utf-8")),
                                                execute.notebook(execute.cells_of(path.read_text("utf-8")))))

    def kinds(cells):
        return [[sorted(output.get("data", {output.get("name"): ""})) for output in cell.get("outputs", ())] for cell in cells]

    assert kinds(kept) == kinds(made)
    assert sum(map(len, kinds(made))) >= 3, "an example shows something"


@each_script
def test_a_text_cell_begins_every_notebook_with_a_title(path):
    first = execute.cells_of(path.read_text("utf-8"))[0]
    assert first.kind == "markdown" and first.text.startswith("# ")


def test_a_script_is_cut_into_cells():
    script = "# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\nx = 1\n\nx\n"
    assert execute.cells_of(script) == [("markdown", "# Title\n\nText."), ("code", "x = 1\n\nx")]


def test_a_cell_gives_what_was_printed_and_its_last_value():
    names = {}
    assert execute.run("x = 2\nprint('said')\nx + 1", names)[0]["text"] == "said\n"
    assert execute.run("x + 1", names)[0]["data"] == {"text/plain": "3"} and execute.run("y = 1", names) == []
