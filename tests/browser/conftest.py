"""A real server and a real browser. Without chromium these tests are skipped and say so; where CI=true they fail instead.

The app's content policy forbids `eval`, so tests wait on what they see (`expect`), never with `wait_for_function`.
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tutor.bench.app_browser import FLAGS, found
from tutor.bench.app_server import free_port

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE = 60   # seconds, on a busy machine

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def serving():
    """A context manager: `serving(arguments, store)` starts Python with the arguments and a free port, and yields the address."""
    return served


@contextmanager
def served(arguments: list[str], store: Path, **environment: str):
    port = free_port()
    given = {"TUTOR_ENGINE": "off", "TUTOR_STORE": str(store)} | environment
    log = store / f"server-{port}.log"
    with open(log, "wb") as output:
        command = [sys.executable, *(argument.replace("PORT", str(port)) for argument in arguments)]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | given, cwd=store)
        try:
            await_answer(server, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def await_answer(server: subprocess.Popen, address: str, log: Path) -> None:
    """Wait until the server is healthy; one that ended, or never answers, fails the test with what it said."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not answer:\n{log.read_text(errors='replace')[-4000:]}")


@pytest.fixture(scope="session")
def store_root(tmp_path_factory) -> Path:
    """The store of the gallery's server."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def gallery(store_root):
    """The address of the gallery: the app's server around the page of the component tests."""
    with served([str(HERE / "gallery_app.py"), "PORT"], store_root) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium or Chrome, headless."""
    if not found():
        missing = "there is no chromium on the PATH (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor(chromium):
    """One browser profile for all tests, so that what the app allows to be kept is kept."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def page(visitor):
    """A fresh tab on a laptop, in the light; an uncaught JavaScript error fails the test."""
    tab, errors = visitor.new_page(), []
    tab.emulate_media(color_scheme="light", reduced_motion="no-preference")
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    tab.close()
    assert not errors
