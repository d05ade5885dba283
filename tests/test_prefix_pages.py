"""The pages about prefixes: a visitor types a list, steers a prefix, writes into a virtual token, and starts networks."""

import pytest
from smallest import LISTS, list_prefix
from visiting import Asked, opened, pictures, told, with_store

from tutor.methods import FullWT, PrefixPT
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import Seeds
from tutor.runs.store import RunStore
from tutor.studies import STUDIES
from tutor.studies.list_presets import live_prefix_specs, live_specs
from tutor.ui.labs.prefixes import attention_views, skill_matrix
from tutor.ui.plot import frame_feeds
from tutor.ui.run_views import cached_results
from tutor.ui.server import frames_api


def test_the_theorem_holds_on_the_visitors_own_list(small):
    app = opened("attention", attention_list_4="3021")
    assert pictures(app) == 10 and not app.error
    assert told(app)["layer"] == 1 and told(app)["difference"] < 1e-6 and 0 < told(app)["share"] < 1
    app.number_input(key="attention_layer_2").set_value(2).run()
    assert told(app)["layer"] == 2 and told(app)["difference"] > 1e-6


@pytest.mark.parametrize(("text", "answer"), [
    ("1 2 3", f"The list has 3 digits; this network reads {LISTS.items}."),
    ("9 9 9 9", "The list has '9'; its digits are 0 to 3."),
])
def test_what_is_no_list_is_said_in_a_sentence(small, text, answer):
    app = opened("attention", attention_list_4=text)
    assert [error.value for error in app.error] == [answer]


def test_a_prefix_that_draws_more_gets_more_and_one_that_says_nothing_changes_nothing_but_the_scale(small):
    app = opened("attention")
    before = told(app)["share"]
    app.slider(key="attention_pull").set_value(0.0).run()
    assert told(app)["share"] != before and told(app)["pull"] == 0
    app.slider(key="attention_push").set_value(0.0).run()
    assert told(app)["push"] == 0 and not app.exception


def test_the_timeline_tunes_the_chosen_prefix_again(small):
    key = list_prefix("descending").key()
    siblings = attention_views.find_siblings(key)
    bundle = frames_api.pushed_bundle(key, siblings)
    assert bundle["steps"][0] == 0 and bundle["steps"][-1] == list_prefix().tuning.steps and set(bundle["phases"]) == {1}
    assert len(bundle["x"]) == len(bundle["y"]) == len(bundle["steps"])
    assert bundle["x"][-1] == [None] * 3                              # the last moment is the drawing's own
    arrows, grey, moved = (len(part) for part in bundle["x"][0])
    assert grey == moved and arrows == 3 * grey - 1                   # from, to, and a gap between two arrows
    # the answer is kept for good, so its address names all that it depends on
    assert frame_feeds.feed_pushed_outputs(key, siblings)["url"].endswith(",".join(siblings))
    for wrong in ((), siblings[:1] * 2, (key, list_prefix().base().key())):
        with pytest.raises(ValueError, match="they must be prefixes of one list network"):
            frames_api.pushed_bundle(key, wrong)


def test_a_second_prefix_for_the_same_task_takes_the_place_of_the_first(monkeypatch, tmp_path):
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    first = list_prefix("descending")
    second = first.model_copy(update={"seeds": Seeds(tune=7)})
    other = list_prefix("ascending")
    for spec in (first, second, other):
        pretrain(spec, store)
    with_store(monkeypatch, store)
    for chosen in (first, second):
        siblings = attention_views.find_siblings(chosen.key())
        assert set(siblings) == {chosen.key(), other.key()}
        assert frames_api.pushed_bundle(chosen.key(), siblings)["traces"][2] == 3 + siblings.index(chosen.key())


def test_prefixes_of_the_default_length_and_of_the_last_layers_alone_are_shown_as_well(monkeypatch, tmp_path):
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    for method in (PrefixPT(), PrefixPT(length=3, layers=1)):
        run = pretrain(list_prefix().model_copy(update={"method": method}), store)
        with_store(monkeypatch, store)
        app = opened("attention", attention_run=run.key)
        assert not app.exception and not app.error


def test_one_virtual_token_writes_what_a_visitor_types(small):
    app = opened("attention", attention_string="Hello, world", attention_word="abc", attention_pair="13")
    said = " ".join(one.value for one in app.markdown)
    assert "**`Hello, world`**" in said and "**`nop`**" in said and "**`0`**" in said


@pytest.mark.parametrize(("field", "text", "said", "shown"), [
    ("string", "né", "The string 'né' has the sign 'é'; allowed are letters, digits and signs of plain English.", 9),
    ("map", "abc", "The map has 3 signs; it must have 26.", 9),
    ("word", "Hi", "The word 'Hi' has the sign 'H'; allowed are a to z.", 10),
    ("word", "", "The word has 0 signs; it must have 1 to 12.", 10),
    ("pairs", "012", "The map of pairs has 3 signs; it must have 16.", 9),
    ("pair", "7", "The pair '7' has the sign '7'; allowed are 0 to 3.", 10),
])
def test_what_cannot_be_written_is_said_of_its_own_field_and_the_rest_of_the_page_stays(small, field, text, said, shown):
    app = opened("attention")
    app.text_input(key=f"attention_{field}").set_value(text).run()
    assert [error.value for error in app.error] == [said] and pictures(app) == shown


def test_a_visitor_has_three_networks_trained_and_another_seed_is_another_three(monkeypatch, tmp_path):
    store = RunStore(tmp_path / "runs", shipped=tmp_path / "none")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    app = opened("skills", skills_seed="3")
    app.button(key="skills_live_start").click().run()
    assert [spec for spec, _ in engine.submitted] == list(live_specs(3).values())
    assert not app.exception


def test_a_visitor_tunes_a_prefix_of_the_shipped_network(monkeypatch, tmp_path):
    store = RunStore(tmp_path / "runs", shipped=tmp_path / "none")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    app = opened("skills", skills_task="double histogram", skills_length="3")
    app.button(key="skills_own_start").click().run()
    assert [spec for spec, _ in engine.submitted] == list(live_prefix_specs("double histogram", 3, 1).values())


def test_a_fresh_install_shows_what_was_measured_beside_what_the_authors_report(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("skills")
    assert pictures(app) >= 2 and not app.exception and not app.error
    assert told(app)["tuned_descending"] >= 0.8 and told(app)["prefix_descending"] <= 0.05


def test_a_live_board_says_what_it_costs(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"), Asked(RunStore(tmp_path / "runs")))
    said = [caption.value for caption in opened("skills").caption]
    assert any("Costs about" in text and "of one core" in text for text in said)


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    """A sorter of eight steps, tuned by weights and by a prefix, as a visitor's three networks."""
    store = RunStore(tmp_path_factory.mktemp("raced"), shipped=tmp_path_factory.mktemp("none"))
    prefix = list_prefix("descending").model_copy(update={"source": LISTS.related()[0]})
    specs = {"pretrained": prefix.base(), "FullWT": prefix.model_copy(update={"method": FullWT()}), "PrefixPT": prefix}
    for spec in specs.values():
        pretrain(spec, store)
    return store, specs


def test_three_finished_networks_are_summed_up_in_numbers_and_lead_to_the_prefixs_attention(monkeypatch, raced):
    store, specs = raced
    with_store(monkeypatch, store)
    monkeypatch.setattr("tutor.studies.list_presets.live_specs", lambda seed: specs)
    app = opened("skills")
    closing = next(text.value for text in app.markdown if text.value.startswith("Held-out lists without a mistake"))
    right = skill_matrix.load_scores(specs["PrefixPT"].key())["Descending"]
    assert f"**PrefixPT** {right:.0%} (descending)" in closing and "In the study it came out otherwise" in closing
    assert any(specs["PrefixPT"].key() in str(link.proto) for link in app.get("page_link"))


def test_what_came_out_is_held_against_the_study():
    assert "As in the study" in skill_matrix.compare_with_study({"pretrained": 1.0, "FullWT": 0.9, "PrefixPT": 0.0})
    assert "otherwise" in skill_matrix.compare_with_study({"pretrained": 1.0, "FullWT": 0.9, "PrefixPT": 0.5})
    assert skill_matrix.compare_with_study({"PrefixPT for ascending": 1.0}) == ""


def test_while_a_network_is_trained_its_filmed_lists_are_counted(monkeypatch, raced):
    store, specs = raced
    with_store(monkeypatch, store)
    frame = store.load(specs["PrefixPT"].key()).frames()[-1]
    right = [all(frame.probs[i, t].argmax() == frame.tokens[i, t] for t in range(4, 8)) for i in range(16)]
    assert skill_matrix.score_so_far(specs["PrefixPT"].key(), 4) == sum(right) / 16
    assert skill_matrix.score_so_far("0000000000000000", 4) is None


@pytest.mark.parametrize(("name", "said"), [
    ("new-attention", "with a network of the same size"),
    ("elicit", "with 1 layer of width 256 where ours has 1 of width 96"),
    ("compose", "with 4 layers of width 256 where ours has 2 of width 96, on lists of 10"),
])
def test_a_matrix_says_how_the_authors_network_differs(name, said):
    assert skill_matrix.describe_source_setup(STUDIES[name]) == said


def test_one_vector_is_no_vectors(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    result = cached_results.study_result("universality", "fast")
    assert list(skill_matrix.list_excesses(result)) == ["1 vector", "5 vectors", "20 vectors", "60 vectors"]
    assert all(len(score.each) == 3 for scores in skill_matrix.list_excesses(result).values() for score in scores.values())
