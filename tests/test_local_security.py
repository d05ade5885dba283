"""Other users of this machine: no port of the engine listens to them, no file of it can be read by them, none of it stays behind."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dask
import psutil
import pytest
from distributed import LocalCluster, Nanny, Scheduler, Security

from tutor.bench.app_server import connect_engine, list_descendants, serve_app
from tutor.cli.app_command import CommandError, require_certificates
from tutor.runs.engine import client as engines
from tutor.runs.engine.batch import background_engine
from tutor.runs.engine.certificate import CERTIFICATE, KEY, credentials, write_certificate
from tutor.runs.engine.client import Engine, EngineError
from tutor.runs.engine.parent_watch import PARENT, SCRATCH
from tutor.runs.engine.private_nodes import PrivateNanny
from tutor.runs.engine.scheduler_address import EMBEDDED
from tutor.runs.engine.scheduler_security import security_for
from tutor.runs.io.processes import ClaimHolder

NOBODY = 65534
PATIENCE = 120.0                                   # seconds, on a busy machine
ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def server():
    with serve_app() as running:
        yield running


@pytest.fixture(scope="module")
def whole(server):
    """The same with its worker there, so that every port is open: the processes and the folder of its engine."""
    engine = connect_engine(server)
    engine.client.wait_for_workers(1, timeout=PATIENCE)
    engine.close()
    folder, = server.temporary.glob("prompt-tutor-*")
    return list_descendants(server.pid), folder


def ports_of(processes) -> list[int]:
    found = [line.laddr for process in processes for line in process.net_connections() if line.status == psutil.CONN_LISTEN]
    assert {address.ip for address in found} == {"127.0.0.1"}
    return [address.port for address in found]


def intruded(uid, ports, files, witness) -> dict[str, str]:
    script = Path(__file__).with_name("intruder.py")
    command = [sys.executable, str(script), str(uid), json.dumps(ports), json.dumps([str(file) for file in files]), str(witness)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout)


def test_the_intruder_commands_an_engine_without_certificates(tmp_path):
    with LocalCluster(n_workers=1, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address=None) as plain:
        port = int(plain.scheduler_address.rpartition(":")[2])
        got = intruded(0, [port], [tmp_path], tmp_path / "witness")
    assert got[f"{port} plain run_function"] == "answered" and (tmp_path / "witness").exists() and got[str(tmp_path)] == "read"


@pytest.mark.parametrize("uid", [0, pytest.param(NOBODY, marks=ROOT)])
def test_no_port_of_the_engine_obeys_without_its_certificate(server, whole, tmp_path, uid):
    processes, _ = whole
    app = int(server.address.rpartition(":")[2])
    ports = [port for port in ports_of(processes) if port != app]
    tmp_path.chmod(0o777)
    got = intruded(uid, ports, [], tmp_path / "witness")
    assert len(ports) == 3                         # scheduler, nanny, worker: no web server beside them
    assert "answered" not in got.values() and len(got) == 7 * len(ports) and not (tmp_path / "witness").exists()


@ROOT
def test_another_user_reads_neither_the_key_nor_the_environment(server, whole, tmp_path):
    processes, folder = whole
    files = [folder, folder / KEY, *(f"/proc/{process.pid}/environ" for process in processes)]
    assert {*intruded(NOBODY, [], files, tmp_path / "witness").values()} == {"PermissionError"}


def test_the_key_is_private_and_on_no_command_line(whole):
    processes, folder = whole
    key = (folder / KEY).read_text()
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in (".", KEY, CERTIFICATE)] == [0o700, 0o600, 0o600]
    assert not any(key.splitlines()[1] in text for process in processes for text in [*process.cmdline(), *process.environ().values()])


def test_a_killed_app_leaves_no_key_behind(server, whole):
    """The last test of this app, since it ends it."""
    processes, folder = whole
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs(processes, PATIENCE)
    until = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not folder.exists() and not [*server.temporary.glob("prompt-tutor-*")]


@pytest.mark.parametrize(("owner", "left"), [("alive", True), ("gone", False)])
def test_a_process_that_ends_before_its_watch_notices_removes_the_folder_of_a_gone_owner(tmp_path, owner, left):
    here = ClaimHolder.here()
    said = {PARENT: f"{here.pid} {here.born if owner == 'alive' else 'another process'}", SCRATCH: str(tmp_path / "scratch")}
    (tmp_path / "scratch").mkdir()
    program = "from tutor.runs.engine.parent_watch import watch_owner; watch_owner()"
    subprocess.run([sys.executable, "-c", program], env=os.environ | said, check=True, timeout=PATIENCE)
    assert (tmp_path / "scratch").exists() is left


@pytest.mark.parametrize(("owner", "restarted"), [("alive", True), ("gone", False)])
def test_a_guard_starts_no_worker_for_an_owner_that_is_gone(monkeypatch, owner, restarted):
    """That worker would make the removed folder anew, and end with its guard before it could remove it."""
    here, asked = ClaimHolder.here(), []

    async def restart(self, exitcode) -> None:
        asked.append(exitcode)

    monkeypatch.setattr(Nanny, "_on_worker_exit", restart)
    monkeypatch.setenv(PARENT, f"{here.pid} {here.born if owner == 'alive' else 'another process'}")
    with ThreadPoolExecutor(1) as pool:            # in a thread of its own, where no browser has left its loop
        pool.submit(asyncio.run, PrivateNanny._on_worker_exit(object.__new__(PrivateNanny), 1)).result()
    assert asked == [1] * restarted


# Which credentials an engine shows.

@pytest.fixture
def certificates(tmp_path):
    write_certificate(tmp_path)
    return tmp_path


def test_an_embedded_scheduler_is_shown_its_own_certificate_and_an_external_one_what_dask_is_configured_with(certificates):
    named = credentials(certificates)
    configured = {"distributed.comm.tls.ca-file": named["tls_ca_file"], "distributed.comm.tls.client.cert": named["tls_client_cert"],
                  "distributed.comm.tls.client.key": named["tls_client_key"]}
    with dask.config.set(configured), background_engine(workers=0) as address:
        assert address.startswith("tls://") and security_for(address) is EMBEDDED[address]
        assert security_for(address).tls_client_cert != named["tls_client_cert"]
        assert security_for("tls://elsewhere:8786").tls_client_cert == named["tls_client_cert"]
        engine = Engine(address)
        assert engine.queue() == []
        engine.close()


def test_an_external_scheduler_is_joined_with_its_certificates_and_trusted_with_no_others(certificates, store, monkeypatch):
    monkeypatch.setattr(engines, "ANSWER_WITHIN", "2s")
    right = Security(**credentials(certificates))
    (certificates / "other").mkdir()
    write_certificate(certificates / "other")
    wrong = Security(**credentials(certificates / "other"))

    async def joined() -> None:
        async with Scheduler(host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0", security=right) as scheduler:
            engine = await asyncio.to_thread(Engine, scheduler.address, store, right)
            assert await asyncio.to_thread(engine.queue) == []
            await asyncio.to_thread(engine.close)
            with pytest.raises(EngineError, match=r"no scheduler answers at tls://.* to these certificates"):
                await asyncio.to_thread(Engine, scheduler.address, store, wrong)

    with ThreadPoolExecutor(1) as elsewhere:       # a browser test before this one may have left a loop in this thread
        elsewhere.submit(asyncio.run, joined()).result()


@pytest.mark.parametrize(("configured", "address", "said"), [
    ({}, "tls://127.0.0.1:9", r"asks for certificates; name their files in DASK_DISTRIBUTED__COMM__TLS__CA_FILE"),
    ({"distributed.comm.tls.ca-file": "/nowhere", "distributed.comm.tls.client.cert": "/nowhere"}, "tls://127.0.0.1:9",
     r"cannot be read \(no such file or directory\)"),
    ({"distributed.comm.require-encryption": True}, "tcp://127.0.0.1:9", "it must be tls://")])
def test_credentials_that_do_not_fit_the_address_are_one_sentence(configured, address, said):
    with dask.config.set(configured):
        with pytest.raises(EngineError, match=said):
            Engine(address)
        with pytest.raises(CommandError, match=said):
            require_certificates(address)
