"""The built wheel is the whole product: pages, assets, theme and the picture's files travel with it, and the app starts from it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tutor.ui.stage.lesson_file import EXAMPLE

ROOT = Path(__file__).resolve().parent.parent.parent
WHERE = "import tutor.core.paths as p; print(p.ROOT); print(p.PAGES.is_dir() and p.SETTINGS.is_file() and p.MAIN.is_file())"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> dict[str, str]:
    """The environment in which `import tutor` finds the unpacked wheel, not this tree."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return os.environ | {"PYTHONPATH": str(folder)}


def test_the_wheel_carries_everything_a_page_needs(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    needed = [*ROOT.glob("pages/*.py"), *ROOT.glob("pages/*.md"), *(path for path in ROOT.glob("assets/**/*") if path.is_file())]
    assert {f"tutor/{path.relative_to(ROOT)}" for path in needed if "__pycache__" not in path.parts} <= inside
    assert {str(path.relative_to(ROOT)) for path in ROOT.glob("tutor/**/*.*") if path.suffix in (".py", ".js", ".css")} <= inside
    assert {"tutor/.streamlit/config.toml", "tutor/docs/diagnose.md", "tutor/docs/glossary.md"} <= inside


def test_the_wheel_carries_nothing_else(wheel):
    stray = [name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(("tutor/", "prompt_tutor-"))]
    assert not stray


def ask(installed, code: str, cwd: Path) -> list[str]:
    """The lines that a program prints which sees the wheel."""
    program = [sys.executable, "-c", code]
    return subprocess.run(program, env=installed, cwd=cwd, capture_output=True, text=True, check=True).stdout.splitlines()


def test_an_installed_wheel_finds_its_own_pages_and_theme(installed, tmp_path):
    assert ask(installed, WHERE, tmp_path) == [str(Path(installed["PYTHONPATH"]) / "tutor"), "True"]
    theme = "from tutor.ui.shell import config; print(config.streamlit_options()['theme.light.chartCategoricalColors'][0])"
    assert ask(installed, theme, tmp_path) == ["#0072B2"]


def test_an_installed_wheel_reads_lessons_of_ones_own_beside_its_own(installed, tmp_path):
    (tmp_path / "two-tails.yaml").write_text(EXAMPLE, encoding="utf-8")
    told = installed | {"TUTOR_LESSONS": str(tmp_path)}
    (names,) = ask(told, "from tutor.ui.stage.lesson_file import list_lessons; print(*list_lessons()[0])", tmp_path)
    assert {"ideal", "two-tails"} <= set(names.split())


def test_the_app_starts_from_an_installed_wheel_and_looks_as_it_should(page, installed, serving, tmp_path):
    start = "import sys; from tutor.ui.server import server; server.serve(port=int(sys.argv[1]), browser=False)"
    page.emulate_media(color_scheme="dark")
    with serving(["-c", start, "PORT"], tmp_path, PYTHONPATH=installed["PYTHONPATH"]) as address:
        page.goto(f"{address}/bayes")
        expect(page).to_have_title("Bayes - Prompt Tutor")
        expect(page.locator("[data-testid=stMain] h1").first).to_be_visible()
        expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", "rgb(20, 23, 28)")
