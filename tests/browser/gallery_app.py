"""The gallery, served as the app is served, with one more route: a film of three frames."""

import sys
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tutor.ui import server


async def frames(request: Request) -> JSONResponse:
    """Three frames of the one trace: flat at 0, at 5 and at 10, with steps 0, 10 and 100."""
    return JSONResponse({"steps": [0, 10, 100], "traces": [0], "x": [[[0, 1, 2]]] * 3, "y": [[[level] * 3] for level in (0, 5, 10)]})


app = st.App(Path(__file__).with_name("gallery.py"), routes=[*server.routes(), Route("/test/frames.json", frames)],
             middleware=server.middleware(), lifespan=server.lifespan)

if __name__ == "__main__":
    server.run(app, **{"server.port": int(sys.argv[1])})
