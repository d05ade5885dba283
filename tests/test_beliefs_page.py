"""The page Beliefs: which network, which tokens, which process; and every mistake is a sentence."""

import pytest
from test_belief_pictures import LENGTH, SMALL
from visiting import Asked, opened, pictures, said, told, with_store

from tutor.predictors import LSTM
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources import HiddenMarkov
from tutor.studies.belief_presets import specify_network
from tutor.ui.labs.beliefs import cached_beliefs, token_walk


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))
    pretrain(SMALL, store)
    return store


def test_every_layer_stands_between_the_exact_beliefs_and_the_untrained_network(monkeypatch, filled):
    with_store(monkeypatch, filled)
    app = opened("beliefs")
    assert not app.exception and not app.error
    titles = [one.value for one in app.markdown if one.value.startswith("**") and len(one.value) < 60]
    assert titles[:4] == ["**The ideal predictor**", "**The network, layer 1: hidden state**", "**The network, layer 2: hidden state**",
                          "**Untrained, layer 2: hidden state**"]
    assert pictures(app) == 6                                                      # four triangles, what comes next, the curve
    assert told(app)["r2_probabilities"] == pytest.approx(1, abs=1e-6) and "proves nothing" in " ".join(m.value for m in app.markdown)


def test_a_click_on_a_token_reads_it_and_undo_takes_it_back(monkeypatch, filled):
    with_store(monkeypatch, filled)
    app = opened("beliefs", beliefs_tokens="01")
    app.button(key="beliefs_add_2").click().run()
    assert app.query_params["beliefs_tokens"] == ["012"] or app.query_params["beliefs_tokens"] == "012"
    assert "After 3 tokens" in " ".join(one.value for one in app.markdown)
    app.button(key="beliefs_undo").click().run()
    assert "After 2 tokens" in " ".join(one.value for one in app.markdown)
    app.text_input(key="beliefs_typed").set_value("2 2,2 0").run()
    assert "After 4 tokens" in " ".join(one.value for one in app.markdown)


def test_a_token_that_the_source_does_not_have_is_a_sentence(monkeypatch, filled):
    with_store(monkeypatch, filled)
    app = opened("beliefs", beliefs_tokens="0173")
    assert [error.value for error in app.error] == ["The tokens hold '7'; this source has tokens 0 to 2."] and not app.exception


@pytest.mark.parametrize(("text", "vocab", "tokens"), [("012", 3, (0, 1, 2)), ("0 1, 2", 3, (0, 1, 2)), ("", 3, ()), ("-", 3, ()),
                                                       ("10 0 3", 12, (10, 0, 3)), ("01" * 20, 2, (0, 1) * 8)])
def test_tokens_are_digits_or_numbers_with_spaces(text, vocab, tokens):
    assert token_walk.parse_tokens(text, vocab) == tokens


def test_a_process_is_chosen_by_name_and_trained(monkeypatch, filled):
    engine = Asked(filled)
    with_store(monkeypatch, filled, engine)
    app = opened("beliefs", beliefs_process_transitions="Z1R, noisy")
    app.button(key="beliefs_start").click().run()
    (spec, _), = engine.submitted
    assert spec == specify_network(HiddenMarkov(transitions="Z1R, noisy"), LSTM())
    assert not app.exception
    filled.delete(spec.key())


def test_a_process_of_ones_own_is_written_as_matrices_and_a_mistake_is_a_sentence(monkeypatch, filled):
    with_store(monkeypatch, filled)
    app = opened("beliefs", beliefs_process_transitions="my own matrices")
    app.text_area(key="beliefs_process_transitions_own").set_value("0.5, 0; 0, 0.5 | 0, 0.4; 0.5, 0").run()
    assert any("rows of state 0 sum to 0.9" in error.value for error in app.error) and not app.exception


def test_frames_of_a_layer_end_with_the_drawing(monkeypatch, filled):
    with_store(monkeypatch, filled)
    bundle = cached_beliefs.bundle_beliefs(SMALL.key(), 1)
    assert bundle["steps"][-1] == SMALL.recipe.steps and len(bundle["x"]) == len(bundle["y"]) == len(bundle["steps"])
    assert bundle["x"][-1] == [None] and len(bundle["x"][0][0]) == 96 * LENGTH and "z" not in bundle
    with pytest.raises(ValueError, match="x is 2; this network has layers 0 to 1"):
        cached_beliefs.bundle_beliefs(SMALL.key(), 2)


def test_without_a_network_the_page_offers_to_train_one(empty):
    app = opened("beliefs")
    assert "There is no network for hidden states yet" in said(app) and not app.exception
    assert app.button(key="beliefs_start").label == "Train this network"
