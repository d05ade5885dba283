"""The one configuration file, read once: what the server is started with, and the colours that pictures are redrawn in."""

import functools
import tomllib
from typing import Any

from tutor.places import SETTINGS


@functools.cache
def tables() -> dict[str, Any]:
    """The tables of `.streamlit/config.toml`."""
    return tomllib.loads(SETTINGS.read_text(encoding="utf-8"))


def options() -> dict[str, Any]:
    """The same as Streamlit's dotted options, for a start that does not find the file by itself (a built wheel)."""
    return dict(_flat(tables()))


@functools.cache
def partners() -> dict[str, str]:
    """Every colour of the light theme, lower case, with the colour that stands in its place in the dark one."""
    light, dark = tables()["theme"]["light"], tables()["theme"]["dark"]
    pairs = {"#000000": dark["textColor"]}
    for name in light.keys() & dark.keys():
        ours, theirs = light[name], dark[name]
        both = zip(ours, theirs, strict=True) if isinstance(ours, list) else [(ours, theirs)]
        pairs |= {bright.lower(): dim for bright, dim in both if isinstance(bright, str) and bright.startswith("#")}
    return pairs


def _flat(table: dict[str, Any], prefix: str = ""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
