"""A study that joins the registry is seen on the page of its lab, without a word on that page."""

import re

import pytest
from smallest import SmallStudy
from visiting import opened

from tutor import studies
from tutor.core.paths import PAGES
from tutor.ui.run_views import study_sections

LABS = sorted({study.lab for study in studies.STUDIES.values()} - {"coins"})


@pytest.mark.parametrize("lab", LABS)
def test_a_page_names_the_studies_of_its_lab_that_it_draws_itself(lab):
    """None is left over today, so that each has a section written for it; what a page names is a study of its lab."""
    written = (PAGES / f"{lab}.py").read_text("utf-8")
    own = {name for name, study in studies.STUDIES.items() if study.lab == lab}
    assert f'study_sections.draw_others("{lab}", ' in written
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', written)) & set(studies.STUDIES)
    assert named <= own
    assert lab == "anatomy" or named == own


@pytest.mark.parametrize("lab", ["skills", "attention"])
def test_a_new_study_is_a_section_of_its_page(lab, small, monkeypatch):
    before = [header.value for header in opened(lab).header]
    study = type("NewStudy", (SmallStudy,), {"name": "new", "title": "Something new", "lab": lab})()
    monkeypatch.setitem(studies.STUDIES, "new", study)
    app = opened(lab)
    assert not app.exception and not app.error
    assert [header.value for header in app.header] == [*before, "Something new"]
    assert any("prompt-tutor study new" in note.value for note in app.info)


def test_the_pictures_of_any_study_have_a_bar_for_every_row():
    coins = {"body": "LSTM", "on": "coins", "n": [50, 100]}
    rows = [coins | {"method": "SoftPT", "regret": [1.0, 2.0], "q25": [0.5, 1.5], "q75": [1.5, 2.5]},
            coins | {"method": "FullWT", "regret": [0.5, 0.75], "q25": [0.4, 0.7], "q75": [0.6, 0.8]},
            {"method": "SoftPT", "body": "LSTM", "on": "lists", "metric": "accuracy", "value": 0.5, "q25": 0.25, "q75": 1.0}]
    found = study_sections.group_scores({"rows": rows})
    regret = found["regret after 100 tokens (nats)"]["coins, LSTM"]
    assert list(found) == ["regret after 100 tokens (nats)", "accuracy"]
    assert [(name, score.value, score.q75) for name, score in regret.items()] == [("SoftPT", 2.0, 2.5), ("FullWT", 0.75, 0.8)]
    assert found["accuracy"]["lists, LSTM"]["SoftPT"].q25 == 0.25
