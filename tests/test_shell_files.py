"""Streamlit's own files: compressed once, the same to the byte, only where a browser takes them so, and announced where they come late."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tutor.ui.server import shell_files
from tutor.ui.server.headers import preload_header


def ask(path: str, method: str = "GET", accepts: bytes = b"gzip, br") -> tuple[dict[str, str], bytes] | None:
    """Headers and body of an answer; None where the app behind is asked instead."""
    sent, passed = [], []

    async def behind(scope, receive, send):
        passed.append(scope["path"])

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept-encoding", accepts)]}
    with ThreadPoolExecutor(1) as thread:                        # a browser's tests leave a running loop in this one
        thread.submit(asyncio.run, shell_files.ShellFiles(behind)(scope, None, send)).result()
    if passed:
        return None
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1]["body"]


@pytest.mark.parametrize("address", [shell_files.list_first()[0], next(one for one in shell_files.list_first() if one.endswith(".css"))])
def test_a_file_arrives_compressed_whole_and_may_be_kept_for_good(address):
    headers, body = ask(address)
    assert gzip.decompress(body) == (shell_files.static_folder() / address.lstrip("/")).read_bytes()
    assert headers["content-encoding"] == "gzip" and "immutable" in headers["cache-control"] and headers["vary"] == "Accept-Encoding"
    assert headers["content-type"].split(";")[0] == ("text/css" if address.endswith(".css") else "text/javascript")


@pytest.mark.parametrize("asked", [
    ("/static/js/../../index.html",), ("/static/js/nothing.js",), ("/",), (shell_files.list_first()[0], "HEAD"),
    (shell_files.list_first()[0], "GET", b"br"),
])
def test_everything_else_is_left_to_streamlit(asked):
    assert ask(*asked) is None


def test_a_file_that_no_page_needs_is_not_kept():
    assert not any(Path(address).name.startswith("PlotlyChart") for address in shell_files.list_kept())


def test_what_streamlit_asks_for_late_is_announced_on_every_page_with_all_that_it_imports():
    late = {Path(address).name.split(".")[0] for address in shell_files.list_late()}
    assert late >= set(shell_files.ELEMENTS) | {"recordbatch"}
    assert not set(shell_files.list_late()) & set(shell_files.list_first())
    for front_door in (True, False):
        assert all(f"<{address}>; rel=modulepreload" in preload_header(front_door) for address in shell_files.list_late())
