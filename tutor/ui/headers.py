"""Headers on every answer: what the page may load, and which files the browser should fetch while it reads the page."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.ui.picture import files

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
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For answers whose address changes with what they say."""
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


def preload() -> str:
    """plotly.js and the picture's modules, as a Link header: they arrive while Streamlit is still starting."""
    modules = [f"</picture/{files.edition()}/{name}>; rel=modulepreload" for name in files.MODULES if name.endswith(".js")]
    return ", ".join([f"<{files.plotly_address()}>; rel=preload; as=script", *modules])


class Headers:
    """Plain ASGI: adds the headers above to every answer, and the preload to every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Link"] = preload()
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
