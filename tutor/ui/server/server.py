"""How the app is served: one configuration file, one lifespan that holds the engine, one line on the terminal."""

import asyncio
import gc
import importlib
import logging
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import streamlit as st
import threadpoolctl
from starlette.middleware import Middleware
from starlette.routing import Route

from tutor.core.paths import MAIN
from tutor.ui.network.network_addresses import NETWORK
from tutor.ui.plot import plot_files
from tutor.ui.server import host_check, memory, shell_files
from tutor.ui.server import routes as beside
from tutor.ui.server.headers import SecurityHeaders
from tutor.ui.server.host_check import HostCheck
from tutor.ui.server.page_document import DocumentScript
from tutor.ui.server.shell_files import ShellFiles
from tutor.ui.shell import config
from tutor.ui.shell.page_imports import import_for_pages

WARM = ("scipy.optimize", "scipy.special", "tutor.runs.engine.client")
"""What pages import inside of functions, which would else happen in many visitors' threads at once."""
CONTEXT_LOG = "streamlit.runtime.scriptrunner_utils.script_run_context"


def routes() -> list[Route]:
    """All routes of the app that are not Streamlit's."""
    return beside.routes()


def list_middleware() -> list[Middleware]:
    """Middleware of every answer, outermost first."""
    return [Middleware(SecurityHeaders), Middleware(HostCheck), Middleware(ShellFiles), Middleware(DocumentScript)]


def serve(  # noqa: PLR0913 - one for each option of the command
    host: str = "127.0.0.1", port: int | None = None, *, browser: bool = True, store: Path | None = None, scheduler: str | None = None,
    own_models: bool | None = None, lessons: Path | None = None, allowed_hosts: Sequence[str] = (),
) -> None:
    """Serve the app until it is stopped; raises SystemExit(130) after Ctrl-C.

    Parameters
    ----------
    port
        None takes the first free port from 8501 on.
    browser
        Whether to open a browser at the app's address.
    store
        Folder of the user's own runs; None leaves $TUTOR_STORE or the default.
    scheduler
        Address of a running engine to use; None starts one.
    own_models
        Whether visitors may load models; None allows it only to browsers on this machine, and only while no other machine is served.
    lessons
        Folder of the user's own lessons; None means `lessons` in the store.
    allowed_hosts
        Names that visitors may use for this server, beside those that `tutor.ui.server.host_check` accepts.
    """
    allowed = None if own_models is None else str(int(own_models))
    for name, value in (("TUTOR_STORE", store), ("TUTOR_SCHEDULER", scheduler), ("TUTOR_BROWSER", "1" if browser else None),
                        ("TUTOR_OWN_MODELS", allowed), ("TUTOR_LESSONS", lessons), (host_check.ALLOWED, ",".join(allowed_hosts) or None)):
        if value is not None:
            os.environ[name] = str(value)
    place = {"server.address": host} | ({"server.port": port} if port is not None else {})
    run_app(st.App(MAIN, routes=routes(), middleware=list_middleware(), lifespan=lifespan), **place)


def run_app(app: st.App, **options) -> None:
    """Run an app with the options of the configuration file, from any working directory; raises SystemExit(130) after Ctrl-C."""
    try:
        app.run(config=config.streamlit_options() | {"server.headless": True} | options)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Run the engine, the warm-up and housekeeping tasks for as long as the app runs."""
    logging.getLogger(CONTEXT_LOG).addFilter(not_of_a_route)
    memory.set_up_allocator()
    limit_matrix_threads()
    host_check.adopt_allowed_hosts()
    async with run_engine():
        chores = [asyncio.create_task(warm_up()), asyncio.create_task(memory.keep_tidy()), asyncio.create_task(announce_address())]
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()


def not_of_a_route(record: logging.LogRecord) -> bool:
    """Log filter that drops Streamlit's warning about a missing script context, which its cache writes when a route uses it."""
    return "missing ScriptRunContext" not in record.getMessage()


@asynccontextmanager
async def run_engine() -> AsyncIterator[None]:
    """Run the embedded engine, unless the app uses another, TUTOR_ENGINE is "off", or the engine cannot start."""
    async with AsyncExitStack() as held:
        if os.environ.get("TUTOR_ENGINE") != "off" and not os.environ.get("TUTOR_SCHEDULER"):
            # An app that joins another engine starts none.
            from tutor.runs.engine.local_cluster import EngineError, embedded_engine  # noqa: PLC0415

            try:
                await held.enter_async_context(embedded_engine())
            except EngineError as error:
                print(f"Runs can be looked at, not computed: {error}", file=sys.stderr)
        yield


def limit_matrix_threads() -> None:
    """Let NumPy and SciPy multiply matrices on one thread, as far as they are loaded; torch keeps its own threads.

    Small products on many threads wait for each other beside a busy process: the page Inside took 26 s with them, 14 s without.
    """
    threadpoolctl.threadpool_limits(1, "blas")


async def warm_up() -> None:
    """Import what pages need, make what the front door's first visitor fetches, and exempt all that from garbage collection."""
    await asyncio.to_thread(import_for_pages)
    limit_matrix_threads()
    await asyncio.to_thread(make_front_door)
    for name in WARM:
        await asyncio.to_thread(importlib.import_module, name)
    limit_matrix_threads()
    await asyncio.to_thread(plot_files.plotly_script)
    await asyncio.to_thread(shell_files.pack_first)
    gc.collect()
    gc.freeze()


def make_front_door() -> None:
    """Make the files of the network that runs in the page Home, and of its film."""
    from tutor.ui.experiment import film_files  # noqa: PLC0415 - they load torch
    from tutor.ui.network import network_files  # noqa: PLC0415

    network_files.pack_network_file(NETWORK)
    film_files.make_film_file(NETWORK)


async def announce_address() -> None:
    """Print the address of the app once it answers, and open a browser there if asked to."""
    host, port = st.get_option("server.address") or "127.0.0.1", st.get_option("server.port")
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    await await_server(near, port)
    address = f"http://{f'[{near}]' if ':' in near else near}:{port}"
    print(f"Prompt Tutor is at {address} - stop it with Ctrl-C", flush=True)
    if os.environ.get("TUTOR_BROWSER"):
        await asyncio.to_thread(webbrowser.open, address)


async def await_server(host: str, port: int) -> None:
    """Wait until the server accepts connections."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
