"""The anatomy of a prefix: what was found and why, the sentence that is told and its mistakes, and a visitor's own prefix."""

import numpy as np
import pytest
from visiting import Asked, opened, pictures, told, with_store

from tutor import Recipe
from tutor.methods import PrefixPT, SoftPT
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources.language.documents import ROWS
from tutor.studies import STUDIES
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE, tuning_spec
from tutor.studies.row_fields import matches
from tutor.ui.labs.prefixes import findings, prefix_anatomy, table_to_text, tune_prefix
from tutor.ui.run_views import cached_results, repetitions

NAMES = [name for name, study in STUDIES.items() if study.lab == "anatomy"]
ROW = ("anna miller", "norwick", "baker", "plums", "dog")
CHOICES = {"layers": tune_prefix.LAYERS[0], "where": "before the table", "start": "random words", "words": "", "length": 8, "mlp": None}


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    return with_store(monkeypatch, RunStore(tmp_path / "runs"))


@pytest.mark.parametrize("measure", prefix_anatomy.MEASURES)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "tiny-language"])
def test_every_study_is_drawn_in_every_measure_with_all_of_its_repetitions(shipped, name, measure):
    found = cached_results.study_result(name, "fast")
    drawn = prefix_anatomy.draw_study(name, found, measure)
    assert prefix_anatomy.MEASURES[measure] in drawn.alt
    listed = [row["value"] for row in found["rows"] if row["metric"] == measure]
    if listed:
        assert sorted(drawn.table["median"].dropna()) == pytest.approx(sorted(listed))
    else:
        assert (name, measure) == ("low-data", "accuracy") and len(drawn.table) == 8
    each = drawn.table[[f"repetition {i}" for i in (1, 2, 3)]].dropna()
    assert np.median(each, axis=1) == pytest.approx(drawn.table["median"][each.index])


def test_the_repetitions_behind_a_row_have_its_median_and_subsets_count_as_repetitions(shipped):
    for name in ("length", "low-data", "universality"):
        found = cached_results.study_result(name, "fast")
        for row in found["rows"]:
            values = repetitions.score_row(row, found["keys"]).each
            assert not values if not row["key"] else (len(values) == 3 and np.median(values) == pytest.approx(row["value"]))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_found_is_said_with_the_numbers_of_the_result(shipped, name):
    result = cached_results.study_result(name, "fast")
    metric = "accuracy" if name == "tiny-language" else "bleu"
    told = findings.describe_finding(name, result)
    said = {f"{row['value']:.0%}" if metric == "accuracy" else f"{row['value']:.0f}" for row in result["rows"] if row["metric"] == metric}
    assert sum(number in told for number in said) >= 1 and told.endswith(".") and "nan" not in told


def test_a_finding_follows_its_numbers(shipped):
    result = cached_results.study_result("reparametrisation", "fast")
    assert "0.25 might have served them better" in findings.describe_finding("reparametrisation", result)
    best = {"way": "direct", "rate": 0.05}
    turned = result | {"rows": [row | {"value": 100.0 if matches(row, best) else 10.0} for row in result["rows"]]}
    told = findings.describe_finding("reparametrisation", turned)
    assert "might have served" not in told and "opposite ends" not in told


def test_the_last_two_layers_are_called_worse_only_where_the_repetitions_say_so(shipped):
    result = cached_results.study_result("depth", "fast")
    assert "In the last two layers it is 55, and the repetitions overlap" in findings.describe_finding("depth", result)
    worse = {(2, "bleu"): {"value": 20.0, "q25": 19.0, "q75": 21.0}}
    lower = result | {"rows": [row | worse.get((row["fields"]["layers"], row["metric"]), {}) for row in result["rows"]]}
    assert "In the last two layers it is 20, which is less." in findings.describe_finding("depth", lower)


def test_the_stairs_of_the_results_are_those_of_guessing(shipped):
    """One vector tells all but two facts, eight all but one: what is measured lies on the levels that are drawn."""
    marks, found = prefix_anatomy.score_marks("bleu"), findings.StudyScores(cached_results.study_result("length", "fast"))
    assert found.value(length=1) == pytest.approx(marks["two facts guessed"], abs=2)
    assert found.value(length=8) == pytest.approx(marks["one fact guessed"], abs=2)
    assert found.complete(*({"length": k} for k in (16, 32, 64))) == "6 of 9" and found.complete({"length": 8}) == "0 of 3"
    assert findings.score_guesses(("pet",)).slots == pytest.approx(1 - 15 / 16 / 6, abs=0.01)
    assert prefix_anatomy.score_marks("slots")["untuned, in an old way"] == 1.0


def test_the_page_opens_on_the_network_that_tells_best_not_on_one_whose_siblings_do(shipped):
    known = table_to_text.list_writers()
    scores = [table_to_text.load_score(key) for key in known if "summaries" not in known[key]]
    assert scores[0] == max(scores) >= 99.9
    poor = next(key for key, name in known.items() if name.startswith("How long a prefix: 16 vectors"))
    values = repetitions.repetition_scores(poor, "bleu", TABLE.kind, "table", (poor,))
    assert (
        np.median(values) > 99 and table_to_text.load_score(poor) == pytest.approx(values[0]) and f"(BLEU {values[0]:.0f})" in known[poor]
    )


def test_anatomy_opens_on_a_right_sentence_and_on_what_was_measured(shipped):
    app = opened("anatomy", anatomy_first="nina", anatomy_last="reed")
    assert not app.exception and not app.error
    assert pictures(app) == len(NAMES)
    assert "nina reed" in told(app)["told"] and told(app)["wrong"] == 0
    assert any("numbers trained" in caption.value and "kept" in caption.value for caption in app.caption)
    assert any("pet **100%**" in caption.value for caption in app.caption)


def test_a_wrong_fact_is_marked_and_named(shipped):
    key = next(key for key, name in table_to_text.list_writers().items() if name.startswith("How long a prefix: 16 vectors"))
    app = opened("anatomy", anatomy_run=key)
    sentence = told(app)["told"]
    assert told(app)["wrong"] == 1 and "dog" not in sentence.split()
    wrong = next(word for word in sentence.split() if word in table_to_text.KINDS["pet"])
    shown = next(text.value for text in app.markdown if text.value.startswith("Tuned"))
    assert f":red[**{wrong}**]" in shown and f"Wrong: pet ({wrong}, the table says dog)." in shown
    assert any("pet is no better than guessed" in caption.value for caption in app.caption)


def test_what_luck_would_hardly_do_is_not_called_guessed():
    assert table_to_text.chance_of_guessing(0, 64, 1 / 16) == pytest.approx(1) and table_to_text.chance_of_guessing(
        2, 2, 1 / 16
    ) == pytest.approx(1 / 256)
    assert table_to_text.chance_of_guessing(1, 2, 1 / 16) == pytest.approx(31 / 256)
    assert table_to_text.chance_of_guessing(12, 64, 1 / 16) == pytest.approx(0.00055, abs=1e-5)
    told = table_to_text.describe_shares({"name": 0.1, "town": 7 / 64, "job": 8 / 64, "pet": 12 / 64, "colour": 8 / 64})
    assert ": town and colour are no better than guessed." in told                  # a colour is one of eight, and a name is no guess


def test_mistakes_are_what_does_not_stand_in_the_row():
    said = "norwick : baker anna fox , rabbit , plums ."
    assert table_to_text.list_mistakes(said, ROW, TABLE) == ["name (fox, the table says anna miller)", "pet (rabbit, the table says dog)"]
    assert table_to_text.list_mistakes("", ROW, TABLE)[1] == "town (nothing, the table says norwick)"
    assert table_to_text.list_mistakes("anna miller , baker of norwick , likes plums .", ROW, SUMMARY) == []
    assert table_to_text.mark_mistakes("baker anna fox", ROW) == "*baker* *anna* :red[**fox**]"


def test_a_summary_is_asked_of_sentences():
    anna = ("lives in norwick", "works as a baker", "likes plums", "has a dog")
    assert table_to_text.make_input(SUMMARY, ROW) == " ".join(f"anna miller {fact} ." for fact in anna) + " summary :"
    cells = " | ".join(f"{name} = {value}" for name, value in zip(ROWS, ROW, strict=True))
    assert table_to_text.make_input(TABLE, ROW) == f"table : {cells} . text :"


@pytest.mark.parametrize(("changed", "method"), [
    ({}, PrefixPT(length=8, init="tokens")),
    ({"layers": "in the last layer", "length": 3}, PrefixPT(length=3, init="tokens", layers=1)),
    ({"layers": tune_prefix.FLAT, "start": "zeros"}, SoftPT(length=8, init="zeros")),
    ({"start": "random numbers", "mlp": 32}, PrefixPT(length=8, init="normal", mlp=32)),
], ids=str)
def test_choices_become_a_method(changed, method):
    assert tune_prefix.make_method("tables", **CHOICES | changed) == method


@pytest.mark.parametrize(("task", "changed", "answer"), [
    ("tables", {"length": 65}, "1 to 64 vectors"),
    ("tables", {"mlp": 100_000}, "1 to 512 hidden units"),
    ("tables", {"start": tune_prefix.WORDS, "words": "zebra"}, "the text has zebra"),
    ("tables", {"start": tune_prefix.WORDS}, "there are no words to start from"),
    ("tables", {"layers": tune_prefix.FLAT, "mlp": 8}, "an MLP and words of one's own are not possible"),
    ("summaries", {"where": "between table and text"}, "for summaries it must be in front"),
])
def test_choices_that_do_not_go_together_are_answered_in_a_sentence(task, changed, answer):
    with pytest.raises(ValueError, match=answer):
        tune_prefix.make_method(task, **CHOICES | changed)


def test_a_visitor_has_a_prefix_tuned(monkeypatch, tmp_path):
    store = RunStore(tmp_path / "runs")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    chosen = {"length": "16", "layers": "in the last two layers", "rate": "0.25", "seed": "5"}
    app = opened("anatomy", **{f"anatomy_own_{name}": value for name, value in chosen.items()})
    app.button(key="anatomy_own_start").click().run()
    (spec, _), = engine.submitted
    assert (spec.base(), spec.on, spec.method) == (MODEL, TABLE, PrefixPT(length=16, layers=2))
    assert (spec.tuning.learning_rate, spec.seeds.tune, spec.seeds.repetitions) == (0.25, 5, 1)


def test_nonsense_among_the_choices_is_one_sentence(shipped):
    app = opened("anatomy", anatomy_own_from=tune_prefix.WORDS, anatomy_own_words="zebra")
    assert [error.value for error in app.error] == ["The text has zebra; the tiny language does not know it."]


def test_a_finished_own_prefix_shows_its_scores_and_tells_the_table(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs"), None)
    spec = tuning_spec(PrefixPT(length=1), TABLE, Recipe(steps=2, batch=2, length=56), repetitions=1, seed=1)
    monkeypatch.setattr(tune_prefix, "make_spec", lambda *choices: spec)
    key = pretrain(spec, store).key
    app = opened("anatomy")
    kept = store.load(key).summary
    assert f"**{kept['bleu']['0']['median'][0]:.0f} BLEU** over 128 documents" in " ".join(text.value for text in app.markdown)
    board = next(frame.value for frame in app.dataframe if "facts told" in frame.value)
    assert board["facts told"][0] == pytest.approx(kept["slots"]["0"]["median"][0])
    app.button(key="anatomy_own_tell").click().run()
    assert app.query_params["anatomy_run"] == key and table_to_text.list_writers()[key].startswith("Yours: ")
    assert told(app)["told"] == table_to_text.write_row(key, ROW)
