"""What stands around the code says what the code says: versions, tested dependencies, and where a new thing goes."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import quick
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TESTED = dict(line.split("==") for line in (ROOT / "requirements-tested.txt").read_text("utf-8").splitlines() if "==" in line)


def required() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for text in (*PROJECT["dependencies"], *(one for extra in extras for one in extra))]


def test_the_tested_set_has_every_dependency_in_its_range():
    tested = {name.lower().replace("_", "-"): version for name, version in TESTED.items()}
    assert not {one.name for one in required() if not one.specifier.contains(Version(tested[one.name.lower()]))}


def test_a_version_that_is_a_date_has_an_upper_bound():
    """The next year's release may change anything: calendar versions promise nothing."""
    dated = {name.lower() for name, version in TESTED.items() if Version(version).major >= 2000}
    unbounded = [one.name for one in required() if one.name in dated and not any(bound.operator.startswith("<") for bound in one.specifier)]
    assert not unbounded


def test_a_worker_needs_what_the_project_needs_except_for_what_only_pages_use():
    lines = (ROOT / "requirements-worker.txt").read_text("utf-8").splitlines()
    dependencies = PROJECT["dependencies"]
    of_a_worker = [line for line in lines if not line.startswith("#")]
    assert of_a_worker == [one for one in dependencies if one in of_a_worker]
    left = {Requirement(one).name for one in dependencies if one not in of_a_worker}
    assert left == {"streamlit", "plotly", "pillow", "pandas", "websockets", "scikit-learn", "threadpoolctl"}


WORKER = """
import sys
sys.modules.update(dict.fromkeys(("streamlit", "plotly", "pandas", "websockets", "sklearn")))      # as if they were not installed
from smallest import tuning
import tutor, tutor.cli
import tutor.runs.engine.client, tutor.runs.engine.local_cluster, tutor.runs.engine.preload_worker, tutor.runs.engine.worker_tasks
from tutor import studies
from tutor.cli import answer_command
assert tutor.__version__ and studies.STUDIES
open("spec.toml", "w").write(tuning().to_toml())
sys.exit(answer_command(["run", "spec.toml", "--store", "runs"]))
"""


def test_a_worker_computes_a_run_without_streamlit_plotly_or_pandas(tmp_path):
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run([sys.executable, "-c", WORKER], cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths},
                         capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "runs").is_dir()


def test_the_files_of_quick_tests_exist_and_start_no_page():
    files = [ROOT / "tests" / f"test_{name}.py" for name in quick.NAMES]
    texts = {path.name: path.read_text("utf-8") for path in files}
    forbidden = re.compile(r"^(?:from|import) (?:visiting|walking|playwright|streamlit)", re.MULTILINE)
    assert len(texts) == len(quick.NAMES) and not [name for name, text in texts.items() if forbidden.search(text)]


def test_the_citation_names_this_version_and_the_works():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert len(citation["references"]) >= 4 and all(work["authors"] and work["title"] for work in citation["references"])


def test_the_changelog_knows_this_version():
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_contributing_names_folders_and_registries_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:tutor|pages|assets)[\w/]*)/NAME", text)
    assert len(named) >= 7 and not [folder for folder in named if not (ROOT / folder).is_dir()]
    registries = re.findall(r"registry `([A-Z]+)`", text)
    code = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tutor/**/__init__.py"))
    assert len(registries) >= 5 and not [name for name in registries if not re.search(rf"^{name}\b", code, re.MULTILINE)]
