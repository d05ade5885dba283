"""The browser's modules: folders of JavaScript, CSS and WebAssembly below tutor/ui, under one address that changes with their content.

A module imports one of another folder by its relative path, such as "../network/client.js": folders are neighbours here and there.
"""

import functools
import gzip
import hashlib
from pathlib import Path

UI = Path(__file__).parent.parent
FOLDERS = ("plot", "network", "experiment", "stage")
"""Folders of tutor/ui whose modules browsers may fetch."""
KINDS = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm"}
SHIM = Path(__file__).parent / "shim.js"


@functools.cache
def list_modules() -> tuple[str, ...]:
    """List all browser modules as "folder/name", sorted."""
    return tuple(sorted(f"{folder}/{path.name}" for folder in FOLDERS for path in (UI / folder).iterdir() if path.suffix in KINDS))


@functools.cache
def modules_version() -> str:
    """Hash of all browser modules, which is part of their address so that browsers may cache them for good."""
    digest = hashlib.sha256()
    for module in list_modules():
        digest.update(module.encode() + read_module(module))
    return digest.hexdigest()[:12]


def module_address(folder: str, name: str) -> str:
    """Address of the module of this file name in one of FOLDERS."""
    return f"/modules/{modules_version()}/{folder}/{name}"


def read_module(module: str) -> bytes:
    """Read a browser module, named as in `list_modules`."""
    return (UI / module).read_bytes()


@functools.lru_cache(maxsize=256)
def pack_module(module: str) -> bytes:
    """Return a browser module, gzipped once per process."""
    return gzip.compress(read_module(module), 6)


def make_shim(folder: str, name: str) -> str:
    """Return the short script that Streamlit sends with a component; it imports the module of this file name in one of FOLDERS."""
    return SHIM.read_text(encoding="utf-8").replace("ADDRESS", module_address(folder, name).lstrip("/"))
