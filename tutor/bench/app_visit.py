"""A visitor without a browser: asks for a page over the app's socket and waits until the page's script has ended.

What is timed is the server alone: one run of the script, everything it sends, nothing that a browser does with it.
"""

import time
from typing import Any, NamedTuple

from websockets.sync.client import connect

LONGEST = 64 * 2**20                               # bytes of one message


class Visit(NamedTuple):
    """Seconds from asking for a page to the end of its script, and the bytes of the largest message: its largest picture."""

    seconds: float
    largest: int


def visit(address: str, page: str) -> Visit:
    """Ask for `page` (its name in the address) and wait for the end of its script. RuntimeError where that fails."""
    from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: PLC0415 - loads all of streamlit, which the other benches do without
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: PLC0415

    asked = BackMsg()
    asked.rerun_script.page_name = page
    with connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", max_size=LONGEST) as socket:
        begun, largest = time.perf_counter(), 0
        socket.send(asked.SerializeToString())
        for message in socket:
            largest = max(largest, len(message))
            said = ForwardMsg.FromString(message)
            if is_error(said):
                break
            if said.WhichOneof("type") == "script_finished":
                if said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return Visit(time.perf_counter() - begun, largest)
                if said.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    break
    raise RuntimeError(f"the script of page {page} did not run to its end")


def is_error(said: Any) -> bool:
    """Whether an answer draws an error in the page's place."""
    return said.delta.new_element.HasField("exception")
