"""Labelled texts of a visitor in a model from elsewhere: mapped, measured beside their controls, and refused in a sentence."""

import numpy as np
import own_page
import pytest
from own_page import LABELLED, grouped, loaded
from visiting import pictures

from tutor import llm
from tutor.figures import distance_map
from tutor.measure.separation import BootstrapValue
from tutor.ui.labs.own_model import labelled_texts

desk, folder = own_page.desk, own_page.folder


@pytest.mark.parametrize("way", ["PCA", "t-SNE"])
@pytest.mark.parametrize("metric", labelled_texts.MEASURES)
def test_labelled_texts_are_mapped_and_measured_beside_their_controls(desk, folder, way, metric):
    app = loaded(desk, folder)
    before = pictures(app)
    app = grouped(app)
    app.segmented_control(key="own_model_groups_map").set_value(way)
    app.segmented_control(key="own_model_groups_measure").set_value(metric).run()
    assert not app.exception and not app.error and pictures(app) == before + 3
    found = llm.read_groups(desk.held.model, LABELLED).measured["this model"][1]["silhouette"].value
    assert any(f"a silhouette of **{found:.2f}**" in one.value for one in app.markdown)
    assert any("distances mean nothing" in one.value for one in app.warning) == (way == "t-SNE")


def test_nothing_is_read_before_somebody_says_so_and_wrong_lines_are_one_sentence(desk, folder):
    app = loaded(desk, folder)
    assert not any("a silhouette of" in one.value for one in app.markdown)
    app = grouped(app, "anna eats a red apple")
    sentence = "The line 'anna eats a red apple' has no label; write label: text, the label of at most 30 letters."
    assert [error.value for error in app.error] == [sentence]


def test_texts_that_are_read_later_get_nothing_of_those_before_though_they_lie_at_the_same_address(desk, folder, monkeypatch):
    shown = []
    monkeypatch.setattr(labelled_texts, "id", lambda one: 0, raising=False)
    monkeypatch.setattr(labelled_texts, "distance_map", lambda names, pairs: shown.append(pairs) or distance_map(names, pairs))
    app = loaded(desk, folder)
    for what in ("a red apple", "some cold milk"):
        grouped(app, LABELLED.replace("a red apple", what))
    assert not app.exception and shown[0] != shown[-1]


def test_separation_is_claimed_only_beyond_its_controls():
    def one(value, low, high):
        return {"silhouette": BootstrapValue(value, np.array([low, high]))}

    rows = np.zeros((8, 2))
    groups = llm.LabelledGroups(["a", "b"], np.repeat([0, 1], 4), [rows], rows)
    known = {"measured": {"this model": [one(0.5, 0.4, 0.6)], "shuffled labels": [one(0.0, -0.1, 0.1)]},
             "words": one(0.5, 0.3, 0.7)}
    groups.__dict__.update(known)
    said = ": {} than labels dealt out anew (0.00) and {} than the words alone (0.50)."
    assert labelled_texts.describe_separation(groups, 0).endswith(said.format("clearly more", "not clearly more"))
    known["measured"]["this model"] = [one(0.05, -0.2, 0.2)]
    assert labelled_texts.describe_separation(groups, 0).endswith(said.format("not clearly more", "clearly less"))
