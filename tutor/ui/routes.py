"""What the browser fetches beside Streamlit: the picture's files, a run's events as they are written, a run as a zip.

These routes stand outside Streamlit's sessions, so every value that arrives is checked here.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tutor.disk import StoreError
from tutor.places import ASSETS
from tutor.ui import runs
from tutor.ui.headers import FOR_GOOD
from tutor.ui.picture import files
from tutor.ui.visitors import WATCHERS

if TYPE_CHECKING:
    from tutor.folder import RunFolder

MOST = 1 << 20          # bytes of events in one answer; the reader asks again
NAME = 64               # longest name of a tab or session that is listened to
KINDS = {".js": "text/javascript", ".css": "text/css"}


def routes() -> list[Route]:
    """Every route of the app that is not Streamlit's."""
    return [
        Route(files.plotly_address(), plotly_script),
        *(Route(f"/picture/{files.edition()}/{name}", picture_module) for name in files.MODULES),
        Route("/fonts/inter.woff2", font),
        Route("/api/runs/{key}/events", run_events),
        Route("/api/runs/{key}/export.zip", run_export),
        Route("/api/runs/{key}/film", run_film),
        Route("/api/health", health),
    ]


async def plotly_script(request: Request) -> Response:
    """plotly.js of the installed package, compressed once per process."""
    packed = await asyncio.to_thread(files.plotly_script)
    return Response(packed, media_type="text/javascript", headers=FOR_GOOD | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


async def picture_module(request: Request) -> Response:
    """One of the picture's modules; its address changes when it does."""
    name = request.url.path.rpartition("/")[2]
    return Response(files.module(name), media_type=KINDS[Path(name).suffix], headers=FOR_GOOD)


async def font(request: Request) -> Response:
    """The type that pages are set in."""
    return FileResponse(ASSETS / "fonts" / "inter.woff2", media_type="font/woff2", headers=FOR_GOOD)


async def health(request: Request) -> Response:
    """Whether the app answers, and which computing it has."""
    return JSONResponse({"status": "ok", "version": metadata.version("prompt-tutor"), "engine": os.environ.get("TUTOR_SCHEDULER")})


async def run_events(request: Request) -> Response:
    """The whole lines of a run's events from a byte offset on; X-Next is the next offset, X-State where the run stands."""
    query = request.query_params
    start = query.get("from", "0")
    if not start.isascii() or not start.isdigit() or len(start) > 15:
        return PlainTextResponse("from must be a byte offset, a whole number that is not negative.", 400)
    try:
        folder = await asyncio.to_thread(found, request.path_params["key"])
        state, lines, following, again = await asyncio.to_thread(read_on, folder, int(start))
    except StoreError as error:
        return PlainTextResponse(said(error), 404)
    if viewer := query.get("viewer", "")[:NAME]:
        WATCHERS.watching(folder.key, viewer, query.get("session", "")[:NAME])
    headers = {"X-Next": str(following), "X-State": state, "Cache-Control": "no-store"} | ({"X-Restart": "1"} if again else {})
    return Response(lines, media_type="application/x-ndjson", headers=headers)


async def run_film(request: Request) -> Response:
    """The frames of a finished run, projected."""
    from tutor.ui import films  # noqa: PLC0415 - it keeps its answers in Streamlit's cache, which a server that starts does not have yet

    return await films.run_film(request)


def found(key: str) -> "RunFolder":
    """The folder of a run that is there; StoreError says what a key is, or that there is none."""
    return runs.store().get(key)


def read_on(folder: "RunFolder", start: int) -> tuple[str, bytes, int, bool]:
    """State, whole lines, next offset, and whether the file is another than before (shorter than `start`).

    The state is read first: when it is final, the lines read after it are the last ones.
    """
    state = folder.status().state
    try:
        with open(folder.file("events.jsonl"), "rb") as file:
            again = file.seek(0, os.SEEK_END) < start
            file.seek(0 if again else start)
            lines = file.read(MOST)
    except FileNotFoundError:
        return state, b"", 0, start > 0
    whole = lines[:lines.rfind(b"\n") + 1]
    return state, whole, (0 if again else start) + len(whole), again


async def run_export(request: Request) -> Response:
    """A run as a zip: specification, CSV, NPZ, weights, and the script that reproduces it."""
    key = request.path_params["key"]
    try:
        await asyncio.to_thread(found, key)
        archive = await asyncio.to_thread(packed, key)
    except StoreError as error:
        return PlainTextResponse(said(error), 404)
    headers = {"Content-Disposition": f'attachment; filename="prompt-tutor-{key}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(chunks(archive), media_type="application/zip", headers=headers, background=BackgroundTask(archive.close))


def packed(key: str) -> IO[bytes]:
    """The zip, in memory while it is small, else in a temporary file."""
    from tutor.export import write_zip  # noqa: PLC0415 - only who downloads pays for it

    archive = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - closed when the answer has been sent
    write_zip(runs.store(), key, archive)
    archive.seek(0)
    return archive


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces of 64 kB."""
    while piece := file.read(1 << 16):
        yield piece


def said(error: StoreError) -> str:
    """A store's message as a sentence."""
    text = str(error)
    return text[:1].upper() + text[1:].rstrip(".") + "."
