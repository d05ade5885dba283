"""Room for pictures that are on their way: as high as they were drawn last, so that a page does not jump when they come.

Before a server has drawn any, it takes the heights of the pages with their defaults, which come with the package.
"""

import re
from pathlib import Path

import orjson

HEIGHTS = Path(__file__).with_name("heights.json")
"""Pixels by key, written by `python -m tutor.bench.page_heights`."""
MOST = 200
"""Pictures whose heights are kept."""
NAME = re.compile(r"[a-z0-9_]{1,60}")
STRIP = 14
"""Pixels of the strip for buttons above a picture that do not lie in the gap of the page."""

_heights: dict[str, int] = orjson.loads(HEIGHTS.read_bytes())


def remember_height(key: str, height: int) -> None:
    """Remember how high (pixels) the picture with this key is, for all visitors; the oldest are forgotten."""
    if not NAME.fullmatch(key):
        return
    _heights.pop(key, None)
    _heights[key] = height
    for oldest in list(_heights)[:-MOST]:
        _heights.pop(oldest, None)


def room_rules() -> str:
    """Rules of a style sheet that keep the room of every picture remembered, until it is there."""
    return "".join(f".st-key-{key}:not(:has(.pt-stage)) {{ min-height: {height + STRIP}px; }}" for key, height in list(_heights.items()))
