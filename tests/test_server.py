"""What the server says on the terminal: a route that nobody's script is behind is no news; and what it does before the first visit."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import threadpoolctl
import torch
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from tutor.ui.experiment import film_files
from tutor.ui.network import network_files
from tutor.ui.network.network_addresses import NETWORK
from tutor.ui.server import server


def test_a_running_app_says_nothing_of_routes_without_a_visitor_and_keeps_its_other_warnings(monkeypatch, caplog):
    async def idle() -> None:
        await asyncio.sleep(60)

    async def asked() -> None:
        async with server.lifespan(None):
            await asyncio.to_thread(get_script_run_ctx)
            logging.getLogger(server.CONTEXT_LOG).warning("something else")

    monkeypatch.setenv("TUTOR_ENGINE", "off")
    for chore in ("warm_up", "collect_garbage", "announce_address"):
        monkeypatch.setattr(server, chore, idle)
    monkeypatch.setattr(logging.getLogger(server.CONTEXT_LOG), "filters", [])
    get_script_run_ctx()
    with ThreadPoolExecutor(1) as alone:   # a browser test before this one leaves the main thread with a running loop
        alone.submit(asyncio.run, asked()).result()
    assert [record.getMessage().split("!")[0] for record in caplog.records if record.name == server.CONTEXT_LOG] == [
        "Thread 'MainThread': missing ScriptRunContext", "something else"]


@pytest.fixture
def usual_threads():
    """What runs after this leaves the threads of the whole process as they are."""
    with threadpoolctl.threadpool_limits(None):
        yield


def test_numpy_multiplies_on_one_thread_and_torch_on_as_many_as_before(usual_threads):
    before = torch.get_num_threads()
    np.ones((2, 2)) @ np.ones((2, 2))
    server.limit_matrix_threads()
    assert {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"} == {1}
    assert torch.get_num_threads() == before


def test_what_the_first_visitor_fetches_is_made_before_he_comes():
    server.make_front_door()
    for made in (network_files.make_network_file, film_files.make_film_file):
        before = made.cache_info()
        made(NETWORK)
        assert made.cache_info().hits == before.hits + 1
