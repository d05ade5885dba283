"""Imports run one way. The layers below are the order; whatever is not named belongs to the machinery of runs, in the middle."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BELOW = ["conventions", "rng", "losses", "sources", "predictors", "priors", "recipe", "train", "methods", "retrieval", "measure", "spec"]
ABOVE = ["studies", "planting", "cost", "constructions", "attending", "pushing", "clouds", "vectors", "retrieved", "views", "films", "llm",
         "figures", "ui", "bench", "cli", "pages", "app"]
ANYWHERE = {"exact": "measure", "places": "conventions"}
FILES = sorted([*ROOT.glob("tutor/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])


def layer(module: str) -> float:
    """The height of a module of this project: `tutor.sources.base` has that of `sources`."""
    parts = module.split(".")
    name = parts[1] if parts[0] == "tutor" and len(parts) > 1 else parts[0]
    name = ANYWHERE.get(name, name)
    if name in BELOW:
        return BELOW.index(name)
    return len(BELOW) + 1 + ABOVE.index(name) if name in ABOVE else len(BELOW)


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
def test_no_module_imports_from_a_layer_above_its_own(path):
    upwards = {name for name in imports_of(path) if name.startswith("tutor.") and layer(name) > layer(module_of(path))}
    assert not upwards


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
    assert all(path.startswith("tutor/llm/") for name in extra for path in users_of(name))
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
