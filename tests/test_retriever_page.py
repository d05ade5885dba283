"""The page Retriever doctor: on small pipelines that were really trained, without any, and with a visitor's own dials."""

import re

import numpy as np
import orjson
import pytest
from visiting import Asked, opened, pictures, said, told, with_store

from tutor.analysis import question_trace
from tutor.core.paths import ASSETS
from tutor.measure import Report
from tutor.methods.retrieval import RetrieverPT
from tutor.runs.engine.runner import pretrain
from tutor.runs.io.disk import StoreError
from tutor.runs.store import RunStore
from tutor.sources import FactQuestions
from tutor.sources.language.facts import Facts
from tutor.studies import FAST, STUDIES, pipeline_diagnosis, retriever_presets
from tutor.studies.language_presets import MODEL
from tutor.studies.row_fields import select
from tutor.ui.labs.retrieval import ablations, pipeline_runs, pipeline_settings
from tutor.ui.run_views import cached_states, run_card

STUDY = STUDIES["retriever-or-prompt"]
SHORT = retriever_presets.RECIPE.model_copy(update={"steps": 6, "batch": 8})
FACTS = Facts(people=40)
ON = FactQuestions(facts=FACTS)


def short(method, repetitions: int = 1):
    """A tuning of a few steps on questions about few people."""
    return retriever_presets.tuning_spec(method, SHORT, repetitions).model_copy(update={"on": ON})


def pipeline(repetitions: int = 1, **dials):
    return short(RetrieverPT(facts=FACTS, questions=64, **dials), repetitions)


SOFT = short(retriever_presets.SOFT.method)
GOOD, DENSE = pipeline(2), pipeline(2, density=0.95)
HELD = {("good store", "encoder"): pipeline(2, frozen=("encoder",))}
MAP = {(0.0, 1.0): GOOD, (0.95, 1.0): DENSE, (0.95, 0.4): pipeline(2, density=0.95, quality=0.4)}
NAMED = {"good store": GOOD, "dense store": DENSE, "good store, encoder held": HELD["good store", "encoder"]}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """What is shipped, without the runs, the study and the diagnoses of retrieval."""
    root = tmp_path_factory.mktemp("shipped")
    theirs = {spec.key() for spec in STUDY.specs(FAST)}
    for path in (*ASSETS.glob("runs/*/*.zip"), *ASSETS.glob("studies/*")):
        if path.stem not in theirs and not path.name.startswith(STUDY.name):
            place = root / path.relative_to(ASSETS)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    return root / "runs"


@pytest.fixture(scope="module")
def computed(tmp_path_factory, shipped):
    """Two pipelines, one of them also with its encoder held, and a soft prompt; one cell of the map is missing."""
    store = RunStore(tmp_path_factory.mktemp("runs"), shipped=shipped)
    for spec in (SOFT, *NAMED.values()):
        pretrain(spec, store)
    return store


@pytest.fixture
def small(monkeypatch, computed):
    """The page with these in the place of the study's."""
    for module, names in ((pipeline_runs, {"SOFT": SOFT, "STUDY_PIPELINES": NAMED}), (ablations, {"MAP": MAP}),
                          (pipeline_settings, {"SOFT": SOFT, "STUDY_PIPELINES": NAMED, "HELD": HELD})):
        for name, value in names.items():
            monkeypatch.setattr(module, name, value)
    return with_store(monkeypatch, computed)


@pytest.fixture
def untrained(monkeypatch, tmp_path, shipped):
    return with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=shipped))


@pytest.fixture
def asked(monkeypatch, tmp_path, shipped):
    store = RunStore(tmp_path / "runs", shipped=shipped)
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    return engine


def written(app) -> str:
    return " ".join(one.value for one in app.markdown)


def test_without_the_language_model_the_page_says_how_to_get_it(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    app = opened("retriever")
    assert "prompt-tutor study tiny-language" in said(app) and not pictures(app) and not app.exception


def test_without_a_pipeline_a_store_can_still_be_turned_and_the_command_is_named(untrained):
    app = opened("retriever")
    assert pictures(app) == 2 and not app.exception and not app.error      # of the store
    assert said(app).count(pipeline_runs.COMMAND) >= 3


def test_the_page_opens_on_all_its_pictures(small):
    app = opened("retriever")
    assert pictures(app) == 10 + 3 and not app.exception and not app.error
    assert "1 of 3 cells are not computed here" in said(app)


def test_a_lesson_hears_what_the_diagnoses_say(small, computed):
    app = opened("retriever", retriever_run=DENSE.key())
    reports = pipeline_diagnosis.diagnose_run(computed.load(DENSE.key()), computed.load(SOFT.key()))
    heard = told(app)
    assert (heard["pipeline"], heard["density"], heard["quality"]) == ("dense store", 0.95, 1.0)
    assert heard["gain"] == pytest.approx(np.median([report.find("gain").value for report in reports]))
    assert heard["found"] == pytest.approx(np.median([report.find("hit_rate").value for report in reports]))
    for place, report in enumerate(reports):
        assert f"repetition {place + 1}: {report.verdict}." in written(app)


def test_another_question_is_followed_through_the_same_pipeline(small, computed):
    app = opened("retriever")
    numbers = ON.held_out().numbers
    app.selectbox(key="retriever_question_choice").set_value(str(numbers[3])).run()
    way = question_trace.follow_question(computed.load(GOOD.key()).predictor, ON, numbers[3])
    table = next(frame.value for frame in app.dataframe if "sentence" in frame.value.columns)
    assert list(table["sentence"]) == [one.sentence for one in way.found]
    assert app.query_params["retriever_question"] in (str(numbers[3]), [str(numbers[3])]) and f"true: *{way.truth}*" in written(app)


def test_the_dials_of_a_store_change_its_numbers(small):
    app = opened("retriever")
    app.slider(key="retriever_store_density").set_value(0.0).run()
    thin = {one.label: one.value for one in app.metric}
    app.slider(key="retriever_store_density").set_value(0.95).run()
    dense = {one.label: one.value for one in app.metric}
    assert float(thin["Cosine to the nearest"]) < 0.8 < float(dense["Cosine to the nearest"])
    assert float(thin["Weight shared by"].split()[0]) < float(dense["Weight shared by"].split()[0])


def test_the_gain_lost_by_a_held_stage_is_a_difference_of_the_same_repetitions(small):
    lost = pipeline_settings.draw_frozen_stages().table.iloc[0]
    with_, without = pipeline_settings.list_gains(GOOD), pipeline_settings.list_gains(HELD["good store", "encoder"])
    assert lost["median"] == pytest.approx(np.median(np.subtract(with_, without))) and lost["way"] == "encoder held"


def test_a_stage_that_was_held_has_no_gradient_to_draw(small):
    assert set(ablations.draw_norms(HELD["good store", "encoder"].key()).table["curve"]) == {"curator", "projection"}


@pytest.mark.parametrize(("verdicts", "most"), [(("retrieves",) * 2 + ("partly",), "retrieves"), (("retrieves", "partly"), "inconclusive")])
def test_a_verdict_needs_more_than_half_of_the_repetitions(verdicts, most):
    assert pipeline_runs.majority_verdict([Report(verdict, (), (), 200, (), ()) for verdict in verdicts]) == most


def test_a_cell_of_the_map_shows_its_training(small):
    app = opened("retriever", retriever_cell="density 0.95, quality 1")
    assert app.selectbox(key="retriever_cell_choice").value == "density 0.95, quality 1" and not app.exception


def test_evidence_that_is_not_kept_is_said_in_a_sentence(small, monkeypatch):
    def lacking(*_):
        raise KeyError("needed")

    monkeypatch.setattr(pipeline_diagnosis, "diagnose_run", lacking)
    pipeline_runs.list_reports.clear()
    app = opened("retriever")
    assert any("evidence of this pipeline is not kept here" in one.value for one in app.error) and not app.exception
    assert pictures(app) >= 6


def test_a_pipeline_without_its_weights_keeps_its_verdict_and_its_curves(small, monkeypatch):
    before, kept = pictures(opened("retriever", retriever_run=DENSE.key())), cached_states.load_network

    def lacking(key):
        if key == DENSE.key():
            raise StoreError("/somewhere/weights.safetensors does not keep these weights")
        return kept(key)

    monkeypatch.setattr(cached_states, "load_network", lacking)
    pipeline_runs.follow_question.clear()
    ablations._surface.clear()
    app = opened("retriever", retriever_run=DENSE.key())
    told_so = "The weights of this pipeline are not kept here; choose another, or train it again below."
    assert [one.value for one in app.error] == [told_so] * 2
    assert pictures(app) == before - 2 and not app.exception and "repetition 2" in written(app)


def test_a_course_that_is_not_kept_is_said_in_a_sentence(small):
    with pytest.raises(StoreError, match="course of this training is not kept"):
        ablations.load_snapshots(SOFT.key(), "own")


def test_a_run_of_a_pipeline_opens_here(small):
    (page, _, _, address), = run_card.list_pages_for(small.info(GOOD.key()))
    assert (page, address) == ("retriever", {"retriever_run": GOOD.key()})


def test_ones_own_dials_are_asked_of_the_engine(asked):
    app = opened("retriever")
    app.number_input(key="retriever_own_density").set_value(0.7).run()
    app.multiselect(key="retriever_own_frozen").set_value(["encoder"]).run()
    app.number_input(key="retriever_own_people").set_value(40).run()
    app.number_input(key="retriever_own_steps").set_value(50).run()
    app.button(key="retriever_own_start").click().run()
    (spec, until), = asked.submitted
    assert spec.method == RetrieverPT(density=0.7, frozen=("encoder",), facts=FACTS) and spec.on == ON and until is None
    assert (spec.tuning.steps, spec.base(), spec.seeds.repetitions) == (50, MODEL, 1)


def test_a_finished_pipeline_of_ones_own_is_placed_beside_the_others_and_can_be_chosen(small):
    spec = retriever_presets.tuning_spec(RetrieverPT(facts=FACTS, density=0.5), SHORT.model_copy(update={"steps": 12, "batch": 32}), 1)
    spec = spec.model_copy(update={"on": ON})
    pretrain(spec, small)
    app = opened("retriever", retriever_own_density="0.5", retriever_own_people="40", retriever_own_steps="12")
    table = next(frame.value for frame in app.dataframe if "yours" in list(frame.value.get("pipeline", [])))
    assert list(table["pipeline"]) == ["yours", "good store", "dense store"] and pictures(app) == 11 + 3 and not app.exception
    names = pipeline_runs.list_pipelines()
    assert names[spec.key()] == "own: density 0.5, quality 1, k 8, 40 people, 12 steps, seed 0"
    tuned = RetrieverPT(encoder="scratch", fresh=0.75, frozen=("curator",))
    assert pipeline_runs.pipeline_name(spec.model_copy(update={"method": tuned})).startswith(
        "own: density 0, quality 1, k 8, 75% true, from scratch, curator held")


@pytest.mark.parametrize(("name", "value"), [("retriever_store_density", "7"), ("retriever_store_k", "-3"), ("retriever_own_people", "5"),
                                             ("retriever_own_density", "2"), ("retriever_question", "99999"),
                                             ("retriever_cell", "nowhere")])
def test_numbers_outside_of_their_bounds_are_no_traceback(small, name, value):
    app = opened("retriever", **{name: value})
    assert not app.exception and pictures(app) >= 8


def test_numbers_of_the_study_stand_beside_those_of_the_source():
    rows = [{"value": value, "q25": low, "q75": high, "trainable": 10, "fields": {"pipeline": pipeline, "measure": measure}}
            for pipeline, measure, value, low, high in (
                ("the source", "gain", 0.2, 0.2, 0.2), ("dense store", "gain", 3.4, 3.3, 3.5), ("good store", "gain", 5.8, 5.8, 5.8),
                ("the source", "times_as_efficient", 144.6589, 134.0, 156.3))]
    table = pipeline_settings.tabulate_source({"rows": rows}).set_index("measure")
    assert table.loc["gain"].tolist() == ["0.20", "3.40 (3.3 to 3.5)", "5.80"]
    assert table.loc["gain per parameter, times", "the source"] == "144.7 (134 to 156)"
    assert table.loc["parameters of the pipeline"].tolist() == ["3,555,076", "10", "10"]
    assert set(re.findall("not known", " ".join(table["the source"]))) == {"not known"}


def test_what_a_share_cannot_tell_is_read_off_the_result():
    result = orjson.loads((ASSETS / "studies/retriever-or-prompt-fast.json").read_bytes())
    values = {(row["fields"].get("pipeline"), row["fields"]["measure"]): row["value"] for row in select(result["rows"], held=None)}
    said = pipeline_settings.describe_look_alike(result)
    assert f"{values['good store', 'soft_share']:.0%} of the gain" in said
    assert f"the dense one {values['dense store', 'store_shuffled']:.0%}" in said
    assert f"keeps {values['dense store, sharper search', 'store_shuffled']:.0%}" in pipeline_settings.describe_temperature(result)
