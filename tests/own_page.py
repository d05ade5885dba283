"""The page of models from elsewhere as a visitor uses it: an empty desk, a tiny model, and the ways to look, load and tune."""

import pytest
from own_models import TEXT, saved
from streamlit.testing.v1 import AppTest
from visiting import opened, with_store

from tutor import llm
from tutor.runs.store import RunStore
from tutor.ui.labs.own_model import labelled_texts, model_picker, tuning_form, tuning_results

LABELLED = "\n".join(f"{label}: {who} eats {what} ." for label, what in (("fruit", "a red apple"), ("boat", "the old boat"))
                     for who in ("anna", "ben", "carl", "dora"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("models") / "tiny-llama", "tied llama")


@pytest.fixture
def desk(monkeypatch, tmp_path):
    """An empty desk, on a server that may load models."""
    with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    monkeypatch.delenv("TUTOR_OWN_MODELS", raising=False)
    fresh = llm.ModelSlot()
    for part in (model_picker, labelled_texts, tuning_form, tuning_results):
        monkeypatch.setattr(part, "DESK", fresh)
    yield fresh
    if fresh.job is not None:
        fresh.job.cancel()
        fresh.job.wait(30.0)


def looked_at(text) -> AppTest:
    app = opened("own_model")
    app.text_input(key="own_model_name").set_value(str(text))
    return next(button for button in app.button if button.label == "Look at it").click().run()


def loaded(desk, folder) -> AppTest:
    app = looked_at(folder)
    app.button(key="own_model_load").click().run()
    assert desk.job.wait(60.0) and desk.job.state == "done"
    return app.run()


def tuned(desk, app, steps=6, **fields) -> AppTest:
    app.text_area(key="own_model_text").set_value(TEXT)
    for name, value in {"steps": steps, "window": 16, "length": 4, **fields}.items():
        app.number_input(key=f"own_model_{name}").set_value(value)
    app.button(key="own_model_tune").click().run()
    return app


def grouped(app, text=LABELLED):
    app.text_area(key="own_model_groups_text").set_value(text)
    return next(button for button in app.button if button.label == "Read them").click().run()
