"""Many visitors at once: each walks through all pages over the app's socket, and every answer that holds an error is counted."""

import statistics
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from tutor.bench.app_server import RunningApp, serve_app
from tutor.bench.app_visit import connect_visitor, run_page
from tutor.core.paths import PAGES

VISITORS, RUNS = 100, 3000


def measure_visitors() -> list[dict]:
    """Let a hundred visitors walk through all pages at once, and count runs and errors of each page and the median wait (seconds)."""
    with serve_app() as server:
        return walk_pages(server, VISITORS, RUNS)


def walk_pages(server: RunningApp, many: int, runs: int) -> list[dict]:
    """Let visitors ask for pages at the same time, each beginning with another page.

    Parameters
    ----------
    server
        The running app.
    many
        Visitors.
    runs
        Pages in all, shared among the visitors.

    Returns
    -------
    list
        A row per page and one for all: runs, errors, median seconds of the answers without error, and the first error.
    """
    pages = sorted(path.stem for path in PAGES.glob("*.py"))
    with ThreadPoolExecutor(many) as pool:
        walks = pool.map(lambda one: _walk(server.address, pages[one % len(pages):] + pages[:one % len(pages)], runs // many), range(many))
        met = [visit for walk in walks for visit in walk]
    failed = Counter(page for page, _, wrong in met if wrong)
    rows = []
    for page in (*pages, "all pages"):
        here = [(seconds, wrong) for name, seconds, wrong in met if page in (name, "all pages")]
        first = next((wrong for _, wrong in here if wrong), "")
        errors = failed.total() if page == "all pages" else failed[page]
        waited = [seconds for seconds, wrong in here if not wrong]
        middle = round(statistics.median(waited), 3) if waited else ""
        rows.append({"page": page, "runs": len(here), "errors": errors, "median s": middle, "first": first[:120]})
    return rows


def _walk(address: str, pages: list[str], runs: int) -> list[tuple[str, float, str]]:
    """Page, seconds and what went wrong, for each page that one visitor asks for, one after another."""
    found = []
    with connect_visitor(address) as socket:
        for page in islice((page for _ in range(runs) for page in pages), runs):
            try:
                found.append((page, run_page(socket, page).seconds, ""))
            except RuntimeError as error:
                found.append((page, 0.0, str(error)))
    return found
