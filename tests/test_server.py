"""What the server says on the terminal: a route that nobody's script is behind is no news."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

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
