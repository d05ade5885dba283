"""What the server says on the terminal: a route that nobody's script is behind is no news; and what it does before the first visit."""

import asyncio
import logging
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import threadpoolctl
import torch
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from tutor.ui.experiment import film_files
from tutor.ui.network import network_files
from tutor.ui.network.network_addresses import NETWORK
from tutor.ui.server import memory, server


def test_a_running_app_says_nothing_of_routes_without_a_visitor_and_keeps_its_other_warnings(monkeypatch, caplog):
    async def idle() -> None:
        await asyncio.sleep(60)

    async def asked() -> None:
        async with server.lifespan(None):
            await asyncio.to_thread(get_script_run_ctx)
            logging.getLogger(server.CONTEXT_LOG).warning("something else")

    monkeypatch.setenv("TUTOR_ENGINE", "off")
    for home, chore in ((server, "warm_up"), (memory, "keep_tidy"), (server, "announce_address")):
        monkeypatch.setattr(home, chore, idle)
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


def leisure_at(moments: list[tuple[float, float]]) -> list[bool]:
    """Whether it is time to tidy at each moment (time, processor time of the server, both in seconds); the first is its start."""
    now = [moments[0]]
    leisure, found = memory.Leisure(clock=lambda: now[0][0], worked=lambda: now[0][1]), []
    for now[0] in moments[1:]:
        found.append(leisure.has_come())
        if found[-1]:
            leisure.tidied()
    return found


def test_a_server_tidies_once_it_is_calm_after_work_and_not_again_before_it_worked_more():
    assert leisure_at([(0, 0), (1, 0.9), (2, 1.8), (3, 1.8), (4, 1.8), (5, 1.9)]) == [False, False, True, False, False]


def test_a_server_that_is_never_calm_tidies_all_the_same():
    found = leisure_at([(second, second) for second in range(122)])
    assert [second for second, tidies in enumerate(found, start=1) if tidies] == [60, 120]


def test_what_is_no_longer_needed_is_collected():
    class Kept:
        def __init__(self):
            self.itself = self

    gone = weakref.ref(Kept())
    memory.free_memory()
    assert gone() is None
