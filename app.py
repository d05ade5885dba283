"""The launcher: `streamlit run app.py`, `python app.py`, or any ASGI server that is told `app:app`."""

import streamlit as st

from tutor.core.paths import MAIN
from tutor.ui.server import server

app = st.App(MAIN, routes=server.routes(), middleware=server.list_middleware(), lifespan=server.lifespan)

if __name__ == "__main__":
    server.run_app(app)
