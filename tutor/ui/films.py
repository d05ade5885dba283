"""The film of a run as the picture component fetches it: filmed states in the finished network's plane, frame by frame."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tutor.disk import StoreError
from tutor.ui import insides, runs

MOST_AXES = 10


async def run_film(request: Request) -> Response:
    """Steps and trajectories of a finished run on two components; the address names both, so the answer never changes."""
    axes = tuple(request.query_params.get(name, str(default)) for default, name in enumerate("xy"))
    if not all(axis.isascii() and axis.isdigit() and int(axis) < MOST_AXES for axis in axes):
        return PlainTextResponse("x and y must be components, whole numbers from 0 to 9.", 400)
    try:
        bundle = await asyncio.to_thread(filmed, request.path_params["key"], tuple(map(int, axes)))
    except (StoreError, ValueError, IndexError) as error:
        return PlainTextResponse(f"{str(error)[:1].upper()}{str(error)[1:].rstrip('.')}.", 404)
    return Response(orjson.dumps(bundle), media_type="application/json", headers={"Cache-Control": "public, max-age=31536000, immutable"})


def filmed(key: str, axes: tuple[int, int]) -> dict:
    """The film of a run that is finished; StoreError where it is not."""
    folder = runs.store().get(key)
    if folder.status().state != "done":
        raise StoreError(f"run {key} is not finished; its film has no plane yet")
    return insides.film_bundle(key, axes)
