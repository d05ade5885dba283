"""Notebooks out of scripts: `python examples/execute.py [NAME ...]` runs the scripts of this folder and writes NAME.ipynb with the outputs.

A script has cells in the percent format: `# %%` begins a cell of code, `# %% [markdown]` one of text, which is written as comments.
"""

import ast
import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent


class Cell(NamedTuple):
    """One cell of a script: "markdown" or "code", and its text."""

    kind: str
    text: str


def scripts() -> list[Path]:
    """Every script of the folder but this one."""
    return sorted(path for path in FOLDER.glob("*.py") if path != Path(__file__).resolve())


def cells_of(script: str) -> list[Cell]:
    """The cells of a script, in order."""
    found = []
    for part in script.removeprefix("# %%").split("\n# %%"):
        head, _, text = part.partition("\n")
        if head.strip() == "[markdown]":
            found.append(Cell("markdown", "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.strip().splitlines())))
        else:
            found.append(Cell("code", text.strip()))
    return found


def shown(value: Any) -> dict[str, Any]:
    """What a notebook shows of a value: by media type, text for all."""
    if hasattr(value, "_repr_mimebundle_"):
        return value._repr_mimebundle_()
    html = {"text/html": value._repr_html_()} if hasattr(value, "_repr_html_") else {}
    return {"text/plain": repr(value)} | html


def run(code: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the code of a cell; its outputs: what was printed, and its last expression."""
    tree, printed, outputs = ast.parse(code), io.StringIO(), []
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
    if value is not None:
        outputs.append({"output_type": "execute_result", "metadata": {}, "execution_count": None, "data": shown(value)})
    return outputs


def notebook(cells: list[Cell]) -> dict[str, Any]:
    """The executed notebook, as its file holds it (nbformat 4.5)."""
    names: dict[str, Any] = {"__name__": "__main__"}
    written = []
    for place, cell in enumerate(cells):
        entry = {"id": f"cell-{place}", "cell_type": cell.kind, "metadata": {}, "source": cell.text}
        if cell.kind == "code":
            entry |= {"execution_count": None, "outputs": run(cell.text, names)}
        written.append(entry)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": written}


def main(names: list[str]) -> None:
    """Write the notebooks of these scripts, or of all."""
    for path in scripts():
        if not names or path.stem in names:
            made = notebook(cells_of(path.read_text("utf-8")))
            path.with_suffix(".ipynb").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
            print(f"{path.stem}.ipynb", file=sys.stderr)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")                  # networks this small are no quicker on more
    main(sys.argv[1:])
