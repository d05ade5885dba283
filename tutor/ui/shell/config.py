"""The one configuration file, read once: what the server is started with, and the colours that pictures are redrawn in."""

import functools
import tomllib
from typing import Any

from tutor.core.paths import SETTINGS


@functools.cache
def read_tables() -> dict[str, Any]:
    """Read the tables of `.streamlit/config.toml`, once per process."""
    return tomllib.loads(SETTINGS.read_text(encoding="utf-8"))


def streamlit_options() -> dict[str, Any]:
    """Return `.streamlit/config.toml` under Streamlit's dotted names, for a start that does not find the file itself (a built wheel)."""
    return dict(_flat(read_tables()))


@functools.cache
def dark_partners() -> dict[str, str]:
    """Map every colour of the light theme, in lower case, to the colour that replaces it in the dark theme."""
    light, dark = read_tables()["theme"]["light"], read_tables()["theme"]["dark"]
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
