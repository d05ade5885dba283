"""How high the pictures of all pages are, for the first visitor of a server: `python -m tutor.bench.page_heights` writes the file anew."""

import re
import urllib.request

import orjson

from tutor.bench.app_server import serve_app
from tutor.bench.app_visit import visit_page
from tutor.core.paths import PAGES
from tutor.ui.plot.reserved_room import HEIGHTS, STRIP

RULE = re.compile(r"\.st-key-([a-z0-9_]+):not\(:has\(\.pt-stage\)\) \{ min-height: (\d+)px; \}")


def read_heights(document: str) -> dict[str, int]:
    """Read the heights (pixels) of pictures, by key, from the rules in a page's document."""
    return {key: int(height) - STRIP for key, height in RULE.findall(document)}


def measure_heights() -> dict[str, int]:
    """Visit all pages of a new server, each with its defaults, and return the heights of their pictures (pixels) by key."""
    with serve_app(engine=False) as server:
        for page in sorted(path.stem for path in PAGES.glob("*.py")):
            visit_page(server.address, page)
        asked = urllib.request.Request(server.address, headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked) as answer:
            return read_heights(answer.read().decode())


if __name__ == "__main__":
    HEIGHTS.write_bytes(orjson.dumps(measure_heights(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
