"""The app as its user starts it, in a process of its own with a private store, and everything it started."""

import json
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
from distributed import Security

from tutor.core.paths import PACKAGE
from tutor.runs.engine.certificate import credentials
from tutor.runs.engine.client import Engine
from tutor.runs.engine.local_cluster import FOUND_IN, SCRATCH
from tutor.runs.engine.parent_watch import PARENT
from tutor.runs.io.processes import ClaimHolder
from tutor.runs.store import RunStore

START = "from tutor.runs.engine.parent_watch import watch_owner; watch_owner(); from tutor.cli import main; main()"
OWN_VARIABLES = ("TUTOR_ENGINE", "TUTOR_STORE", "TUTOR_SCHEDULER", "TUTOR_BROWSER")
TIMEOUT_S = 120.0                                   # seconds for an answer of a server on a busy machine
EXIT_TIMEOUT_S = 10.0                                     # seconds for a server that was asked to end, and for all it started


class ServerError(RuntimeError):
    """The app did not start; the message is the end of its output."""


@dataclass(frozen=True)
class RunningApp:
    """A running app.

    Parameters
    ----------
    address
        Such as http://127.0.0.1:8501.
    pid
        Of its process.
    store
        Folder of its runs, empty at the start.
    temporary
        Folder of its temporary files.
    first_byte, healthy
        Seconds from the start of the process to the first byte of the page, and to a healthy answer.
    """

    address: str
    pid: int
    store: Path
    temporary: Path
    first_byte: float
    healthy: float


@contextmanager
def serve_app(*options: str, engine: bool = True) -> Iterator[RunningApp]:
    """Run `prompt-tutor app` on a free port with an empty store; it ends with the block, and so do all processes it started.

    If this process is killed, the server notices and ends by itself.

    Parameters
    ----------
    options
        More options of the command.
    engine
        Whether the app starts an engine.

    Raises
    ------
    ServerError
        Where the app does not start.
    """
    with tempfile.TemporaryDirectory(prefix="prompt-tutor-bench-") as folder:
        port, store, log = find_free_port(), Path(folder) / "store", Path(folder) / "log"
        command = [sys.executable, "-c", START, "app", "--no-browser", "--port", str(port), "--store", str(store), *options]
        temporary = Path(folder) / "temporary"
        temporary.mkdir(mode=0o700)
        given = make_environment(engine) | {"TMPDIR": str(temporary)}
        begun, address = time.perf_counter(), f"http://127.0.0.1:{port}"
        with open(log, "wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=given, cwd=folder)
        try:
            answers = []
            for place in ("/", "/api/health"):
                await_byte(address + place, process, log)
                answers.append(time.perf_counter() - begun)
            yield RunningApp(address, process.pid, store, temporary, *answers)
        finally:
            end_process(process)


def connect_engine(server: RunningApp) -> Engine:
    """Connect to the engine inside a running app, with the certificate from its temporary folder; the caller closes the connection."""
    folder, = server.temporary.glob(f"{SCRATCH}*")
    address = json.loads((folder / FOUND_IN).read_text())["address"]
    return Engine(address, RunStore(server.store), Security(**credentials(folder)))


def make_environment(engine: bool) -> dict[str, str]:
    """Make the environment of the app's process: this process is its owner, and settings of the app are left out."""
    here, path = ClaimHolder.here(), os.environ.get("PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
    where = os.pathsep.join([str(PACKAGE.parent), path] if path else [str(PACKAGE.parent)])
    return kept | {PARENT: f"{here.pid} {here.born}".strip(), "PYTHONPATH": where} | ({} if engine else {"TUTOR_ENGINE": "off"})


def await_byte(address: str, process: subprocess.Popen, log: Path) -> None:
    """Wait for the first byte of an answer, at most two minutes.

    Raises
    ------
    ServerError
        Where none comes; the message is the end of the server's output.
    """
    until = time.monotonic() + TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=TIMEOUT_S) as page:
            page.read(1)
            return
        time.sleep(0.02)
    raise ServerError(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")


def end_process(process: subprocess.Popen) -> None:
    """End a server and all processes it started; kills those that do not end within ten seconds."""
    started = list_descendants(process.pid) if process.poll() is None else []
    process.terminate()
    _, left = psutil.wait_procs(started, EXIT_TIMEOUT_S)
    for one in left:
        one.kill()
    process.wait()


def find_free_port() -> int:
    """Find a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def list_descendants(pid: int) -> list[psutil.Process]:
    """List process `pid` and all its descendants.

    Raises
    ------
    psutil.NoSuchProcess
        Where there is no such process.
    """
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
