"""The page Runs of a store with more runs than fit on one page."""

import pytest
from many_runs import many_runs
from visiting import opened, with_store

from tutor.runs.store import RunStore
from tutor.ui.run_views.run_search import LINES


@pytest.fixture
def long(monkeypatch, tmp_path):
    """Three runs more than a page holds, the newest first."""
    store = with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    return many_runs(store.root, LINES + 3, resting=LINES + 3)[::-1]


def test_a_page_holds_its_lines_and_no_more(long):
    app = opened("runs")
    assert list(app.dataframe[0].value["run"]) == [key[:6] for key in long[:LINES]]
    app.number_input(key="runs_page").set_value(2).run()
    assert list(app.dataframe[0].value["run"]) == [key[:6] for key in long[LINES:]] and not app.exception


def test_a_page_beyond_the_last_is_the_last_and_filters_shorten_the_list(long):
    assert list(opened("runs", runs_page="99").dataframe[0].value["run"]) == [key[:6] for key in long[LINES:]]
    app = opened("runs", runs_page="99", runs_kind="pretraining")
    assert set(app.dataframe[0].value["kind"]) == {"pretraining"} and "14 of 53 runs" in app.caption[0].value
    assert not [one for one in app.number_input if one.key == "runs_page"]
