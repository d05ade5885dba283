"""Who may use models from elsewhere: a browser on the machine that runs the app, or whoever the command line allows."""

import os

import own_page
import pytest
from visiting import opened, said

from tutor import cli, llm
from tutor.ui.labs.own_model import model_picker

desk, folder = own_page.desk, own_page.folder


@pytest.mark.parametrize(("address", "allowed"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.3.2.1", True),
                                                  (None, False), ("", False), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False)])
def test_only_a_loopback_address_is_this_machine_alone(monkeypatch, desk, address, allowed):
    monkeypatch.setattr(model_picker.st, "get_option", lambda name: {"server.address": address}[name])
    assert (model_picker.explain_hindrance() is None) == allowed


@pytest.mark.parametrize("headers", [
    {"Host": "tutor.example.org"}, {"Host": "127.0.0.1:8501", "Origin": "https://tutor.example.org"},
    {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.7"}, {"Host": "localhost", "Forwarded": "for=10.0.0.7"}])
def test_a_visitor_through_a_proxy_is_not_on_this_machine(headers):
    assert not model_picker.is_local(headers)


@pytest.mark.parametrize("headers", [{}, {"Host": "localhost:8501", "Origin": "http://localhost:8501"}, {"Host": "[::1]:8501"}])
def test_a_browser_on_this_machine_is(headers):
    assert model_picker.is_local(headers)


def test_a_public_server_offers_nothing_and_says_how_to_allow_it(monkeypatch, desk, folder):
    monkeypatch.setenv("TUTOR_OWN_MODELS", "0")
    app = opened("own_model", own_model_name=str(folder))
    assert "prompt-tutor app --own-models" in said(app) and not app.text_input and not app.button and not app.exception


def test_a_public_server_that_was_told_to_offers_it(monkeypatch, desk):
    monkeypatch.setattr(model_picker.st, "get_option", lambda name: "0.0.0.0")
    monkeypatch.setenv("TUTOR_OWN_MODELS", "1")
    assert model_picker.explain_hindrance() is None


@pytest.mark.parametrize(("option", "told"), [("--own-models", "1"), ("--no-own-models", "0")])
def test_the_command_line_decides_for_all_visitors(monkeypatch, tmp_path, option, told):
    monkeypatch.setenv("TUTOR_OWN_MODELS", "")
    monkeypatch.setenv("TUTOR_STORE", str(tmp_path))
    monkeypatch.setenv("TUTOR_BROWSER", "")
    seen = []
    monkeypatch.setattr("tutor.ui.server.server.run_app", lambda app, **place: seen.append(os.environ["TUTOR_OWN_MODELS"]))
    assert cli.answer_command(["app", "--no-browser", option]) == 0 and seen == [told]


def test_without_the_extra_the_page_says_what_to_install(monkeypatch, desk):
    monkeypatch.setattr(llm, "is_installed", lambda: False)
    assert 'pip install ".[llm]"' in said(opened("own_model"))
