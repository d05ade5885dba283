"""prompt-tutor app: look before opening, so that what cannot work is said in a sentence."""

import re
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tutor.cli.exit_codes import CommandError
from tutor.runs.io.disk import StoreError, default_root, require_writable

ANSWER_WITHIN = 3.0                                # seconds
NAME = re.compile(r"\*|\[?[0-9a-f]*:[0-9a-f:.]+\]?|(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?", re.ASCII | re.IGNORECASE)


def open_app(  # noqa: PLR0913 - one for each option of the command
    host: str, port: int | None, *, browser: bool, store: Path | None, scheduler: str | None, own_models: bool | None = None,
    lessons: Path | None = None, allowed_hosts: Sequence[str] = (),
) -> None:
    """Check the options and serve the app until Ctrl-C.

    Parameters
    ----------
    host
        Address to listen on.
    port
        None is the first free one from 8501 on.
    browser
        Open a browser.
    store
        Folder of the user's own runs; None is the default store.
    scheduler
        Address of a Dask scheduler to join; None starts an embedded engine.
    own_models
        Whether visitors may load models of their own; None allows it to browsers on this machine where nobody else is served.
    lessons
        Folder of the user's own lessons; None is `lessons` in the store.
    allowed_hosts
        Further names under which browsers may ask for the app, such as *.example.org.

    Raises
    ------
    CommandError
        Where an option cannot be used.
    """
    try:
        require_writable((store or default_root()).absolute())
    except StoreError as error:
        raise CommandError(f"{error}; choose another folder with --store") from error
    if port is not None and not 1 <= port <= 65535:
        raise CommandError(f"--port is {port}; it must lie between 1 and 65535")
    if lessons is not None and not lessons.is_dir():
        raise CommandError(f"--lessons is {lessons}; it must be a folder")
    require_names(allowed_hosts)
    require_free(host, port or 0)
    if scheduler is not None:
        require_scheduler(scheduler)
    from tutor.ui.server.server import serve  # noqa: PLC0415 - half a second that a refusal should not wait for

    serve(host, port, browser=browser, store=store and store.absolute(), scheduler=scheduler, own_models=own_models,
          lessons=lessons and lessons.absolute(), allowed_hosts=allowed_hosts)


def require_names(names: Sequence[str]) -> None:
    """Raise CommandError for a name that no request can have, such as one with a port, a path or a scheme."""
    for name in names:
        if not NAME.fullmatch(name):
            raise CommandError(
                f"--allow-host is {name}; it must be a name without port or path, such as tutor.example.org or *.example.org"
            )


def require_free(host: str, port: int) -> None:
    """Raise CommandError unless this program can listen on `port` of `host`; port 0 stands for any."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise CommandError(f"--host is {host}; it must be an address of this computer, such as 127.0.0.1 or 0.0.0.0") from error
    except OSError as error:
        reason = "is in use" if port else "cannot be listened on"
        raise CommandError(f"port {port} of {host} {reason} ({error.strerror.lower()}); choose another with --port or --host") from error


def require_scheduler(address: str) -> None:
    """Raise CommandError unless something listens at the address of the scheduler and certificates for it are configured."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        known = False
    if not known:
        raise CommandError(f"--scheduler is {address}; it must look like tcp://host:8786 or tls://host:8786")
    require_certificates(address)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=ANSWER_WITHIN).close()
    except OSError as error:
        raise CommandError(f"no scheduler answers at {address}; start one with `dask scheduler` or leave --scheduler out") from error


def require_certificates(address: str) -> None:
    """Raise CommandError where Dask's configuration lacks the certificates that a scheduler at this address asks for."""
    from tutor.runs.engine.local_cluster import EngineError  # noqa: PLC0415 - Dask, for those alone who join a scheduler
    from tutor.runs.engine.scheduler_security import security_for  # noqa: PLC0415

    try:
        security_for(address)
    except EngineError as error:
        raise CommandError(str(error)) from error
