"""Under which names the app answers, tried with bytes on a socket: a browser that was led here by a foreign name gets nothing."""

import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.bench.app_server import await_byte, find_free_port, make_environment, serve_app
from tutor.core.paths import ROOT
from tutor.ui.server import host_check
from tutor.ui.server.host_check import Host

UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
OPENED = 101


def status(address: str, *lines: str, target: str = "/api/health", verb: str = "GET", version: str = "1.1") -> int:
    """The status of the answer to a request with exactly these header lines."""
    request = "\r\n".join([f"{verb} {target} HTTP/{version}", *lines, "", ""]).encode("latin-1")
    host, _, port = address.rpartition("//")[2].rpartition(":")
    with socket.create_connection((host, int(port)), 30) as line:
        line.sendall(request)
        return int(line.recv(4096).split()[1])


def socket_status(address: str, *lines: str) -> int:
    return status(address, *lines, *UPGRADE, target="/_stcore/stream")


@pytest.fixture(scope="module")
def near():
    """The app on its default address."""
    with serve_app(engine=False) as server:
        yield server.address


@pytest.fixture(scope="module")
def wide():
    """The app on every address, told of two more names."""
    with serve_app("--host", "0.0.0.0", "--allow-host", "tutor.example.org", "--allow-host", "*.class.example", engine=False) as server:
        yield server.address


LOCAL = ["localhost", "localhost:8501", "LocalHost:1", "localhost.", "localhost.:80", "127.0.0.1", "127.0.0.1:", "127.8.9.1:8501", "[::1]",
         "[::1]:8501", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:1"]
FOREIGN = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8501", "evil-localhost", "tutor.example.org",
           "localhost.localdomain"]
ADDRESSES = ["192.168.1.4:8501", "[2001:db8::1]:8501", "0.0.0.0"]
UNCLEAR = ["", " ", "localhost..", ".localhost", "localhost:eighty", "localhost:99999", "localhost:8501:1", "::1", "[::1", "[localhost]",
           "[::1]x", "evil@localhost", "localhost@evil.example", "localhost/evil", "localhost?evil", "http://localhost",
           "localhost,evil.example", "localhost evil.example", "loc\xe4lhost", "localhost:\xb2", "[::1%25lo]"]


@pytest.mark.parametrize("host", LOCAL)
def test_the_names_of_this_machine_alone_are_answered(near, host):
    assert status(near, f"Host: {host}") == 200 and socket_status(near, f"Host: {host}") == OPENED


@pytest.mark.parametrize("host", [*FOREIGN, *ADDRESSES, "127.1", "2130706433", "0x7f.0.0.1", socket.gethostname()])
def test_on_a_loopback_address_no_other_name_is_answered(near, host):
    for target in ("/", "/api/health", "/_stcore/health", "/static/nothing.js", "/nowhere"):
        assert status(near, f"Host: {host}", target=target) == 403
    assert socket_status(near, f"Host: {host}") == 403
    assert status(near, f"Host: {host}", "Content-Length: 0", verb="PUT", target="/_stcore/upload_file/a/b") == 403


@pytest.mark.parametrize("host", UNCLEAR)
def test_what_is_no_host_is_not_answered(near, wide, host):
    assert {status(where, f"Host: {host}") for where in (near, wide)} == {400}
    assert socket_status(near, f"Host: {host}") in (400, 403)


@pytest.mark.parametrize("lines", [(), ("Host: localhost", "Host: localhost"), ("Host: localhost", "Host: evil.example"),
                                   ("Host: evil.example", "Host: localhost")])
def test_a_request_has_one_host(near, lines):
    assert status(near, *lines) == 400 and status(near, *lines, version="1.0") == 400


@pytest.mark.parametrize(("target", "host"), [("http://evil.example/api/health", "localhost"), ("http://localhost/api/health", "localhost"),
                                              ("http://localhost/api/health", "evil.example")])
def test_a_request_as_proxies_get_it_is_not_answered(near, target, host):
    assert status(near, f"Host: {host}", target=target) in (400, 403)


def test_what_a_proxy_adds_changes_nothing(near):
    for name in ("X-Forwarded-Host", "X-Host", "X-Original-Host"):
        assert status(near, "Host: evil.example", f"{name}: localhost") == 403
        assert status(near, "Host: localhost", f"{name}: evil.example") == 200
    assert status(near, "Host: evil.example", "Forwarded: host=localhost") == 403


@pytest.mark.parametrize("origin", [
    "http://evil.example", "null", "http://localhost:1", "https://localhost:8501", "http://127.0.0.1:8501", "localhost:8501", "file://", "",
    "http://localhost:8501.evil.example", "http://localhost:8501/x", "http://localhost@evil.example:8501"])
def test_a_page_from_elsewhere_is_not_answered(near, origin):
    lines = "Host: localhost:8501", f"Origin: {origin}"
    expected = 200 if origin == "https://localhost:8501" else 403   # the port is the same: something in front may encrypt
    assert status(near, *lines) == expected and socket_status(near, *lines) == (OPENED if expected == 200 else 403)
    uploaded = status(near, *lines, "Content-Length: 0", verb="PUT", target="/_stcore/upload_file/a/b")
    assert (uploaded == 403) or expected == 200


@pytest.mark.parametrize(("host", "origin"), [("localhost:8501", "http://localhost:8501"), ("LOCALHOST:8501", "http://localhost:8501"),
                                              ("localhost", "http://localhost"), ("localhost", "https://localhost"), ("[::1]:9", "http://[::1]:9")])
def test_a_page_of_the_app_is_answered(near, host, origin):
    lines = f"Host: {host}", f"Origin: {origin}"
    assert status(near, *lines) == 200 and status(near, *lines, "Origin: http://evil.example") == 400


def test_what_streamlit_counts_is_nobodys_business(near):
    assert status(near, "Host: localhost", target="/_stcore/metrics") == 404


@pytest.mark.parametrize("host", [*LOCAL, *ADDRESSES, socket.gethostname(), f"{socket.gethostname()}:8501", "tutor.example.org",
                                  "TUTOR.example.org.:443", "one.class.example", "a.b.class.example"])
def test_an_open_app_answers_to_addresses_to_the_machine_and_to_the_names_it_was_told(wide, host):
    assert status(wide, f"Host: {host}") == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "class.example", "xclass.example",
                                  "tutor.example.org.evil.example"])
def test_an_open_app_answers_to_no_foreign_name(wide, host):
    assert status(wide, f"Host: {host}") == 403 and socket_status(wide, f"Host: {host}") == 403


@contextmanager
def started(folder, command):
    """The app from a folder whose own configuration has a port and another name."""
    port = find_free_port()
    log = folder / "log"
    (folder / ".streamlit").mkdir()
    own = f'[server]\nport = {port}\nheadless = true\naddress = "127.0.0.1"\nallowedHosts = ["tutor.example.org"]\n'
    (folder / ".streamlit" / "config.toml").write_text(own)
    given = make_environment(False) | {"TUTOR_STORE": str(folder / "store")}
    with open(log, "wb") as said:
        command = [sys.executable, *command, str(ROOT / "app.py")]
        process = subprocess.Popen(command, cwd=folder, env=given, stdout=said, stderr=subprocess.STDOUT)
    try:
        await_byte(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("command", [["-m", "streamlit", "run"], []], ids=["streamlit", "python"])
def test_however_it_is_started_and_streamlits_own_list_counts(tmp_path, command):
    with started(tmp_path, command) as address:
        assert [ask(address, f"Host: {host}") for host in ("evil.example", "localhost", "tutor.example.org")
                for ask in (status, socket_status)] == [403, 403, 200, OPENED, 200, OPENED]


@given(st.text(st.characters(max_codepoint=255), max_size=20))
def test_a_host_is_none_or_a_name_that_reads_the_same_again(text):
    found = Host.of(text)
    if found:
        again = Host.of(f"[{found.name}]" if ":" in found.name else found.name)
        assert again.name == found.name and (found.port is None or found.port <= 65535)
        assert not set(found.name) & set("/@?#,\\% \t\r\n")


@given(st.ip_addresses())
def test_an_address_is_loopback_as_the_standard_library_says(address):
    name = Host.of(f"[{address}]" if address.version == 6 else str(address)).name
    assert host_check.is_loopback(name) == (getattr(address, "ipv4_mapped", None) or address).is_loopback


@pytest.mark.parametrize("name", ["http://tutor.example.org", "tutor.example.org:8501", "a b", "", "*.*", "tutor/", "a..b", "x*.example"])
def test_a_name_that_no_request_can_have_is_refused_in_one_sentence(command, users_store, name):
    assert command("app", "--no-browser", "--allow-host", name)[::2] == (
        2, f"--allow-host is {name}; it must be a name without port or path, such as tutor.example.org or *.example.org\n")
