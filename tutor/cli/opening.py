"""prompt-tutor app: look before opening, so that what cannot work is said in a sentence."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from tutor.cli.answers import Refusal
from tutor.disk import StoreError, default_root, require_writable

ANSWER_WITHIN = 3.0                                # seconds


def open_app(  # noqa: PLR0913 - one for each option of the command
    host: str, port: int | None, *, browser: bool, store: Path | None, scheduler: str | None, own_models: bool | None = None,
    lessons: Path | None = None,
) -> None:
    """Serve the app until Ctrl-C. Raises Refusal for a store, a port, a scheduler or a folder of lessons that cannot be used."""
    try:
        require_writable((store or default_root()).absolute())
    except StoreError as error:
        raise Refusal(f"{error}; choose another folder with --store") from error
    if port is not None and not 1 <= port <= 65535:
        raise Refusal(f"--port is {port}; it must lie between 1 and 65535")
    if lessons is not None and not lessons.is_dir():
        raise Refusal(f"--lessons is {lessons}; it must be a folder")
    require_free(host, port or 0)
    if scheduler is not None:
        require_scheduler(scheduler)
    from tutor.ui.server import serve  # noqa: PLC0415 - half a second that a refusal should not wait for

    serve(host, port, browser=browser, store=store and store.absolute(), scheduler=scheduler, own_models=own_models,
          lessons=lessons and lessons.absolute())


def require_free(host: str, port: int) -> None:
    """Raise Refusal unless this program can listen on `port` of `host` (port 0: any)."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise Refusal(f"--host is {host}; it must be an address of this computer, such as 127.0.0.1 or 0.0.0.0") from error
    except OSError as error:
        reason = "is in use" if port else "cannot be listened on"
        raise Refusal(f"port {port} of {host} {reason} ({error.strerror.lower()}); choose another with --port or --host") from error


def require_scheduler(address: str) -> None:
    """Raise Refusal unless something listens at the scheduler's address."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        known = False
    if not known:
        raise Refusal(f"--scheduler is {address}; it must look like tcp://host:8786")
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=ANSWER_WITHIN).close()
    except OSError as error:
        raise Refusal(f"no scheduler answers at {address}; start one with `dask scheduler` or leave --scheduler out") from error
