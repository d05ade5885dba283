"""What a visitor asks of a model from elsewhere and cannot have: said in one sentence, and nothing runs."""

import shutil

import own_page
import pytest
from own_models import TEXT
from own_page import grouped, loaded, looked_at, tuned
from visiting import opened, said

from tutor import llm
from tutor.ui.labs.own_model import labelled_texts, model_picker, tuning_form, tuning_results

desk, folder = own_page.desk, own_page.folder


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
    assert desk.held.tuner is None and not app.exception


def test_a_leash_is_asked_for_and_what_it_holds_is_told(desk, folder):
    desk.load(llm.locate_model(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior="words")
    app.text_input(key="own_model_words").set_value("anna eats a red")
    tuned(desk, app, leash=1000.0)
    assert desk.job.wait(60.0) and desk.held.order.how.leash == 1000
    app.run()
    assert "**4 of 4** vectors are still nearest to the token that they started from" in said(app) and not app.exception


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
    assert model_picker.format_count(int(many)) == shown


def test_what_a_folder_lacks_is_said_when_it_is_looked_at_and_by_its_own_name(desk, folder, tmp_path):
    bare = shutil.copytree(folder, tmp_path / "nofast")
    for path in bare.glob("*token*"):
        path.unlink()
    app = looked_at(bare)
    assert [error.value for error in app.error] == ["The model nofast has no fast tokenizer; there should be a tokenizer.json."]
    assert not app.metric and desk.job is None


@pytest.mark.parametrize("text", ["/etc", "/nowhere", "../../etc/passwd", "", "<script>alert(1)</script>", "ü" * 200])
def test_a_name_that_leads_nowhere_is_one_sentence(desk, text):
    app = looked_at(text)
    assert len(app.error) == 1 and not app.exception and desk.job is None


PARTS = [
    (model_picker, "show_model"),
    (model_picker, "show_sentences"),
    (labelled_texts, "show_labelled_texts"),
    (tuning_form, "ask_tuning"),
    (tuning_results, "show_result"),
    (tuning_results, "show_downloads"),
    (tuning_results, "show_writing"),
    (tuning_results, "show_first_layer_check"),
]


def test_another_visitor_may_put_the_model_away_while_the_page_is_drawn(desk, folder, monkeypatch):
    app = tuned(desk, loaded(desk, folder), steps=1)
    assert desk.job.wait(60.0)
    held = desk.held
    grouped(app.run())
    for module, name in PARTS:
        part, desk.held = getattr(module, name), held
        with monkeypatch.context() as here:
            here.setattr(module, name, lambda *given, part=part: (desk.forget(), part(*given)))
            app.run()
        assert not app.exception and not app.error, name
        assert desk.held.model is None


def test_a_model_is_put_away_when_somebody_says_so(desk, folder):
    app = loaded(desk, folder)
    app.button(key="own_model_forget").click().run()
    assert desk.held.model is None and desk.held.cloud is None and not app.exception
