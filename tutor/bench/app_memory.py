"""What the server's memory goes to: what its imports weigh one after another, and what every page leaves behind.

Everything is memory of a process with each shared page divided among its users (PSS), in MiB. `app` measures the whole; this
says which part of it came with what.
"""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tutor.bench import app_browser
from tutor.bench.app_server import RunningApp, list_descendants, make_environment, serve_app
from tutor.bench.app_speed import NO_PROC, measure_memory
from tutor.bench.app_visit import visit_page
from tutor.core.paths import PAGES

IMPORTS = ("numpy", "pandas", "streamlit", "torch", "tutor.runs.spec", "tutor.runs.engine.client")
"""In the order in which a server comes to them, each with all that it imports itself."""
ROLLUP = Path("/proc/self/smaps_rollup")
WEIGHING = f"""
import importlib, sys
for name in ["sys", *sys.argv[1:]]:
    importlib.import_module(name)
    print(next(int(line.split()[1]) for line in open("{ROLLUP}") if line.startswith("Pss:")) / 1024)
"""
REST_S = 65.0                                       # seconds after which a server has tidied up, however rarely it does
REACHED_S = 3.0                                     # seconds in which a page fetches what it asks for beside its script

Rows = list[dict[str, Any]]


def measure_app_memory() -> Rows:
    """Measure what imports add (MiB), and the server's memory before the first visit, after each page and after a rest."""
    rows = weigh_imports()
    with serve_app() as server:
        time.sleep(REST_S)
        weights = {"server before the first visit": weigh_server(server)}
        weights |= visit_pages(server)
        time.sleep(REST_S)
        weights["server after a rest"] = weigh_server(server)
    return [*rows, *list_steps(weights)]


def weigh_imports() -> Rows:
    """Measure what each of IMPORTS adds to a fresh process that has those before it; a sentence where the system does not tell."""
    if not ROLLUP.exists():
        return [{"part": "imports", "MB": NO_PROC, "more": ""}]
    command = [sys.executable, "-c", WEIGHING, *IMPORTS]
    said = subprocess.run(command, env=make_environment(engine=False), capture_output=True, text=True, check=True).stdout
    return list_steps(dict(zip(("python alone", *(f"import {name}" for name in IMPORTS)), map(float, said.split()), strict=True)))


def visit_pages(server: RunningApp) -> dict[str, float | str]:
    """Visit all pages, in a browser where there is one, and return the server's memory (MiB) after each."""
    weights = {}
    with ExitStack() as held:
        tab = None if app_browser.explain_missing_browser() else held.enter_context(app_browser.open_browser())
        for page in sorted(path.stem for path in PAGES.glob("*.py")):
            if tab is None:
                visit_page(server.address, page)
            else:
                tab.goto(f"{server.address}/{'' if page == 'home' else page}")
                tab.locator(app_browser.IDLE_SELECTOR).wait_for()
                time.sleep(REACHED_S)
            weights[f"server after page {page}"] = weigh_server(server)
    return weights


def weigh_server(server: RunningApp) -> float | str:
    """Measure the memory (MiB) of the server's own process."""
    return measure_memory(list_descendants(server.pid)[0])


def list_steps(weights: dict[str, float | str]) -> Rows:
    """List weights that follow each other, rounded, each with what it has more than the one before it."""
    rows, last = [], None
    for part, weight in weights.items():
        known = not isinstance(weight, str)
        more = round(weight - last, 1) if known and isinstance(last, float) else ""
        rows.append({"part": part, "MB": round(weight, 1) if known else weight, "more": more})
        last = weight
    return rows
