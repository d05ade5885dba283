"""How the app is served: one configuration file, one lifespan that holds the engine, one line on the terminal."""

import asyncio
import ctypes
import gc
import importlib
import logging
import os
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from tutor.places import MAIN
from tutor.ui import routes as beside
from tutor.ui import settings
from tutor.ui.headers import Headers
from tutor.ui.picture import files

WARM = ("torch", "pandas", "tutor.store", "tutor.engine", "tutor.figures")   # what every page needs, imported before anybody asks
COLLECT_EVERY = 60.0                                                       # seconds
CONTEXT_LOG = "streamlit.runtime.scriptrunner_utils.script_run_context"


def routes() -> list[Route]:
    """The routes beside Streamlit's own."""
    return beside.routes()


def middleware() -> list[Middleware]:
    """What every answer passes."""
    return [Middleware(Headers)]


def serve(  # noqa: PLR0913 - one for each option of the command
    host: str = "127.0.0.1", port: int | None = None, *, browser: bool = True, store: Path | None = None, scheduler: str | None = None,
    own_models: bool | None = None, lessons: Path | None = None,
) -> None:
    """Serve the app until it is stopped; leaves by SystemExit(130) after Ctrl-C.

    port: None takes the first free one from 8501 on. store: where own runs are kept. scheduler: join this engine, start none.
    lessons: a folder of own ones (None: `lessons` in the store).
    own_models: whether visitors may load models; None lets browsers on this machine do so where nobody else is served.
    """
    allowed = None if own_models is None else str(int(own_models))
    for name, value in (("TUTOR_STORE", store), ("TUTOR_SCHEDULER", scheduler), ("TUTOR_BROWSER", "1" if browser else None),
                        ("TUTOR_OWN_MODELS", allowed), ("TUTOR_LESSONS", lessons)):
        if value is not None:
            os.environ[name] = str(value)
    place = {"server.address": host} | ({"server.port": port} if port is not None else {})
    run(st.App(MAIN, routes=routes(), middleware=middleware(), lifespan=lifespan), **place)


def run(app: st.App, **options) -> None:
    """Run an app with the options of the configuration file, whichever folder it is started from."""
    try:
        app.run(config=settings.options() | {"server.headless": True} | options)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """The engine, the warm-up and the housekeeping live as long as the app does."""
    logging.getLogger(CONTEXT_LOG).addFilter(not_of_a_route)
    async with engine():
        chores = [asyncio.create_task(warm()), asyncio.create_task(collect()), asyncio.create_task(welcome())]
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()


def not_of_a_route(record: logging.LogRecord) -> bool:
    """Whether a line of the log is more than Streamlit's cache finding no visitor: routes use that cache without being anybody's script."""
    return "missing ScriptRunContext" not in record.getMessage()


@asynccontextmanager
async def engine() -> AsyncIterator[None]:
    """The embedded engine, unless the app joins another, is told to live without (TUTOR_ENGINE=off), or has to."""
    async with AsyncExitStack() as held:
        if os.environ.get("TUTOR_ENGINE") != "off" and not os.environ.get("TUTOR_SCHEDULER"):
            from tutor.embedded import EngineError, embedded_engine  # noqa: PLC0415 - an app that joins another engine starts none

            try:
                await held.enter_async_context(embedded_engine())
            except EngineError as error:
                print(f"Runs can be looked at, not computed: {error}", file=sys.stderr)
        yield


async def warm() -> None:
    """Import what pages need and take it out of the garbage collector's sight."""
    await asyncio.to_thread(files.plotly_script)
    for name in WARM:
        await asyncio.to_thread(importlib.import_module, name)
    gc.collect()
    gc.freeze()


async def collect() -> None:
    """Collect garbage on a slow timer, since no rerun does (runner.postScriptGC is off)."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        await asyncio.to_thread(tidy)


def tidy() -> None:
    """Collect garbage, and where the C library can (Linux), give back what the first visits needed for a moment: 80 MB, measured."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def welcome() -> None:
    """Say where the app is, and open a browser there when asked to, once it answers."""
    host, port = st.get_option("server.address") or "127.0.0.1", st.get_option("server.port")
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    await answering(near, port)
    address = f"http://{f'[{near}]' if ':' in near else near}:{port}"
    print(f"Prompt Tutor is at {address} - stop it with Ctrl-C", flush=True)
    if os.environ.get("TUTOR_BROWSER"):
        await asyncio.to_thread(webbrowser.open, address)


async def answering(host: str, port: int) -> None:
    """Wait until the server accepts connections."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
