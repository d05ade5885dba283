"""Many visitors at once, as on a server: no page may fail because of what another visitor does at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from tutor.bench.app_server import serve_app
from tutor.bench.visitors import walk_pages
from tutor.core.threads import fix_threads

VISITORS, RUNS = 4, 84


def test_pages_that_many_ask_for_at_once_are_all_drawn():
    """A part of `prompt-tutor bench visitors`: each of four visitors asks for every page, and all begin on different ones."""
    with serve_app(engine=False) as server:
        rows = walk_pages(server, VISITORS, RUNS)
    assert rows[-1]["runs"] == RUNS
    assert not [(row["page"], row["first"]) for row in rows if row["errors"]]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_blocks_of_one_thread_that_overlap_leave_the_count_of_the_process(two_threads, monkeypatch):
    monkeypatch.setenv("TUTOR_THREADS", "1")
    both_in, first_out = Barrier(2), Barrier(2)

    def first() -> None:
        with fix_threads():
            both_in.wait(30)
        first_out.wait(30)

    def second() -> int:
        with fix_threads():
            both_in.wait(30)
            first_out.wait(30)
            return torch.get_num_threads()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(first), pool.submit(second)
        one.result()
        assert other.result() == 1
    assert torch.get_num_threads() == 2


def test_a_block_within_a_block_keeps_one_thread_to_the_end(two_threads, monkeypatch):
    monkeypatch.setenv("TUTOR_THREADS", "1")
    with fix_threads():
        with fix_threads():
            pass
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
