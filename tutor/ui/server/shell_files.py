"""Streamlit's own scripts and styles, compressed once and answered from memory, and those that every page needs announced with it.

Streamlit answers them uncompressed, 2.1 MB for a first visit, and reads each from the disk anew in threads of its own; it asks for
some only when the first message of a page names an element that they draw.
"""

import functools
import gzip
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
FOLDERS = {"/static/js/": ("js", "text/javascript"), "/static/css/": ("css", "text/css")}
LARGEST = 1_000_000
"""Bytes of the largest file that is kept compressed; no page of this app needs a larger one."""
ELEMENTS = ("BidiComponent", "Html", "PageLink")
"""Scripts of elements that stand on every page, by the beginning of their names; Streamlit asks for them late."""
IMPORTED = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")


def static_folder() -> Path:
    """Folder of the document and the files of Streamlit's browser part."""
    return Path(file_util.get_static_dir())


@functools.cache
def list_kept() -> frozenset[str]:
    """List the addresses that are answered from memory."""
    return frozenset(f"{prefix}{path.name}" for prefix, (folder, _) in FOLDERS.items()
                     for path in (static_folder() / "static" / folder).iterdir() if path.stat().st_size <= LARGEST)


@functools.lru_cache(maxsize=512)
def packed(address: str) -> bytes:
    """Return the file at one of the addresses of `list_kept`, gzipped."""
    return gzip.compress((static_folder() / address.lstrip("/")).read_bytes(), 6)


@functools.cache
def list_first() -> tuple[str, ...]:
    """List the addresses that Streamlit's document itself names."""
    names = re.findall(r"\./(static/(?:js|css)/[\w.-]+)", (static_folder() / "index.html").read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(f"/{name}" for name in names))


@functools.cache
def list_late() -> tuple[str, ...]:
    """List the addresses of scripts that every page needs and that the document does not name, with all that they import."""
    scripts = static_folder() / "static" / "js"
    wanted = [path.name for name in ELEMENTS for path in sorted(scripts.glob(f"{name}.*.js"))]
    known, found = {Path(address).name for address in list_first()}, []
    while wanted:
        name = wanted.pop(0)
        if name not in known:
            known.add(name)
            found.append(f"/static/js/{name}")
            wanted += IMPORTED.findall((scripts / name).read_text(encoding="utf-8"))
    return tuple(found)


def pack_first() -> None:
    """Compress what every first visit fetches."""
    for address in (*list_first(), *list_late()):
        if address in list_kept():
            packed(address)


class ShellFiles:
    """ASGI middleware that answers for Streamlit's own scripts and styles where the browser takes them compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in list_kept()
        if not asked or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        kind = next(kind for prefix, (_, kind) in FOLDERS.items() if scope["path"].startswith(prefix))
        await Response(packed(scope["path"]), media_type=kind, headers=HEADERS)(scope, receive, send)
