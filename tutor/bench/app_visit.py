"""A visitor without a browser: asks for a page over the app's socket and waits until the page's script has ended.

What is timed is the server alone: one run of the script, everything it sends, nothing that a browser does with it. The few
bytes of protocol are written here by hand: field 11 of a message to the server asks for a run of the page that field 4 of
its body names; field 6 of an answer says how that run ended.
"""

import asyncio
import time
from collections.abc import Iterator

from tornado.websocket import websocket_connect

RERUN, PAGE, FINISHED = 11, 4, 6
EXCEPTION = (5, 3, 8)                              # where an answer that draws something names an error: delta, new element, exception
SUCCESS, BROKEN = 0, 1                             # how a run ends; other values: it is begun again by itself
PLAIN, FIXED = 0, {1: 8, 5: 4}                    # how a field is written: a number by itself, or bytes of a fixed size
LONGEST = 64 * 2**20                               # bytes of one message


def visit(address: str, page: str) -> float:
    """Seconds from asking for `page` (its name in the address) to the end of its script. RuntimeError where that fails."""
    return asyncio.run(_visit(address, page))


async def _visit(address: str, page: str) -> float:
    socket = await websocket_connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", max_message_size=LONGEST)
    try:
        begun = time.perf_counter()
        await socket.write_message(field(RERUN, field(PAGE, page.encode())), binary=True)
        while (said := await socket.read_message()) is not None:
            ended = dict(fields(said)).get(FINISHED)
            if ended == SUCCESS:
                return time.perf_counter() - begun
            if ended == BROKEN or is_error(said):
                break
        raise RuntimeError(f"the script of page {page} did not run to its end")
    finally:
        socket.close()


def is_error(message: bytes) -> bool:
    """Whether an answer draws an error in the page's place."""
    return all(isinstance(message := dict(fields(message)).get(number), bytes) for number in EXCEPTION)


def field(number: int, content: bytes) -> bytes:
    """A protobuf field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """A whole number as protobuf writes it: seven bits a byte, the lowest first."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The outermost fields of a protobuf message: (number, number or bytes)."""
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind in FIXED:
            size = FIXED[kind]
        else:
            size, at = read_varint(message, at)
        if kind == PLAIN:
            yield number, size
            continue
        yield number, message[at:at + size]
        at += size


def read_varint(message: bytes, at: int) -> tuple[int, int]:
    """The whole number that begins at `at`, and where it ends."""
    value = shift = 0
    while True:
        value |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            return value, at
