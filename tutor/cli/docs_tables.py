"""The tables of README.md and docs/ that list what is registered: `python -m tutor.cli.docs_tables` writes them anew.

A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`; whatever else a file says is left as it is.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tutor.cli.registry_entries import REGISTRIES, RegistryEntry
from tutor.core.paths import ASSETS
from tutor.measure import MEASURES
from tutor.predictors.prompt_placement import Placement
from tutor.runs.spec import Evaluation
from tutor.runs.store import RunStore
from tutor.studies import FAST, STUDIES, read_kept_result
from tutor.ui.stage.fact_kinds import NUMBER
from tutor.ui.stage.scene_list import SCENES

MARKED = re.compile(r"(?P<open><!-- table: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end of table -->)", re.DOTALL)


def to_markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    cells = [columns, ["---"] * len(columns), *rows]
    return "\n".join("|" + "|".join(f" {cell} " if cell != "---" else cell for cell in row) + "|" for row in cells) + "\n"


def entries_table(name: str) -> str:
    """Write the table of one registry, a row per entry with its fields."""
    entries = REGISTRIES[name].entries()
    fields = any(entry.fields for entry in entries)
    rows = [[f"`{entry.name}`", entry.label, _cell(entry.summary), *([_fields(entry)] if fields else [])] for entry in entries]
    return to_markdown(["name", "label", "what it is", *(["fields"] if fields else [])], rows)


def kinds_table() -> str:
    """Write the table of what each part of a specification may hold."""
    registries = {"`source`, `on`": "sources", "`body`": "networks", "`method`": "methods"}
    rows = {where: [entry.name for entry in REGISTRIES[name].entries()] for where, name in registries.items()}
    said = {where: ", ".join(f"`{kind}`" for kind in kinds) for where, kinds in rows.items()}
    placements = ", ".join(f"`{kind}`" for kind in Placement.model_fields["kind"].annotation.__args__)
    said["`method.placement`, of soft prompts and some others"] = f"{placements}; `after = 25` says after how many tokens an infix stands"
    said["`method.prior`, of `soft` and `deep`"] = ", ".join(f"`{entry.name}`" for entry in REGISTRIES["priors"].entries())
    fields = ", ".join(f"`{name}`" for name in Evaluation.model_fields)
    said["`evaluation`"] = f"no kind: {fields} (how regret is measured at the end; the training does not depend on it)"
    return to_markdown(["table", "`kind` is one of"], list(said.items()))


def verdicts_table() -> str:
    """Write the table of studies, with short claims and the verdicts of the shipped results."""
    shipped = RunStore(ASSETS)
    results = {name: read_kept_result(study, FAST, shipped) for name, study in STUDIES.items()}
    rows = [[name, study.in_short or study.title, _verdict_text(results[name])] for name, study in STUDIES.items()]
    return to_markdown(["study", "claim, in short", "verdict, `--fast`"], rows)


def quantities_table() -> str:
    """Write the table of the quantities that are measured of every finished run, with units."""
    rows = [[f"`{quantity}`", said.label, said.unit, one.needs]
            for one in MEASURES.values() for quantity, said in {**one.curves, **one.scores}.items()]
    return to_markdown(["name", "what it is", "unit", "needs"], rows)


def scenes_table() -> str:
    """Write the table of the scenes of lessons: what each draws, its settings, and the facts that it tells."""
    rows = []
    for name, scene in SCENES.items():
        facts = [f"`{fact}`" + ("" if kind == NUMBER else f" ({kind})") for fact, kind in scene.facts.items()]
        told = ", ".join(f"**{said}**" if fact in scene.hides else said for fact, said in zip(scene.facts, facts, strict=True))
        settings = ", ".join(f"`{setting}`: {one.describe()}" for setting, one in scene.settings.items())
        rows.append([f"`{name}`", _cell((scene.draw.__doc__ or "").partition("\n")[0]), settings or "none", told])
    return to_markdown(["scene", "what it does", "settings", "facts; **bold**: kept until guessed"], rows)


TABLES = {"kinds": kinds_table, "verdicts": verdicts_table, "quantities": quantities_table, "scenes": scenes_table}


def make_table(name: str) -> str:
    """Write the table called `name`.

    Raises
    ------
    KeyError
        Where there is none.
    """
    return TABLES[name]() if name in TABLES else entries_table(name)


def renew_tables(text: str) -> str:
    """Replace every marked table in a Markdown text by its current form."""
    return MARKED.sub(lambda found: found["open"] + make_table(found["name"]) + found["close"], text)


def list_files(root: Path) -> list[Path]:
    """List the files of a checkout that may contain marked tables."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def _verdict_text(result: dict | None) -> str:
    """A verdict with its answer, or with how many networks of the first look are there while others are missing."""
    if result is None:
        return "not computed"
    networks, wanted = len(result["bases"]), result["plan"]["looks"][0]
    if networks < wanted:
        return f"{result['verdict']}: {networks} of {wanted} networks so far"
    return f"{result['verdict']}: {result['answer']}" if result["answer"] else result["verdict"]


def _fields(entry: RegistryEntry) -> str:
    return "<br>".join(f"`{one.name}`: {_cell(', '.join(filter(None, (one.meaning, one.holds, one.default))))}" for one in entry.fields)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(root: Path) -> None:
    """Rewrite the marked tables in every file under `root` where they have changed."""
    for path in list_files(root):
        text = path.read_text("utf-8")
        if (new := renew_tables(text)) != text:
            path.write_text(new, "utf-8")
            print(f"{path} was brought up to date", file=sys.stderr)


if __name__ == "__main__":
    main(Path.cwd())
