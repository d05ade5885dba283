"""Imports run one way: every room has a floor, and no module imports from a floor above its own, or from another room on it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    ["core"], ["sources", "predictors"], ["training"], ["methods"], ["measure"],
    ["runs.io"], ["runs"], ["runs.engine"], ["runs.export"],
    ["studies"], ["analysis"], ["figures", "llm"],
    ["ui.shell"], ["ui.plot"], ["ui.widgets"], ["ui.run_views"], ["ui.network"], ["ui.experiment"], ["ui.labs"], ["ui.server"],
    ["ui.stage"], ["ui"],
    ["bench"], ["cli"], ["pages", "app"],
]
"""From the ground up; a folder in a room that is named here has a floor of its own, what else lies in the room has the room's."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted([*ROOT.glob("tutor/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])


def room(module: str) -> str:
    """The room of a module: `tutor.runs.io.disk` lies in `runs.io`, `tutor.runs.spec` in `runs`; the lazy package itself in none ("")."""
    parts = module.removeprefix("tutor.").split(".") if module != "tutor" else [""]
    inner = ".".join(parts[:2])
    return inner if inner in FLOOR else parts[0]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            names |= inside or {node.module}
    return names


MODULES = {module_of(path) for path in FILES}


def users_of(package: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in FILES if any(name.split(".")[0] == package for name in imports_of(path))}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_no_module_imports_from_a_floor_above_or_another_room_of_its_own(path):
    here = room(module_of(path))
    others = {name: room(name) for name in imports_of(path) if name.startswith("tutor.")}
    assert not {name for name, there in others.items() if there != here and FLOOR[there] >= FLOOR[here]} or not here


def test_every_room_has_a_floor_and_every_floor_a_room():
    rooms = {room(module) for module in MODULES} - {""}
    assert rooms == set(FLOOR)


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {module_of(path): imports_of(path) for path in FILES}

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail, module])
        for name in graph.get(module, set()) - done:
            walk(name, (*trail, module))
        done.add(module)

    done: set[str] = set()
    for module in graph:
        walk(module, ())


def test_streamlit_is_known_to_the_interface_and_to_a_visitor_alone():
    assert all(path.startswith(("tutor/ui/", "pages/")) or path in ("app.py", "tutor/bench/app_visit.py") for path in users_of("streamlit"))


def test_plotly_is_known_to_the_figures_alone():
    assert all(path.startswith("tutor/figures/") for path in users_of("plotly"))


def test_transformers_and_peft_are_known_to_one_package_and_imported_when_somebody_asks():
    extra = {"transformers", "peft", "tokenizers", "huggingface_hub"}
    cutter = "tutor/sources/texts.py"              # a worker that tunes on texts has to cut them
    assert all(path.startswith("tutor/llm/") or (name, path) == ("tokenizers", cutter) for name in extra for path in users_of(name))
    for path in ROOT.glob("tutor/llm/*.py"):
        at_once = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Import | ast.ImportFrom)]
        named = [name for node in at_once for name in (getattr(node, "module", None), *(alias.name for alias in node.names)) if name]
        assert not extra & {name.split(".")[0] for name in named}


def test_how_far_points_lie_apart_is_measured_without_a_language():
    assert not {name for name in imports_of(ROOT / "tutor/measure/separation.py") if name.startswith(("tutor.sources", "tutor.predictors"))}


def test_pages_and_interface_compute_nothing_with_torch():
    assert not {path for path in users_of("torch") if path.startswith(("tutor/ui/", "pages/")) or path == "app.py"}


def test_no_page_imports_a_page():
    pages = {path.stem for path in ROOT.glob("pages/*.py")}
    assert not {name for path in ROOT.glob("pages/*.py") for name in imports_of(path) if name in pages or name.startswith("pages")}
