"""A real server and a real browser. Without chromium these tests are skipped and say so; where CI=true they fail instead.

The app's content policy forbids `eval`, so tests wait on what they see (`expect`), never with `wait_for_function`.
"""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tutor.bench.app_browser import FLAGS, find_browser
from tutor.bench.app_server import find_free_port

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
APP = ["-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "PORT", "--server.headless", "true"]
PATIENCE = 120  # seconds: on a busy machine a page that reads many networks takes one of these minutes
BUG = re.compile(r"error [0-9a-f]{6} on page .*")   # how sections log what nobody foresaw

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def serving():
    """A context manager: `serving(arguments, store)` starts Python with the arguments and a free port, and yields the address."""
    return served


@pytest.fixture(scope="session")
def start() -> list[str]:
    """How the app is started, for tests that need a server of their own."""
    return APP


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The address of the app, on the shipped runs and without an engine: one server for all visitors of this process."""
    with served(APP, tmp_path_factory.mktemp("app")) as address:
        yield address


@contextmanager
def served(arguments: list[str], store: Path, **environment: str):
    port = find_free_port()
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
            server.wait(PATIENCE)
    assert not BUG.findall(log.read_text(errors="replace")), "a section of a page failed"


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
    if not find_browser():
        missing = "there is no chromium on the PATH (Debian: apt-get install chromium-headless-shell)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
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
