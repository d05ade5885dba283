"""Headers on every answer: what the page may load, and which files the browser should fetch while it reads the page."""

import functools

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.ui.network.network_addresses import NETWORK, film_address, network_address
from tutor.ui.plot import plot_files
from tutor.ui.server import shell_files
from tutor.ui.shell import browser_modules

FONT = "/fonts/inter.woff2"
"""The font of all pages, as .streamlit/config.toml names it."""
POLICY = "; ".join([
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' blob:",    # Streamlit's page has one inline script; its components are blob modules
    "style-src 'self' 'unsafe-inline'",           # Streamlit and plotly.js write styles while they run
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "connect-src 'self'",                         # nothing on any page talks to another host
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
])
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""Of worker.js, a thread without a page: it alone may run WebAssembly, and may do nothing else beside fetching from this server."""
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For answers whose address changes with what they say."""
GZIPPED = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
"""For answers that are compressed already."""
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


@functools.cache
def preload_header(front_door: bool) -> str:
    """Link header by which browsers fetch what the first picture needs while Streamlit is still starting.

    On every page that is what Streamlit itself asks for late; on the front door also the network that runs in the page, its film and its
    modules, elsewhere plotly.js and the picture's modules.
    """
    folders = ("experiment", "network") if front_door else ("plot",)
    parts = [module.split("/") for module in browser_modules.list_modules() if module.endswith(".js")]
    modules = [f"<{browser_modules.module_address(folder, name)}>; rel=modulepreload" for folder, name in parts if folder in folders]
    files = [f"<{address}>; rel=preload; as=fetch; crossorigin" for address in (film_address(NETWORK), network_address(NETWORK))]
    first = [f"<{FONT}>; rel=preload; as=font; type=font/woff2; crossorigin"]
    late = [f"<{address}>; rel=modulepreload" for address in shell_files.list_late()]
    return ", ".join([*first, *late, *modules, *(files if front_door else [f"<{plot_files.plotly_address()}>; rel=preload; as=script"])])


class SecurityHeaders:
    """ASGI middleware that adds security headers to every answer, and the preload header to every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Link"] = preload_header(scope["path"].strip("/") in ("", "home"))
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
