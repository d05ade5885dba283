"""The picture's files for the browser: plotly.js out of the installed package, our modules under a name that changes with them."""

import functools
import gzip
import hashlib
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = ("picture.js", "frames.js", "handle.js", "keys.js", "live.js", "loader.js", "player.js", "replay.js", "sketch.js", "table.js", "theme.js", "picture.css")


@functools.cache
def edition() -> str:
    """A name for this state of the modules, so that a browser may keep them for good."""
    digest = hashlib.sha256()
    for name in MODULES:
        digest.update((FOLDER / name).read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def plotly_address() -> str:
    """Where the page finds plotly.js; the version is that of the Python package that carries it."""
    return f"/plotlyjs/{metadata.version('plotly')}/plotly.min.js"


@functools.cache
def plotly_script() -> bytes:
    """plotly.js, gzipped: 4.8 MB become 1.5."""
    found = metadata.distribution("plotly").locate_file("plotly/package_data/plotly.min.js")
    return gzip.compress(Path(str(found)).read_bytes(), 6)


def module(name: str) -> bytes:
    """One of our modules."""
    return (FOLDER / name).read_bytes()


def shim() -> str:
    """The few lines that Streamlit sends with each picture; they fetch the rest."""
    return (FOLDER / "shim.js").read_text(encoding="utf-8").replace("HASH", edition())
