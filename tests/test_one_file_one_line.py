"""A source, a network, a method, a prior, a measure, a study and a page are one file and one entry each, and nothing else.

They are added to a copy of the package. There they are looked for in forms, command line, store, pictures, docs and pages, and the contract
tests run on them, all without another edit.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Addition(NamedTuple):
    """A file of tests/additions, its room, and the entry in the registry of that room."""

    file: str
    room: str
    registry: str
    """The file of the registry, seen from the room."""
    end: str
    """Where the list of the registry ends, as a regular expression."""
    name: str
    entry: str = "{name}"
    imported: bool = True


ADDITIONS = [
    Addition("sticky_coin.py", "tutor/sources", "__init__.py", r"(?<=FactQuestions)\)", "StickyCoin", ", {name})"),
    Addition("bare_transformer.py", "tutor/predictors", "__init__.py", r"(?<=GPT2)\)", "BareTransformer", ", {name})"),
    Addition("bias_tuning.py", "tutor/methods", "__init__.py", r"(?<=LoRAWT)\)", "BiasWT", ", {name})"),
    Addition("sphere.py", "tutor/methods/priors", "__init__.py", r"(?<=VAE)\)", "Sphere", ", {name})"),
    Addition("confidence.py", "tutor/measure", "__init__.py", r"(?<=HeldOutLoss\(\))\)", "Confidence", ", {name}())"),
    Addition("little_to_tune.py", "tutor/studies", "__init__.py", r"(?<=RetrieverOrPrompt\(\),)", "LittleToTune", " {name}(),"),
    Addition("hello.py", "pages", "../tutor/ui/page_list.py", r'(?<="Your own model"\))\]', "", ', Page("hello", "Hello")]', False),
]


def added(text: str, one: Addition) -> str:
    """The text of a registry with one entry more, and the import that it needs."""
    new, count = re.subn(one.end, one.entry.format(name=one.name), text, count=1)
    assert count == 1, f"{one.registry} ends otherwise"
    module = f"{one.room.replace('/', '.')}.{one.file.removesuffix('.py')}"
    line = f"from {module} import {one.name}\n"
    return re.sub(r"^(?=from tutor\.)", line, new, count=1, flags=re.MULTILINE) if one.imported else new


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the package, its pages and tests, with one of each added."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("tutor", "pages", "tests"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "browser"))
    for name in ("assets", "docs", "README.md", ".streamlit", "pyproject.toml", "app.py"):
        (root / name).symlink_to(ROOT / name)
    for one in ADDITIONS:
        shutil.copy(ROOT / "tests/additions" / one.file, root / one.room / one.file)
        registry = root / one.room / one.registry
        registry.write_text(added(registry.read_text("utf-8"), one), "utf-8")
    return root


def tried(copy: Path, *arguments: str) -> str:
    """What pytest says in the copy; it must succeed."""
    environment = os.environ | {"PYTHONPATH": str(copy), "TUTOR_STORE": str(copy / "store"), "TUTOR_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


CONTRACTS = {"test_sources": "[sticky]", "test_predictors": "[bare", "test_methods": "bias]", "test_priors": "[sphere]",
             "test_studies": "[little-to-tune]", "test_pages": "[hello]"}
"""Files of contract tests, and how the name of a test says that it is about an addition."""
OF_ADDITIONS = "sticky or sphere or bias or registry or look or word or default or label or (bare and not prefix)"


def test_the_contract_tests_are_repeated_over_each(copy):
    without_checks = "-o", "addopts=-q"                                # of shapes, which make imports slow
    collected = tried(copy, "--collect-only", *without_checks, *(f"tests/{file}.py" for file in CONTRACTS)).splitlines()
    missing = {file for file, name in CONTRACTS.items() if not any(f"{file}.py::" in line and name in line for line in collected)}
    assert not missing


def test_each_is_seen_in_forms_command_line_store_pictures_docs_and_pages_and_the_contract_tests_hold(copy):
    """In one process, because its imports take longer than its tests."""
    files = ("test_sources", "test_predictors", "test_methods", "test_priors", "test_looks", "test_words", "test_spec")
    paths = "tests/additions/seen_everywhere.py", *(f"tests/{file}.py" for file in files)
    said = tried(copy, "-v", *paths, "-k", f"seen_everywhere or {OF_ADDITIONS}")
    assert "100%" in said and all(f"{path} " in said for path in paths)    # some of each file were tried
