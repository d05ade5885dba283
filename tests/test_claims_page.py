"""The page Claims: every claim with a verdict, by work, and what a choice of work and verdict leaves of them."""

import math

import pytest
from visiting import opened, pictures, said, with_store

from tutor.core.paths import ASSETS
from tutor.figures import ForestRow, forest_plot, verdict_bars
from tutor.runs.store import RunStore
from tutor.studies import STUDIES
from tutor.studies.works import OTHERS, WORKS, find_work, group_by_work
from tutor.ui.run_views import claim_list


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    return with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=ASSETS / "runs"))


def titles(app) -> set[str]:
    return {one.value.strip("*") for one in app.markdown if one.value.startswith("**")}


def test_every_study_is_grouped_once_and_most_under_one_of_the_papers():
    grouped = group_by_work(STUDIES)
    assert sorted(name for names in grouped.values() for name in names) == sorted(STUDIES)
    assert list(grouped) == [*WORKS, OTHERS] and len(grouped[OTHERS]) < 0.2 * len(STUDIES)


def test_the_work_that_a_source_names_first_is_the_studys():
    assert find_work("readers of Sedov et al. 2024 ask; see Petrov et al. 2024").cited == "Sedov et al. 2024"
    assert find_work("our own question") is OTHERS


def test_all_claims_stand_on_the_page_under_their_works(shipped):
    app = opened("claims")
    assert not app.exception and not app.error and 1 < pictures(app) <= 1 + len(app.header)
    assert {study.title for study in STUDIES.values()} <= titles(app)
    assert len(app.header) == len(WORKS) + 1


def test_a_work_and_a_verdict_narrow_the_list(shipped):
    known = claim_list.list_results()
    app = opened("claims", claims_work=WORKS[0].cited, claims_verdict=["reproduced"])
    wanted = {study.title for name, study in STUDIES.items()
              if find_work(study.source) is WORKS[0] and known[name]["verdict"] == "reproduced"}
    assert titles(app) & {study.title for study in STUDIES.values()} == wanted and wanted
    app = opened("claims", claims_work="MultiBob", claims_verdict=["contradicted"])
    assert "No claim has this verdict" in said(app) and not app.exception


def test_without_results_the_page_names_the_command(empty):
    app = opened("claims")
    assert "prompt-tutor study --list" in said(app) and not pictures(app)


def test_bars_add_up_to_the_claims():
    picture = verdict_bars({"one": {"reproduced": 2}, "two": {"reproduced": 1, "undecided": 3}})
    assert picture.alt == "Of 6 claims: 3 reproduced and 3 undecided."
    assert picture.table.drop(columns="work").to_numpy().sum() == 6


def row(**more) -> ForestRow:
    given = {"title": "A claim", "verdict": "reproduced", "values": (0.1, 0.2, 0.4), "middle": 0.2, "interval": (0.1, 0.4),
             "low": -math.inf, "high": 0.5, "said": "0.2 nats", "wanted": "at most 0.5"}
    return ForestRow(**given | more)


def test_a_row_of_the_forest_holds_all_of_its_marks_in_their_order():
    one = row(reported=0.45)
    assert [one.place(value) for value in (-math.inf, math.inf)] == [0, 1]
    places = [one.place(value) for value in (0.1, 0.2, 0.4, 0.45, 0.5)]
    assert places == sorted(places) and places[0] > 0 and places[-1] < 1
    equal = row(values=(0.3,) * 6, middle=0.3, interval=(0.3, 0.3), high=math.inf, low=-math.inf)
    assert equal.place(0.3) == pytest.approx(0.5)


def test_the_forest_draws_dots_intervals_and_the_works_own_numbers():
    picture = forest_plot([row(reported=0.45), row(title="Another", verdict="undecided", interval=(-math.inf, math.inf))])
    traces = {trace["name"]: trace for trace in picture.drawing.data}
    assert set(traces) == {"one network", "where the claim is true", "interval", "reproduced", "undecided", "printed in the work"}
    assert len(traces["one network"]["x"]) == 6 and len(traces["printed in the work"]["x"]) == 1
    assert len(traces["interval"]["x"]) == 3                             # one line and its gap: the other has no ends
    assert picture.alt == "2 claims, each with its effect and interval. A claim: reproduced; Another: undecided."
    assert picture.table["must be at most"].tolist() == [0.5, 0.5]
