"""The launcher: `streamlit run app.py`, `python app.py`, or any ASGI server that is told `app:app`."""

import streamlit as st

from tutor.places import MAIN
from tutor.ui import server

app = st.App(MAIN, routes=server.routes(), middleware=server.middleware(), lifespan=server.lifespan)

if __name__ == "__main__":
    server.run(app)
