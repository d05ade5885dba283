"""The instruments that measure the app: a real server, a tiny training, no stopwatch; what they start does not outlive them."""

import os
import sys

import psutil
import pytest
from smallest import pretraining
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tutor.bench import BENCHES, app_live
from tutor.bench.app_server import connect_engine, list_descendants, serve_app
from tutor.bench.app_speed import PAGES, make_row, measure_app, measure_changes, measure_memory, measure_pictures
from tutor.bench.app_visit import find_error, visit_page
from tutor.core.paths import PAGES as FILES

LINUX = pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="the system does not tell what a process uses")


@pytest.fixture(scope="module")
def server():
    with serve_app() as running:
        yield running


@pytest.fixture(scope="module")
def engine(server):
    asked = connect_engine(server)
    yield asked
    asked.close()


def test_the_bench_of_the_app_is_listed():
    assert BENCHES["app"] is measure_app
    assert {f"{page}.py" for page in PAGES} <= {path.name for path in FILES.glob("*.py")}


def test_a_client_that_polls_like_a_picture_gets_every_step_once(server, engine):
    key = engine.submit(pretraining(steps=60))
    assert app_live.watch_run(server.address, key).steps == list(range(1, 61))


def test_a_training_is_timed_by_its_diary_while_it_is_watched(server, engine):
    folder = engine.store.get(engine.submit(pretraining(steps=400, seed=1)))
    with app_live.watch_beside(server.address, folder.key) as seen:
        assert app_live.measure_pace(folder) > 0
    assert len(seen.steps) == 400 and seen.pictures == sorted(seen.pictures)


def test_a_training_that_never_ran_has_no_pace(server, engine):
    folder = engine.store.create(pretraining(seed=2))
    folder.write_status(folder.status().but(state="paused"))
    with pytest.raises(RuntimeError, match=folder.key):
        app_live.measure_pace(folder)


def test_trainings_take_turns_and_none_is_computed_twice():
    asked = {"alone": [], "watched": []}
    app_live.alternate_ways({name: lambda seed, name=name: asked[name].append(seed) or 1.0 for name in asked}, 3)
    assert [b - a for a, b in zip(asked["alone"], asked["watched"], strict=True)] == [1, 1, 1]
    assert len({*asked["alone"], *asked["watched"]}) == 6


def test_a_live_picture_can_show_five_pictures_a_second():
    pace, slowest = app_live.read_pauses()
    assert pace < 1 / 5 < slowest


def test_a_visit_ends_with_the_script_and_says_when_there_is_no_page(server):
    seen = visit_page(server.address, "bayes")
    assert seen.seconds > 0 and 10_000 < seen.largest < 2**20
    with pytest.raises(OSError):
        visit_page("http://127.0.0.1:9", "bayes")


def test_an_error_on_the_page_is_not_taken_for_the_page():
    broken, drawn = ForwardMsg(), ForwardMsg()
    broken.delta.new_element.exception.message = "said"
    drawn.delta.new_element.markdown.body = "said"
    assert find_error(broken) and not find_error(drawn)


@LINUX
def test_a_server_and_its_engine_are_weighed_together(server, engine):
    engine.client.wait_for_workers(1)
    first, *others = list_descendants(server.pid)
    assert first.pid == server.pid and len(others) >= 2
    assert measure_memory(first, *others) == pytest.approx(measure_memory(first) + measure_memory(*others), rel=0.1)


@LINUX
def test_nothing_outlives_a_server_that_is_left_by_an_error():
    with pytest.raises(ZeroDivisionError), serve_app() as running:
        started = list_descendants(running.pid)
        raise ZeroDivisionError
    assert len(started) > 1
    assert not [process for process in started if process.is_running()]
    assert not running.store.parent.exists()


def test_a_memory_that_cannot_be_read_is_said_and_not_guessed():
    gone = psutil.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert measure_memory(gone) == "not measured here"


def test_without_shipped_runs_the_rows_say_so(server):
    rows = [*measure_pictures(server, shipped=False), *measure_changes(server, shipped=False)]
    assert all(line["measured"].startswith("not measured: no ") for line in rows)


def test_a_row_has_figure_measured_unit_and_goal():
    assert make_row("a", 12.3456, "s", 4) == {"figure": "a", "measured": 12.3, "unit": "s", "goal": "<= 4"}
    assert make_row("a", "not measured", "per s", 5, at_least=True)["goal"] == ">= 5"
