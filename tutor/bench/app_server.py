"""The app as its user starts it, in a process of its own with a private store, and everything it started."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tutor.parent import PARENT
from tutor.places import PACKAGE
from tutor.processes import Holder

START = "from tutor.parent import watch_owner; watch_owner(); from tutor.cli import main; main()"
OURS = ("TUTOR_ENGINE", "TUTOR_STORE", "TUTOR_SCHEDULER", "TUTOR_BROWSER")
PATIENCE = 120.0                                   # seconds for an answer of a server on a busy machine
GOODBYE = 10.0                                     # seconds for a server that was asked to end, and for all it started


class NoAnswer(RuntimeError):
    """The app did not start; the message is the end of what it said."""


@dataclass(frozen=True)
class Server:
    """A running app: where it is, its process, its store, and how long its page and its health took (seconds)."""

    address: str
    pid: int
    store: Path
    first_byte: float
    healthy: float


@contextmanager
def serving(*, engine: bool = True) -> Iterator[Server]:
    """`prompt-tutor app` on a free port with an empty store of its own; neither it nor what it started outlives the block.

    Should this process be killed, the server sees that its owner is gone and ends by itself. Raises NoAnswer.
    """
    with tempfile.TemporaryDirectory(prefix="prompt-tutor-bench-") as folder:
        port, store, log = free_port(), Path(folder) / "store", Path(folder) / "log"
        command = [sys.executable, "-c", START, "app", "--no-browser", "--port", str(port), "--store", str(store)]
        begun, address = time.perf_counter(), f"http://127.0.0.1:{port}"
        with open(log, "wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment(engine), cwd=folder)
        try:
            answers = []
            for place in ("/", "/api/health"):
                await_byte(address + place, process, log)
                answers.append(time.perf_counter() - begun)
            yield Server(address, process.pid, store, *answers)
        finally:
            end(process)


def environment(engine: bool) -> dict[str, str]:
    """This process's environment without its own settings of the app, and with itself as the owner."""
    here, path = Holder.here(), os.environ.get("PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    where = os.pathsep.join([str(PACKAGE.parent), path] if path else [str(PACKAGE.parent)])
    return kept | {PARENT: f"{here.pid} {here.born}".strip(), "PYTHONPATH": where} | ({} if engine else {"TUTOR_ENGINE": "off"})


def await_byte(address: str, process: subprocess.Popen, log: Path) -> None:
    """Wait for the first byte of an answer. Raises NoAnswer with what the server said instead."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=PATIENCE) as page:
            page.read(1)
            return
        time.sleep(0.02)
    raise NoAnswer(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen) -> None:
    """End a server and everything it started; what does not go when asked is killed."""
    started = family(process.pid) if process.poll() is None else []
    process.terminate()
    _, left = psutil.wait_procs(started, GOODBYE)
    for one in left:
        one.kill()
    process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family(pid: int) -> list[psutil.Process]:
    """Every process that descends from `pid`, itself first. psutil.NoSuchProcess where there is none."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
