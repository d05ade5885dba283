"""The page of models from elsewhere: who may use it, what it says before it loads, and what can be seen when a prompt is tuned."""

import os
import shutil
import time

import numpy as np
import pytest
from own_models import TEXT, saved
from streamlit.testing.v1 import AppTest
from visiting import opened, pictures, said, with_store

from tutor import cli, figures, llm
from tutor.llm import memory
from tutor.measure.clusters import Sampled
from tutor.store import RunStore
from tutor.ui import own_groups, own_model, own_order, own_tuning


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("models") / "tiny-llama", "tied llama")


@pytest.fixture
def desk(monkeypatch, tmp_path):
    """An empty desk, on a server that may load models."""
    with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    monkeypatch.delenv("TUTOR_OWN_MODELS", raising=False)
    fresh = llm.Desk()
    for part in (own_model, own_groups, own_order, own_tuning):
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


def test_the_page_says_what_a_model_needs_before_it_is_loaded(desk, folder):
    app = looked_at(folder)
    assert not app.exception and desk.model is None
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Weights in memory"] == memory.gigabytes(llm.look(llm.place_of(str(folder))).weights) and "Free on this machine" in shown


def test_a_link_neither_looks_nor_loads(desk, folder):
    app = opened("own_model", own_model_name=str(folder))
    assert not app.metric and desk.job is None and "No model is loaded" in said(app)


def test_a_loaded_model_opens_on_its_vocabulary_and_its_states(desk, folder):
    app = loaded(desk, folder)
    assert not app.exception and not app.error
    assert pictures(app) == 2 and "tied-llama" not in said(app) and "3 layers of width 32" in said(app)


def test_a_tuned_prompt_shows_losses_tape_cloud_check_and_what_is_written(desk, folder):
    app = tuned(desk, loaded(desk, folder))
    assert desk.job.wait(60.0)
    app.run()
    assert not app.exception and not app.error and desk.job.state == "done"
    assert {metric.label for metric in app.metric} >= {"Nearest token", "Travelled", "Effective rank", "Off the cloud"}
    assert pictures(app) == 1 + 3 + 4 and len(app.dataframe[0].value) == 4            # states; losses, tape, cloud; bars and three maps
    assert any("that is rounding" in text.value for text in app.markdown)
    assert [one.label for one in app.get("download_button")] == ["Prompt (safetensors, with how it was made)", "Losses (CSV)"]


@pytest.mark.parametrize("prior", [kind for kind in llm.STARTS if kind != "words"])
def test_every_prior_is_a_start_with_texts_where_it_has_tasks(desk, folder, prior):
    desk.load(llm.place_of(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior=prior)
    texts = {name: f"anna {name[0]} eats a red apple" for name in llm.TEXTS if name in llm.STARTS[prior].model_fields}
    for name, text in texts.items():
        app.text_area(key=f"own_model_prior_{prior}_{name}").set_value(text)
    tuned(desk, app, steps=1)
    assert desk.job.wait(60.0) and (desk.job.state, desk.job.message) == ("done", "")
    assert desk.order.prior.kind == prior and {name: getattr(desk.order.prior, name) for name in texts} == texts and not app.exception
    app.run()
    assert ("shrunk to a sphere" in said(app)) == bool(llm.shrunk(desk.model, desk.order.prior))


def test_a_text_that_is_too_long_for_the_check_is_one_sentence(desk, folder):
    desk.load(llm.place_of(str(folder)), "me").wait(60.0)
    app = tuned(desk, opened("own_model"), steps=1)
    assert desk.job.wait(60.0)
    app.run()
    app.text_input(key="own_model_read").set_value("anna " * 70).run()
    assert [error.value for error in app.error] == ["The text has 70 tokens; the check reads at most 64."]


def test_a_prefix_has_no_tape_and_the_same_check(desk, folder):
    desk.load(llm.place_of(str(folder)), "me").wait(60.0)
    app = tuned(desk, opened("own_model", own_model_method="PrefixPT"))
    assert desk.job.wait(60.0)
    app.run()
    assert not app.exception and not app.dataframe and any("that is rounding" in text.value for text in app.markdown)
    assert "A prefix has no tape" in said(app) and {metric.label for metric in app.metric} == {"Travelled", "Effective rank"}


def test_words_are_a_start_and_unreadable_ones_one_sentence(desk, folder):
    desk.load(llm.place_of(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior="words")
    app.text_input(key="own_model_words").set_value("")
    tuned(desk, app)
    assert [error.value for error in app.error] == ["The words are '', 0 tokens; give 1 to 64."] and desk.tuner is None


def test_cancel_stops_the_tuning_and_keeps_what_was_done(desk, folder):
    app = tuned(desk, loaded(desk, folder), steps=5000)
    while not desk.job.done:
        time.sleep(0.01)
    app.run()
    app.button(key="own_model_cancel").click().run()
    assert desk.job.wait(30.0) and desk.job.state == "cancelled"
    app.run()
    assert "What had been done by then is kept" in said(app) and not app.exception and len(desk.tuner.taken) < 5000


def test_a_second_visitor_is_told_to_wait_and_cannot_stop_the_first(desk, folder):
    tuned(desk, loaded(desk, folder), steps=5000)
    other = opened("own_model")
    assert other.button(key="own_model_tune").disabled if desk.tuner is None else True
    other.button(key="own_model_cancel").click().run()
    assert "Somebody else began this and is still there" in said(other) and desk.busy


def test_what_a_browser_sends_is_checked_again(desk, folder):
    app = loaded(desk, folder)
    app.text_area(key="own_model_text").set_value("anna eats milk")
    app.button(key="own_model_tune").click().run()
    assert desk.job.wait(30.0)
    app.run()
    assert "The text is too short to make one training example: it has 3 tokens" in said(app) and not app.exception


def test_no_text_is_one_sentence(desk, folder):
    app = loaded(desk, folder)
    app.button(key="own_model_tune").click().run()
    assert [error.value for error in app.error] == ["There is no text to tune on: choose a file of at most 10 MB, or type a few sentences."]
    assert desk.job.name.startswith("loading")


@pytest.mark.parametrize(("field", "value", "answer"), [
    ("length", 0, "Length is 0; it must be a whole number between 1 and 64."),
    ("length", 65, "Length is 65; it must be a whole number between 1 and 64."),
    ("steps", -1, "Steps is -1; it must be a whole number between 1 and 5,000."),
    ("leash", -1.0, "Leash is -1.0; it must be a number between 0 and 10,000."),
    ("learning_rate", 0.0, "Learning rate is 0.0; it must be a number between more than 0 and 1.")])
def test_a_number_out_of_bounds_is_one_sentence_and_nothing_runs(desk, folder, field, value, answer):
    app = loaded(desk, folder)
    app.text_area(key="own_model_text").set_value(TEXT)
    app.number_input(key=f"own_model_{field}").set_value(value).run()
    assert [error.value for error in app.error] == [answer] and app.button(key="own_model_tune").disabled
    assert desk.tuner is None and not app.exception


def test_a_leash_is_asked_for_and_what_it_holds_is_told(desk, folder):
    desk.load(llm.place_of(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior="words")
    app.text_input(key="own_model_words").set_value("anna eats a red")
    tuned(desk, app, leash=1000.0)
    assert desk.job.wait(60.0) and desk.order.how.leash == 1000
    app.run()
    assert "**4 of 4** vectors are still nearest to the token that they began at" in said(app) and not app.exception


def test_what_failed_is_no_news_to_who_looks_at_another_model(desk, folder):
    app = loaded(desk, folder)
    app.text_area(key="own_model_text").set_value("anna eats milk")
    app.button(key="own_model_tune").click().run()
    assert desk.job.wait(30.0)
    assert "The text is too short" in said(app.run())
    app.text_input(key="own_model_name").set_value(str(folder))
    next(button for button in app.button if button.label == "Look at it").click().run()
    assert "The text is too short" not in said(app) and app.button(key="own_model_load") and not app.exception
    assert "The text is too short" in said(opened("own_model"))                     # another visitor hears of it


@pytest.mark.parametrize(("many", "shown"), [(900, "900"), (49_632, "50 k"), (124_439_808, "124.4 M"), (69e9, "69.0 B")])
def test_parameters_are_counted_as_people_say_them(many, shown):
    assert own_model.counted(int(many)) == shown


def test_what_a_folder_lacks_is_said_when_it_is_looked_at_and_by_its_own_name(desk, folder, tmp_path):
    bare = shutil.copytree(folder, tmp_path / "nofast")
    for path in bare.glob("*token*"):
        path.unlink()
    app = looked_at(bare)
    assert [error.value for error in app.error] == ["The model nofast has no fast tokenizer; there should be a tokenizer.json."]
    assert not app.metric and desk.job is None


# Labelled texts.

LABELLED = "\n".join(f"{label}: {who} eats {what} ." for label, what in (("fruit", "a red apple"), ("boat", "the old boat"))
                     for who in ("anna", "ben", "carl", "dora"))


def grouped(app, text=LABELLED):
    app.text_area(key="own_model_groups_text").set_value(text)
    return next(button for button in app.button if button.label == "Read them").click().run()


@pytest.mark.parametrize("way", ["PCA", "t-SNE"])
@pytest.mark.parametrize("metric", own_groups.MEASURES)
def test_labelled_texts_are_mapped_and_measured_beside_their_controls(desk, folder, way, metric):
    app = loaded(desk, folder)
    before = pictures(app)
    app = grouped(app)
    app.segmented_control(key="own_model_groups_map").set_value(way)
    app.segmented_control(key="own_model_groups_measure").set_value(metric).run()
    assert not app.exception and not app.error and pictures(app) == before + 3
    found = llm.grouped(desk.model, LABELLED).measured["this model"][1]["silhouette"].value
    assert any(f"a silhouette of **{found:.2f}**" in one.value for one in app.markdown)
    assert any("distances mean nothing" in one.value for one in app.warning) == (way == "t-SNE")


def test_nothing_is_read_before_somebody_says_so_and_wrong_lines_are_one_sentence(desk, folder):
    app = loaded(desk, folder)
    assert not any("a silhouette of" in one.value for one in app.markdown)
    app = grouped(app, "anna eats a red apple")
    sentence = "The line 'anna eats a red apple' has no label; write label: text, the label of at most 30 letters."
    assert [error.value for error in app.error] == [sentence]


def test_separation_is_claimed_only_beyond_its_controls():
    def one(value, low, high):
        return {"silhouette": Sampled(value, np.array([low, high]))}

    rows = np.zeros((8, 2))
    groups = llm.Groups(["a", "b"], np.repeat([0, 1], 4), [rows], rows)
    known = {"measured": {"this model": [one(0.5, 0.4, 0.6)], "shuffled labels": [one(0.0, -0.1, 0.1)]},
             "words": one(0.5, 0.3, 0.7)}
    groups.__dict__.update(known)
    said = ": {} than labels dealt out anew (0.00) and {} than the words alone (0.50)."
    assert own_groups.finding(groups, 0).endswith(said.format("clearly more", "not clearly more"))
    known["measured"]["this model"] = [one(0.05, -0.2, 0.2)]
    assert own_groups.finding(groups, 0).endswith(said.format("not clearly more", "clearly less"))


@pytest.mark.parametrize("text", ["/etc", "/nowhere", "../../etc/passwd", "", "<script>alert(1)</script>", "ü" * 200])
def test_a_name_that_leads_nowhere_is_one_sentence(desk, text):
    app = looked_at(text)
    assert len(app.error) == 1 and not app.exception and desk.job is None


def test_a_model_is_put_away_when_somebody_says_so(desk, folder):
    app = loaded(desk, folder)
    app.button(key="own_model_forget").click().run()
    assert desk.model is None and desk.cloud is None and not app.exception


# Who may use it.

@pytest.mark.parametrize(("address", "allowed"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.3.2.1", True),
                                                  (None, False), ("", False), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False)])
def test_only_a_loopback_address_is_this_machine_alone(monkeypatch, desk, address, allowed):
    monkeypatch.setattr(own_model.st, "get_option", lambda name: {"server.address": address}[name])
    assert (own_model.hindrance() is None) == allowed


@pytest.mark.parametrize("headers", [
    {"Host": "tutor.example.org"}, {"Host": "127.0.0.1:8501", "Origin": "https://tutor.example.org"},
    {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.7"}, {"Host": "localhost", "Forwarded": "for=10.0.0.7"}])
def test_a_visitor_through_a_proxy_is_not_on_this_machine(headers):
    assert not own_model.near(headers)


@pytest.mark.parametrize("headers", [{}, {"Host": "localhost:8501", "Origin": "http://localhost:8501"}, {"Host": "[::1]:8501"}])
def test_a_browser_on_this_machine_is(headers):
    assert own_model.near(headers)


def test_a_public_server_offers_nothing_and_says_how_to_allow_it(monkeypatch, desk, folder):
    monkeypatch.setenv("TUTOR_OWN_MODELS", "0")
    app = opened("own_model", own_model_name=str(folder))
    assert "prompt-tutor app --own-models" in said(app) and not app.text_input and not app.button and not app.exception


def test_a_public_server_that_was_told_to_offers_it(monkeypatch, desk):
    monkeypatch.setattr(own_model.st, "get_option", lambda name: "0.0.0.0")
    monkeypatch.setenv("TUTOR_OWN_MODELS", "1")
    assert own_model.hindrance() is None


@pytest.mark.parametrize(("option", "told"), [("--own-models", "1"), ("--no-own-models", "0")])
def test_the_command_line_decides_for_all_visitors(monkeypatch, tmp_path, option, told):
    monkeypatch.setenv("TUTOR_OWN_MODELS", "")
    monkeypatch.setenv("TUTOR_STORE", str(tmp_path))
    monkeypatch.setenv("TUTOR_BROWSER", "")
    seen = []
    monkeypatch.setattr("tutor.ui.server.run", lambda app, **place: seen.append(os.environ["TUTOR_OWN_MODELS"]))
    assert cli.answer(["app", "--no-browser", option]) == 0 and seen == [told]


def test_without_the_extra_the_page_says_what_to_install(monkeypatch, desk):
    monkeypatch.setattr(llm, "installed", lambda: False)
    assert 'pip install "prompt-tutor[llm]"' in said(opened("own_model"))


# Its pictures.

def test_sentences_are_framed_by_all_but_their_first_tokens():
    ways = [np.array([[900.0, 900.0], [0.0, 1.0], [2.0, 1.5]]), np.array([[0.0, 0.0], [1.0, -1.0]])]
    drawn = figures.sentence_paths(["a b c", "d e"], [["a", "b", "c"], ["d", "e"]], ways, (0.6, 0.3))
    low, high = drawn.drawing.layout["xaxis"]["range"]
    assert drawn.figure and (low, high) == pytest.approx((-0.16, 2.16)) and len(drawn.table) == 5


def test_losses_are_drawn_over_the_steps_to_come_beside_the_model_without_a_prompt():
    drawn = figures.tuning_losses([3.0, 2.0, 1.5], [(0, 3.1), (2, 1.75)], 2.5, 10)
    assert drawn.figure and drawn.drawing.layout["xaxis"]["range"] == [0, 10]
    assert drawn.alt == "Without a prompt the model loses 2.50 nats per token on held-out text; behind the prompt 1.75 after 2 steps."
    assert drawn.table["validation"].isna().tolist() == [False, True, False]
