"""What a page tells about its pictures can be taken away: by name, with the address that shows the same again."""

import json

import numpy as np
import streamlit as st
from visiting import opened, told

from tutor.core.versions import __version__
from tutor.ui.shell import page_facts


def test_facts_are_written_with_the_address_that_shows_them(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    page_facts.clear_facts()
    assert page_facts.export_facts("/bayes") is None                      # a page that shows no numbers has nothing to take away
    page_facts.record_facts(heads=2, expects="Random coins", regret=np.float64(0.5), fair=np.bool_(False), unknown=float("nan"))
    page_facts.record_facts(heads=3)
    found = json.loads(page_facts.export_facts("/bayes?x=1"))
    facts = {"heads": 3, "expects": "Random coins", "regret": 0.5, "fair": False, "unknown": None}
    assert found == {"address": "/bayes?x=1", "version": __version__, "facts": facts}


def test_a_page_offers_the_numbers_that_it_has_told():
    app = opened("bayes", bayes_flips="HHT")
    assert not app.exception and told(app)["heads"] == 2
    assert "Numbers of this page (JSON)" in [one.proto.label for one in app.get("download_button")]
    assert "Numbers of this page (JSON)" not in [one.proto.label for one in opened("glossary").get("download_button")]
