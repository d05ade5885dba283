"""The document that every page starts from: Streamlit's, which is told first how addresses are kept and where the server is.

Other sites that show a link to it find a title, a sentence and a picture.

With it a browser gets the cookie that tells visitors apart; it holds a random name and nothing else.
"""

import functools
import secrets
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.core.paths import PAGES
from tutor.ui.plot.reserved_room import room_rules
from tutor.ui.server.link_preview import preview_tags
from tutor.ui.shell import sessions

SCRIPT = Path(__file__).with_name("history.js")
STYLES = Path(sessions.__file__).with_name("frame.css")
HEAD = b"<head>"
SERVER = """window.__streamlit = {{ BACKEND_BASE_URL: location.origin + location.pathname.replace(/\\/({pages})\\/*$/, "/") }};"""
"""Without it the browser asks for the server's health below every page's own address first, where nobody answers."""
OF_THE_FILE = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
"""What a browser may ask of the file as it is; with the script inside it is another, which is sent whole and uncompressed (10 kB)."""


@functools.cache
def head_elements() -> bytes:
    """What comes first in the head of the document: the script that must run before all others, and the styles of the frame."""
    pages = "|".join(sorted(page.stem for page in PAGES.glob("*.py")))
    script, styles = (path.read_text(encoding="utf-8") for path in (SCRIPT, STYLES))
    return f"<script>{SERVER.format(pages=pages)}\n{script}</script><style>{styles}</style>".encode()


class DocumentScript:
    """ASGI middleware that inserts the script into every page that a browser opens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        begun: list[Message] = []
        parts: list[bytes] = []

        async def with_script(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                begun.append(message)
            elif begun and message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await _send(begun.pop(), b"".join(parts), send, Request(scope))
            else:
                await send(message)

        asked = [(name, value) for name, value in scope["headers"] if name not in OF_THE_FILE]
        await self.app({**scope, "headers": asked}, receive, with_script)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")


async def _send(start: Message, body: bytes, send: Send, request: Request) -> None:
    first = head_elements() + f"<style>{room_rules()}</style>{preview_tags(request)}".encode()
    body = body.replace(HEAD, HEAD + first, 1)
    headers = MutableHeaders(raw=start["headers"])
    headers["content-length"] = str(len(body))
    if sessions.COOKIE not in request.cookies:
        headers.append("set-cookie", f"{sessions.COOKIE}={secrets.token_hex(8)}; Path=/; HttpOnly; SameSite=Lax")
    for name in ("etag", "last-modified", "accept-ranges"):
        del headers[name]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})
