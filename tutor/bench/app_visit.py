"""A visitor without a browser: asks for a page over the app's socket and waits until the page's script has ended.

What is timed is the server alone: one run of the script, everything it sends, nothing that a browser does with it.
"""

import time
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect

MAX_MESSAGE_BYTES = 64 * 2**20                               # bytes of one message
TIMEOUT_S = 120.0                                   # seconds until a busy server has accepted a visitor
FAILED = "This part could not be drawn"


class VisitTimes(NamedTuple):
    """Seconds from asking for a page to the end of its script, and bytes of the largest message, which is the largest picture."""

    seconds: float
    largest: int


def visit_page(address: str, page: str) -> VisitTimes:
    """Ask for a page as a new visitor and wait for the end of its script.

    Parameters
    ----------
    address
        Of the app.
    page
        Name of the page in the address.

    Raises
    ------
    RuntimeError
        Where the script or a part of the page fails.
    """
    with connect_visitor(address) as socket:
        return run_page(socket, page)


def connect_visitor(address: str) -> ClientConnection:
    """Connect a new visitor to the app, without asking for a page."""
    return connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", max_size=MAX_MESSAGE_BYTES, open_timeout=TIMEOUT_S)


def run_page(socket: ClientConnection, page: str) -> VisitTimes:
    """Run the script of `page` once for a connected visitor.

    Raises
    ------
    RuntimeError
        Where the script or a part of the page fails.
    """
    from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: PLC0415 - loads all of streamlit, which the other benches do without
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: PLC0415

    asked = BackMsg()
    asked.rerun_script.page_name = page
    begun, largest, wrong = time.perf_counter(), 0, ""
    socket.send(asked.SerializeToString())
    for message in socket:
        largest = max(largest, len(message))
        said = ForwardMsg.FromString(message)
        wrong = wrong or find_error(said)
        if said.WhichOneof("type") == "script_finished" and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            if wrong or said.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                break
            return VisitTimes(time.perf_counter() - begun, largest)
    raise RuntimeError(f"the script of page {page} did not run to its end" + (f": {wrong}" if wrong else ""))


def find_error(answer: Any) -> str:
    """Find the error that a message reports of a part of the page; "" where there is none."""
    element = answer.delta.new_element
    if element.HasField("exception"):
        return f"{element.exception.type}: {element.exception.message}"
    return element.alert.body if element.HasField("alert") and element.alert.body.startswith(FAILED) else ""
