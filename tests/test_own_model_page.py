"""The page of models from elsewhere: what it says before it loads, and what can be seen when a prompt is tuned."""

import time

import numpy as np
import own_page
import pytest
from own_models import other_kind
from own_page import loaded, looked_at, tuned
from visiting import opened, pictures, said

from tutor import figures, llm
from tutor.core.free_memory import format_bytes

desk, folder = own_page.desk, own_page.folder


def test_the_page_says_what_a_model_needs_before_it_is_loaded(desk, folder):
    app = looked_at(folder)
    assert not app.exception and desk.held.model is None
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Weights in memory"] == format_bytes(llm.inspect_model(llm.locate_model(str(folder))).weights)
    assert "Free on this machine" in shown


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
    names = {"Nearest token, cosine", "Nearest token, radii away", "Mahalanobis distance", "Effective rank", "Travelled, radii"}
    assert {metric.label for metric in app.metric} == names
    now, shown = desk.held.tuner.taken[-1], {metric.label: (metric.value, metric.delta) for metric in app.metric}
    assert shown["Nearest token, radii away"] == (f"{now.standing.distance:.2f}", f"draws from the cloud: {now.standing.apart:.2f}")
    assert shown["Travelled, radii"][0] == f"{now.travelled:.3g}"
    assert pictures(app) == 1 + 3 + 4 and len(app.dataframe[0].value) == 4            # states; losses, tape, cloud; bars and three maps
    assert any("that is rounding" in text.value for text in app.markdown)
    assert [one.label for one in app.get("download_button")] == ["Prompt (safetensors, with how it was made)", "Losses (CSV)"]


@pytest.mark.parametrize("prior", [kind for kind in llm.STARTS if kind != "words"])
def test_every_prior_is_a_start_with_texts_where_it_has_tasks(desk, folder, prior):
    desk.load(llm.locate_model(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior=prior)
    texts = {name: f"anna {name[0]} eats a red apple" for name in llm.TEXTS if name in llm.STARTS[prior].model_fields}
    for name, text in texts.items():
        app.text_area(key=f"own_model_prior_{prior}_{name}").set_value(text)
    tuned(desk, app, steps=1)
    assert desk.job.wait(60.0) and (desk.job.state, desk.job.message) == ("done", "")
    made = desk.held.order.prior
    assert made.kind == prior and {name: getattr(made, name) for name in texts} == texts and not app.exception
    app.run()
    assert ("shrunk towards a sphere" in said(app)) == bool(llm.measure_shrinkage(desk.held.model, made))


def test_a_text_that_is_too_long_for_the_check_is_one_sentence(desk, folder):
    desk.load(llm.locate_model(str(folder)), "me").wait(60.0)
    app = tuned(desk, opened("own_model"), steps=1)
    assert desk.job.wait(60.0)
    app.run()
    app.text_input(key="own_model_read").set_value("anna " * 70).run()
    assert [error.value for error in app.error] == ["The text has 70 tokens; the check reads at most 64."]


def test_a_prefix_has_no_tape_and_the_same_check(desk, folder):
    desk.load(llm.locate_model(str(folder)), "me").wait(60.0)
    app = tuned(desk, opened("own_model", own_model_method="PrefixPT"))
    assert desk.job.wait(60.0)
    app.run()
    assert not app.exception and not app.dataframe and any("that is rounding" in text.value for text in app.markdown)
    assert "no table of nearest words" in said(app)
    assert {metric.label for metric in app.metric} == {"Changed, of its length", "Effective rank"}


@pytest.mark.parametrize(("kind", "limit"), [
    ("lfm2", "layer 1 of lfm2 is of the kind conv"), ("mamba", "layer 1 of mamba is of the kind linear attention")])
def test_what_a_model_of_another_kind_can_do_is_shown_and_the_rest_is_a_sentence_in_its_place(desk, tmp_path, kind, limit):
    folder = other_kind(tmp_path / kind, kind)
    app = tuned(desk, loaded(desk, folder))
    assert desk.job.wait(60.0) and (desk.job.state, desk.job.message) == ("done", "")
    app.run()
    sentence = f"The check needs attention alone in the first layer, with keys and values, and {limit}."
    assert not app.exception and [error.value for error in app.error] == [sentence]
    assert pictures(app) == 1 + 3 and f"no prefix: {limit}" in said(app) and len(app.get("download_button")) == 2
    tuned(desk, opened("own_model", own_model_method="PrefixPT"))
    assert desk.job.wait(60.0) and desk.job.state == "failed"
    assert f"PrefixPT does not work on {kind}: it needs keys and values in every layer, and {limit}" in said(opened("own_model"))


def test_words_are_a_start_and_unreadable_ones_one_sentence(desk, folder):
    desk.load(llm.locate_model(str(folder)), "me").wait(60.0)
    app = opened("own_model", own_model_prior="words")
    app.text_input(key="own_model_words").set_value("")
    tuned(desk, app)
    assert [error.value for error in app.error] == ["The words are '', 0 tokens; give 1 to 64."] and desk.held.tuner is None


def test_cancel_stops_the_tuning_and_keeps_what_was_done(desk, folder):
    app = tuned(desk, loaded(desk, folder), steps=5000)
    while not desk.job.done:
        time.sleep(0.01)
    app.run()
    app.button(key="own_model_cancel").click().run()
    assert desk.job.wait(30.0) and desk.job.state == "cancelled"
    app.run()
    assert "The work done so far is kept" in said(app) and not app.exception and len(desk.held.tuner.taken) < 5000


def test_a_second_visitor_is_told_to_wait_and_cannot_stop_the_first(desk, folder):
    tuned(desk, loaded(desk, folder), steps=5000)
    other = opened("own_model")
    assert other.button(key="own_model_tune").disabled if desk.held.tuner is None else True
    other.button(key="own_model_cancel").click().run()
    assert "Somebody else began this and is still there" in said(other) and desk.busy


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
