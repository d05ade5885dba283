"""Modules of the browser code that need no page: their own tests, in tests/javascript, run by node."""

import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

ROOT = Path(__file__).parent.parent
BUNDLED = Path(playwright.__file__).parent / "driver" / "node"
FILES = sorted(path.name for path in (ROOT / "tests" / "javascript").glob("*.test.js"))


def node() -> str:
    """The node on the PATH, else the one that Playwright brings along, so that these tests are never skipped."""
    return shutil.which("node") or str(BUNDLED)


@pytest.mark.parametrize("name", FILES)
def test_a_module_passes_its_own_tests(name):
    command = [node(), "--test", f"tests/javascript/{name}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_test_that_fails_would_be_seen(tmp_path):
    (tmp_path / "wrong.test.mjs").write_text('import test from "node:test"; test("wrong", () => { throw new Error("seen"); });')
    ran = subprocess.run([node(), "--test", "wrong.test.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1 and "seen" in ran.stdout
