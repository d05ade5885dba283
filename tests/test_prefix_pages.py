"""The pages about prefixes: a visitor types a list, steers a prefix, writes into a virtual token, and starts networks."""

import json

import pytest
from smallest import LISTS, list_prefix
from visiting import Asked, opened, pictures, with_store

from tutor.figures import Score, score_map
from tutor.methods import PrefixPT
from tutor.places import ASSETS
from tutor.runner import pretrain
from tutor.spec import Seeds
from tutor.store import RunStore
from tutor.studies import STUDIES
from tutor.studies.list_presets import live, live_prefix
from tutor.ui import anatomy, attentions, facts, films


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))
    for task in ("ascending", "descending"):
        pretrain(list_prefix(task), store)
    return store


@pytest.fixture
def small(monkeypatch, computed):
    return with_store(monkeypatch, computed)


def told(app) -> dict:
    return app.session_state[facts._PLACE]


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
    siblings = attentions.siblings(key)
    bundle = films.pushed_bundle(key, siblings)
    assert bundle["steps"][0] == 0 and bundle["steps"][-1] == list_prefix().tuning.steps and set(bundle["phases"]) == {1}
    assert len(bundle["x"]) == len(bundle["y"]) == len(bundle["steps"])
    assert bundle["x"][-1] == [None] * 3                              # the last moment is the drawing's own
    arrows, grey, moved = (len(part) for part in bundle["x"][0])
    assert grey == moved and arrows == 3 * grey - 1                   # from, to, and a gap between two arrows
    assert films.pushed_feed(key, siblings)["url"].endswith(",".join(siblings))       # kept for good, so it names all that it depends on
    for wrong in ((), siblings[:1] * 2, (key, list_prefix().base().key())):
        with pytest.raises(ValueError, match="they must be prefixes of one list network"):
            films.pushed_bundle(key, wrong)


def test_a_second_prefix_for_the_same_task_takes_the_place_of_the_first(monkeypatch, tmp_path):
    store = RunStore(tmp_path, shipped=tmp_path / "none")
    first = list_prefix("descending")
    second = first.model_copy(update={"seeds": Seeds(tune=7)})
    other = list_prefix("ascending")
    for spec in (first, second, other):
        pretrain(spec, store)
    with_store(monkeypatch, store)
    for chosen in (first, second):
        siblings = attentions.siblings(chosen.key())
        assert set(siblings) == {chosen.key(), other.key()}
        assert films.pushed_bundle(chosen.key(), siblings)["traces"][2] == 3 + siblings.index(chosen.key())


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
    assert [spec for spec, _ in engine.submitted] == list(live(3).values())
    assert not app.exception


def test_a_visitor_tunes_a_prefix_of_the_shipped_network(monkeypatch, tmp_path):
    store = RunStore(tmp_path / "runs", shipped=tmp_path / "none")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    app = opened("skills", skills_task="double histogram", skills_length="3")
    app.button(key="skills_own_start").click().run()
    assert [spec for spec, _ in engine.submitted] == list(live_prefix("double histogram", 3, 1).values())


def test_a_fresh_install_shows_what_was_measured_beside_what_the_authors_report(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("skills")
    assert pictures(app) >= 2 and not app.exception and not app.error
    assert told(app)["tuned_descending"] >= 0.8 and told(app)["prefix_descending"] <= 0.05


@pytest.mark.parametrize("measure", anatomy.MEASURES)
@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if study.lab == "anatomy" and name != "tiny-language"])
def test_every_study_of_the_anatomy_is_drawn_in_every_measure_that_it_has(name, measure):
    rows = json.loads((ASSETS / "studies" / f"{name}-fast.json").read_text())["rows"]
    scored = [row for row in rows if row["metric"] == measure]
    if not scored:
        assert (name, measure) == ("low-data", "accuracy")
        return
    drawn = anatomy.drawn(name, rows, measure)
    values = drawn.table["median"].dropna().tolist()
    assert sorted(values) == pytest.approx(sorted(row["value"] for row in scored))
    assert anatomy.MEASURES[measure] in drawn.alt


def test_shares_are_written_as_percentages_on_the_map_of_learning_rates():
    drawn = score_map(["direct"], ["0.1"], [[Score(0.62, 0.5, 0.7)]], across="learning rate", measure="facts told (share)")
    assert list(drawn.figure.data[0]["text"][0]) == ["<b>62%</b><br>± 10%"]


def test_anatomy_opens_on_what_was_measured_and_tells_a_table(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("anatomy", anatomy_first="nina", anatomy_last="reed")
    assert not app.exception and not app.error
    assert pictures(app) == len([study for study in STUDIES.values() if study.lab == "anatomy"])
    assert "nina reed" in told(app)["told"]
    assert any("numbers trained" in caption.value and "kept" in caption.value for caption in app.caption)
