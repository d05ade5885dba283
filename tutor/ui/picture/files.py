"""The picture's files for the browser: plotly.js out of the installed package, our modules under a name that changes with them."""

import functools
import gzip
import hashlib
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).parent
SHIM = FOLDER / "shim.js"
MODULES = tuple(sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".js", ".css") and path != SHIM))


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


def shim(name: str) -> str:
    """The few lines that Streamlit sends with each component; they fetch the module of that name."""
    return SHIM.read_text(encoding="utf-8").replace("ADDRESS", f"picture/{edition()}/{name}")
