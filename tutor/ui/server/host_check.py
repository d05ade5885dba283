"""Who is meant by a request, and which page sent it: a site whose name was made to lead here is refused (DNS rebinding).

Every browser says in `Host` which name it used, and in `Origin` which page asks. On a loopback address only this machine's
own loopback names are answered; elsewhere also addresses, which no site can rebind, and the names of this machine.
"""

import asyncio
import functools
import ipaddress
import os
import re
import socket
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

ALLOWED = "TUTOR_ALLOWED_HOSTS"                    # environment: further names, *.example.org or *, separated by commas
FORM = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::(?P<port>[0-9]{0,5}))?",
                  re.ASCII | re.IGNORECASE)
PRIVATE = "/_stcore/metrics"                       # Streamlit counts sessions and caches there; nobody here reads it
UNCLEAR = "A request must name one host, such as localhost:8501, and a path."
FOREIGN = "This app does not answer to that name; whoever runs it can allow it with `prompt-tutor app --allow-host NAME`."
ELSEWHERE = "This request comes from a page of another site."


@dataclass(frozen=True)
class Host:
    """The host of a request: a name in lower case or a normalised address, and the port, if any."""

    name: str
    port: int | None

    @classmethod
    def of(cls, text: str) -> "Host | None":
        """Parse a host; None where the text is none."""
        found = FORM.fullmatch(text)
        if not found or int(found["port"] or 0) > 65535:
            return None
        address = address_of(found["six"] or found["name"])
        if found["six"] and address is None:
            return None
        return cls(str(address or found["name"].lower()), int(found["port"]) if found["port"] else None)


def address_of(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Parse an IP address, with IPv4-mapped IPv6 as IPv4; None for a name."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(name: str) -> bool:
    """Whether a name always resolves to the machine that uses it: localhost or a loopback address."""
    address = address_of(name)
    return address.is_loopback if address else name == "localhost"


def is_open(arrived: str) -> bool:
    """Whether the app serves other machines; `arrived` is the local address at which a request came in."""
    listening = config.get_option("server.address") or "0.0.0.0"
    came = address_of(arrived)
    return not is_loopback(listening) or (came is not None and not came.is_loopback)


@functools.cache
def own_names() -> frozenset[str]:
    """Names of this machine, in lower case; the first call may wait seconds for the name service."""
    name = socket.gethostname().lower()
    return frozenset({name, f"{name.partition('.')[0]}.local", socket.getfqdn().lower()}) - {""}


def is_allowed(name: str) -> bool:
    """Whether the operator allowed this name in TUTOR_ALLOWED_HOSTS: literally, by *.example.org, or by *."""
    patterns = [pattern.strip().lower().strip("[]").rstrip(".") for pattern in os.environ.get(ALLOWED, "").split(",")]
    return any(pattern in (name, "*") or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns)


def adopt_allowed_hosts() -> None:
    """Move `server.allowedHosts` into our own list, since Streamlit would check it for WebSockets only, and against localhost too."""
    if names := config.get_option("server.allowedHosts"):
        os.environ[ALLOWED] = ",".join([*os.environ.get(ALLOWED, "").split(","), *names])
        config.set_option("server.allowedHosts", [])


async def answers_to(name: str, arrived: str) -> bool:
    """Whether a request that came in at address `arrived` may call this machine `name`."""
    if is_loopback(name) or is_allowed(name):
        return True
    if not is_open(arrived):
        return False
    listening = config.get_option("server.address")
    return address_of(name) is not None or name == listening or name in await asyncio.to_thread(own_names)


def is_same_site(origin: str, host: Host) -> bool:
    """Whether a page of `origin` may send requests to `host`: it is the same site, or `server.corsAllowedOrigins` lists it."""
    if origin in config.get_option("server.corsAllowedOrigins") or not config.get_option("server.enableCORS"):
        return True
    scheme, _, place = origin.partition("://")
    usual = {"http": 80, "https": 443}.get(scheme)
    sender = Host.of(place)
    return usual is not None and sender is not None and (sender.name, sender.port or usual) == (host.name, host.port or usual)


async def refuse_request(scope: Scope) -> tuple[int, str] | None:
    """Return status and sentence for a request to refuse; None for a request to answer."""
    said = {name: [value.decode("latin-1") for key, value in scope["headers"] if key == name] for name in (b"host", b"origin")}
    host = Host.of(said[b"host"][0]) if len(said[b"host"]) == 1 else None
    if host is None or len(said[b"origin"]) > 1 or not scope["path"].startswith("/"):
        return 400, UNCLEAR
    if not await answers_to(host.name, (scope.get("server") or [""])[0] or ""):
        return 403, FOREIGN
    if said[b"origin"] and not is_same_site(said[b"origin"][0], host):
        return 403, ELSEWHERE
    return (404, "There is nothing here.") if scope["path"].endswith(PRIVATE) else None


class HostCheck:
    """ASGI middleware that refuses requests and WebSockets from foreign hosts before anything behind it sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = None if scope["type"] == "lifespan" else await refuse_request(scope)
        if refused is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            status, sentence = refused
            await PlainTextResponse(sentence, status, headers={"Cache-Control": "no-store"})(scope, receive, send)
        else:
            await receive()                        # the wish to connect; closed before it is accepted, the answer is 403
            await send({"type": "websocket.close", "code": 1008})
