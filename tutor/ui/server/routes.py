"""What the browser fetches beside Streamlit: the picture's files, a run's events as they are written, a run as a zip.

These routes stand outside Streamlit's sessions, so every value that arrives is checked here.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tutor.core.paths import ASSETS
from tutor.core.versions import __version__
from tutor.runs.engine import scheduler_address
from tutor.runs.io.disk import StoreError
from tutor.ui.plot import plot_files
from tutor.ui.server.headers import FONT, FOR_GOOD, GZIPPED, WORKER_POLICY
from tutor.ui.shell import browser_modules, visitor_runs
from tutor.ui.shell.sessions import WATCHERS

if TYPE_CHECKING:
    from tutor.runs.folder import RunFolder

MAX_EVENT_BYTES = 1 << 20          # bytes of events in one answer; the reader asks again
NAME = 64               # longest name of a tab or session that is listened to


def routes() -> list[Route]:
    """All routes of the app that are not Streamlit's."""
    return [
        Route(plot_files.plotly_address(), answer_plotly),
        *(Route(browser_modules.module_address(*module.split("/")), answer_module) for module in browser_modules.list_modules()),
        Route("/networks/{key}.bin", answer_network),
        Route("/films/{key}.json", answer_belief_film),
        Route(FONT, answer_font),
        Route("/card.png", answer_card),
        Route("/api/runs/{key}/events", answer_events),
        Route("/api/runs/{key}/export.zip", answer_export),
        Route("/api/runs/{key}/film", answer_run_film),
        Route("/api/health", answer_health),
    ]


async def answer_plotly(request: Request) -> Response:
    """Answer with plotly.js of the installed package, gzipped once per process."""
    packed = await asyncio.to_thread(plot_files.plotly_script)
    return Response(packed, media_type="text/javascript", headers=FOR_GOOD | GZIPPED)


async def answer_module(request: Request) -> Response:
    """Answer with one of the browser modules; its address changes with its content, so browsers may keep it."""
    module = "/".join(request.url.path.rsplit("/", 2)[1:])
    headers = FOR_GOOD | {"Vary": "Accept-Encoding"}
    if Path(module).name == "worker.js":
        headers["Content-Security-Policy"] = WORKER_POLICY
    kind, body = browser_modules.KINDS[Path(module).suffix], browser_modules.read_module
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= GZIPPED
        body = browser_modules.pack_module
    return Response(body(module), media_type=kind, headers=headers)


async def answer_network(request: Request) -> Response:
    """Answer with the file of a network that runs in the page; status 404 and a sentence where there is none, or it is too large."""
    from tutor.ui.network import network_files  # noqa: PLC0415 - it loads torch

    try:
        packed = await asyncio.to_thread(network_files.pack_network_file, request.path_params["key"])
    except StoreError as error:
        return PlainTextResponse(error_text(error), 404)
    return Response(packed, media_type="application/octet-stream", headers=FOR_GOOD | GZIPPED)


async def answer_belief_film(request: Request) -> Response:
    """Answer with the film of a network as a map of beliefs, gzipped; status 404 and a sentence where there is none."""
    from tutor.ui.experiment import film_files  # noqa: PLC0415 - it loads torch

    try:
        packed = await asyncio.to_thread(film_files.make_film_file, request.path_params["key"])
    except StoreError as error:
        return PlainTextResponse(error_text(error), 404)
    return Response(packed, media_type="application/json", headers=FOR_GOOD | GZIPPED)


async def answer_font(request: Request) -> Response:
    """Answer with the font of all pages."""
    return FileResponse(ASSETS / "fonts" / "inter.woff2", media_type="font/woff2", headers=FOR_GOOD)


async def answer_card(request: Request) -> Response:
    """Answer with the picture that other sites show beside a link to the app."""
    from tutor.ui.server import link_preview  # noqa: PLC0415 - nothing of it is needed before somebody asks

    card = await asyncio.to_thread(link_preview.make_card)
    return Response(card, media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})


async def answer_health(request: Request) -> Response:
    """Answer with status, version and kind of engine as JSON; the engine's address is not disclosed."""
    return JSONResponse({"status": "ok", "version": __version__, "engine": scheduler_address.engine_kind()})


async def answer_events(request: Request) -> Response:
    """Answer with the complete event lines of a run from byte `from` on.

    The header X-Next holds the next offset, X-State the state of the run, and X-Restart says that the file was replaced. Status 400 means a
    malformed offset, 404 no such run. A request with `viewer` renews that tab's lease on the run.
    """
    query = request.query_params
    start = query.get("from", "0")
    if not start.isascii() or not start.isdigit() or len(start) > 15:
        return PlainTextResponse("from must be a byte offset, a whole number that is not negative.", 400)
    try:
        folder = await asyncio.to_thread(find_folder, request.path_params["key"])
        state, lines, following, again = await asyncio.to_thread(read_new_lines, folder, int(start))
    except StoreError as error:
        return PlainTextResponse(error_text(error), 404)
    if viewer := query.get("viewer", "")[:NAME]:
        WATCHERS.watching(folder.key, viewer, query.get("session", "")[:NAME])
    headers = {"X-Next": str(following), "X-State": state, "Cache-Control": "no-store"} | ({"X-Restart": "1"} if again else {})
    return Response(lines, media_type="application/x-ndjson", headers=headers)


async def answer_run_film(request: Request) -> Response:
    """Answer with the projected frames of a run, as `frames_api.answer_film` does."""
    # It keeps its answers in Streamlit's cache, which a server that starts does not have yet.
    from tutor.ui.server import frames_api  # noqa: PLC0415

    return await frames_api.answer_film(request)


def find_folder(key: str) -> "RunFolder":
    """Find the folder of a run.

    Raises
    ------
    StoreError
        Where `key` is no key, or there is no such run.
    """
    return visitor_runs.open_store().get(key)


def read_new_lines(folder: "RunFolder", start: int) -> tuple[str, bytes, int, bool]:
    """Read the complete event lines of a run from byte `start` on.

    The state is read first: when it is final, these lines are the last ones.

    Returns
    -------
    tuple
        State, lines, the next offset, and whether the file was replaced (it is shorter than `start`) and read from its beginning.
    """
    state = folder.status().state
    try:
        with folder.open_events() as file:
            again = file.seek(0, os.SEEK_END) < start
            file.seek(0 if again else start)
            lines = file.read(MAX_EVENT_BYTES)
    except FileNotFoundError:
        return state, b"", 0, start > 0
    whole = lines[:lines.rfind(b"\n") + 1]
    return state, whole, (0 if again else start) + len(whole), again


async def answer_export(request: Request) -> Response:
    """Answer with a run as a zip: specification, CSV, NPZ, weights, and the script that reproduces it."""
    key = request.path_params["key"]
    try:
        await asyncio.to_thread(find_folder, key)
        archive = await asyncio.to_thread(pack_run, key)
    except StoreError as error:
        return PlainTextResponse(error_text(error), 404)
    headers = {"Content-Disposition": f'attachment; filename="prompt-tutor-{key}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(read_chunks(archive), media_type="application/zip", headers=headers, background=BackgroundTask(archive.close))


def pack_run(key: str) -> IO[bytes]:
    """Write a run's zip, in memory up to 8 MB and else in a temporary file, and return it at its beginning."""
    from tutor.runs.export import write_zip  # noqa: PLC0415 - only who downloads pays for it

    archive = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - closed when the answer has been sent
    write_zip(visitor_runs.open_store(), key, archive)
    archive.seek(0)
    return archive


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in chunks of 64 kB."""
    while piece := file.read(1 << 16):
        yield piece


def error_text(error: StoreError) -> str:
    """Format a store's error as a sentence without addresses of this machine."""
    text = visitor_runs.hide_addresses(str(error))
    return text[:1].upper() + text[1:].rstrip(".") + "."
