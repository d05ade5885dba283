"""Somebody else on this machine: tries every port it is told of, with no certificate and with one of its own, and every file.

Run as `python intruder.py UID PORTS FILES WITNESS`; the lists are JSON. Prints one JSON object: what it got, by what it tried.
WITNESS is a folder that comes to be if any port runs what it is sent.
"""

import asyncio
import json
import os
import socket
import ssl
import sys
import tempfile
from pathlib import Path

from distributed.core import connect
from distributed.protocol.pickle import dumps

from tutor.runs.engine.certificate import CERTIFICATE, KEY, write_certificate

PATIENCE = 3.0


def contexts() -> dict[str, ssl.SSLContext | None]:
    """Ways to connect: in plain text, encrypted without a certificate, and with a self-made one."""
    anonymous, forged = (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) for _ in range(2))
    for context in (anonymous, forged):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with tempfile.TemporaryDirectory() as folder:
        write_certificate(Path(folder))
        forged.load_cert_chain(Path(folder, CERTIFICATE), Path(folder, KEY))
    return {"plain": None, "anonymous": anonymous, "forged": forged}


async def order(port: int, context: ssl.SSLContext | None, operation: str, witness: str) -> str:
    """Have a Dask port make a folder; "answered", or how it refused."""
    address = f"{'tls' if context else 'tcp'}://127.0.0.1:{port}"
    asked = {"op": operation, "function": dumps(os.mkdir), "args": dumps((witness,)), "kwargs": dumps({}), "wait": True, "reply": True}
    try:
        comm = await connect(address, timeout=PATIENCE, **({"ssl_context": context} if context else {}))
        await comm.write(asked)
        await asyncio.wait_for(comm.read(), PATIENCE)
        await comm.close()
    except (OSError, TimeoutError, ValueError) as error:    # a plain port that speaks first leaves bytes that TLS refuses: ValueError
        return type(error).__name__
    return "answered"


def spoken(port: int) -> str:
    """What a web browser is told."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(b"GET /info/main/workers.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        line.settimeout(PATIENCE)
        try:
            return "answered" if line.recv(4096).startswith(b"HTTP/") else "nothing"
        except OSError as error:
            return type(error).__name__


def read(path: str) -> str:
    """What a file or folder gives away."""
    try:
        return "read" if (os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()) is not None else ""
    except OSError as error:
        return type(error).__name__


async def tried(uid: int, ports: list[int], files: list[str], witness: str) -> dict[str, str]:
    """Everything, after everything needed has been loaded: another user may not read the packages."""
    ways = contexts()
    await asyncio.gather(*(order(9, context, "run", witness) for context in ways.values()))
    if uid:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    orders = [(port, name, operation) for port in ports for name in ways for operation in ("run", "run_function")]
    answers = await asyncio.gather(*(order(port, ways[name], operation, witness) for port, name, operation in orders))
    got = {f"{port} {name} {operation}": answer for (port, name, operation), answer in zip(orders, answers, strict=True)}
    return got | {f"{port} browser": spoken(port) for port in ports} | {path: read(path) for path in files}


if __name__ == "__main__":
    user, doors, paths, sign = sys.argv[1:]
    print(json.dumps(asyncio.run(tried(int(user), json.loads(doors), json.loads(paths), sign))))
