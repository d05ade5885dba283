"""The gallery, served as the app is served, with two more routes: a film of three frames, and one of pretraining and tuning."""

import sys
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tutor.ui.server import server


async def frames(request: Request) -> JSONResponse:
    """Three frames of the one trace: flat at 0, at 5 and at 10, with steps 0, 10 and 100."""
    return JSONResponse({"steps": [0, 10, 100], "traces": [0], "x": [[[0, 1, 2]]] * 3, "y": [[[level] * 3] for level in (0, 5, 10)]})


async def phases(request: Request) -> JSONResponse:
    """Two moments of pretraining, flat at 0 and as drawn, and two of tuning, flat at 5 and 10."""
    heights = [[0] * 3], [None], [[5] * 3], [[10] * 3]
    across = [[[0, 1, 2]], [None], [[0, 1, 2]], [[0, 1, 2]]]
    return JSONResponse({"steps": [0, 40, 0, 9], "phases": [0, 0, 1, 1], "traces": [0], "x": across, "y": heights})


OWN = [Route("/test/frames.json", frames), Route("/test/phases.json", phases)]
app = st.App(Path(__file__).with_name("gallery.py"), routes=[*server.routes(), *OWN],
             middleware=server.list_middleware(), lifespan=server.lifespan)

if __name__ == "__main__":
    server.run_app(app, **{"server.port": int(sys.argv[1])})
