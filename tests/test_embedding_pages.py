"""The pages Priors and Meaning: what is drawn, told, typed and asked of the engine, on shipped runs and on a visitor's own."""

import orjson
import pytest
import torch
from visiting import Asked, opened, pictures, said, told, with_store

from tutor import methods, priors
from tutor.methods.priors import PRIORS
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources.language import decode, encode
from tutor.studies.embedding_presets import PRIORS as STUDIED
from tutor.studies.embedding_presets import RECIPE, soft_spec
from tutor.studies.embedding_presets import fresh_spec as new_task
from tutor.studies.language_presets import MODEL, SUMMARY, TABLE, tuning_spec
from tutor.studies.transfers import TARGETS
from tutor.ui.labs.embeddings import anchored_prompts, nearest_words, posterior_scores, prompt_meaning, tuned_vectors

DRAWN = 7 + len(TARGETS)
"""Pictures of the Priors page: two of draws, two of tuned vectors, three of studies, one per target of transfers."""


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A fresh install: shipped runs and nothing else."""
    return with_store(monkeypatch, RunStore(tmp_path / "runs"))


@pytest.fixture
def empty(monkeypatch, tmp_path):
    return with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """A fresh install whose engine only notes what it is asked for."""
    store = RunStore(tmp_path / "runs")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    return engine


def numbers_of(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


@pytest.mark.parametrize(("page", "drawn"), [("priors", DRAWN), ("meaning", 5)])
def test_a_page_opens_on_all_its_pictures(fresh, page, drawn):
    app = opened(page)
    assert pictures(app) == drawn and not app.exception and not app.error and not app.info


@pytest.mark.parametrize("page", ["priors", "meaning"])
def test_without_the_language_model_a_page_says_how_to_get_it(empty, page):
    app = opened(page)
    assert "prompt-tutor study tiny-language" in said(app) and not pictures(app) and not app.exception


# Priors.

@pytest.mark.parametrize("kind", PRIORS)
@pytest.mark.parametrize("layer", ["0", "2"])
def test_every_prior_is_drawn_in_every_space_beside_its_formula(fresh, kind, layer):
    app = opened("priors", priors_prior=PRIORS[kind].label, priors_layer="words" if layer == "0" else "into layer 3")
    assert pictures(app) == DRAWN and not app.exception and not app.error
    assert any(PRIORS[kind].formula in one.value for one in app.latex)


def test_a_word_drawn_is_its_own_nearest(fresh):
    app = opened("priors", priors_prior=priors.Words.label)
    app.text_input(key="priors_prior_words_words").set_value("anna likes bread").run()
    assert numbers_of(app)["Nearest word, cosine"] == "1.00" and numbers_of(app)["Nearest word, radii away"] == "0.00"


@pytest.mark.parametrize(("text", "answer"), [("anna likes pizza", "pizza"), ("", "is empty"), ("anna " * 60, "words")])
def test_words_that_are_none_are_named(fresh, text, answer):
    app = opened("priors", priors_prior=priors.Words.label)
    app.text_input(key="priors_prior_words_words").set_value(text).run()
    assert any(answer in one.value.lower() for one in app.error) and not app.exception
    assert pictures(app) == DRAWN - 2                                      # the rest of the page goes on


def test_far_vectors_are_as_far_as_asked(fresh):
    near, far = (tuned_vectors.draw_vectors(priors.Far(distance=float(d)), 0, 10, 0) for d in (2, 20))
    ground = tuned_vectors.word_space()
    away = [float((rows.mean(0) - ground.words.mean(0)).norm()) / ground.gaussian.radius for rows in (near, far)]
    assert away == pytest.approx([2, 20], rel=0.1)


def test_several_priors_are_compared_and_one_is_followed(fresh):
    one = opened("priors")
    assert len(one.multiselect(key="priors_shown").value) == 1
    both = one.multiselect(key="priors_shown").set_value(["far region", "fitted Gaussian"]).run()
    assert not both.exception and pictures(both) == DRAWN
    assert any(list(frame.value.get("prior", [])) == ["far region", "fitted Gaussian", nearest_words.CONTROL] for frame in both.dataframe)


@pytest.mark.parametrize("where", posterior_scores.WHERE)
@pytest.mark.parametrize("by", ["PCA", "t-SNE"])
def test_vectors_of_every_layer_are_mapped_by_their_variance_or_by_their_neighbours(fresh, where, by):
    app = opened("priors", priors_where=where, priors_by=by)
    assert pictures(app) == DRAWN and not app.exception and not app.error
    assert any("distances mean nothing" in one.value for one in app.warning) == (by == "t-SNE")


def test_the_table_of_the_study_has_a_line_per_prior(fresh):
    app = opened("priors")
    lines = next(frame.value for frame in app.dataframe if "loss (nats)" in frame.value.columns)
    assert list(lines["prior"]) == [*STUDIED, *(f"{label}, deep" for label in STUDIED)]
    medians = [float(cell.split()[0]) for cell in lines["loss (nats)"][: len(STUDIED)]]
    assert told(app)["best_loss"] == pytest.approx(min(medians), abs=1e-3)


def test_a_tuning_of_ones_own_is_asked_for_with_the_chosen_prior(asked):
    app = opened("priors", priors_prior=priors.Far.label)
    app.number_input(key="priors_many").set_value(4).run()
    app.button(key="priors_own_start").click().run()
    (spec, until), = asked.submitted
    assert spec.method == methods.SoftPT(length=4, prior=priors.Far()) and spec.on == SUMMARY and spec.base() == MODEL and until is None


def test_the_way_of_a_shipped_prompt_is_fetched_as_a_film(fresh):
    from tutor.ui.server import frames_api  # noqa: PLC0415

    key = soft_spec(priors.Far()).key()
    bundle = frames_api.vectors_bundle(key, (0, 1), "")
    assert bundle["steps"][0] == 0 and bundle["steps"][-1] == RECIPE.steps and len(bundle["x"]) == len(bundle["steps"]) > 5
    assert orjson.loads(orjson.dumps(bundle, option=orjson.OPT_SERIALIZE_NUMPY))["traces"] == [1, 2]
    places = tuned_vectors.plane_history(key)
    assert [round(float(v), 2) for v in bundle["x"][-1][1]] == [round(float(v), 2) for v in places[-1, :, 0]]


def test_a_tuning_of_ones_own_can_be_deep(asked):
    app = opened("priors", priors_own_kind="deep", priors_own_layers="1", priors_many="4")
    app.button(key="priors_own_start").click().run()
    (spec, _), = asked.submitted
    assert spec.method == methods.DeepPT(length=4, prior=priors.Fitted(), layers=1)
    assert any("4 vectors from the prior" in one.value for one in app.markdown)


def test_a_deep_prompt_of_ones_own_is_judged_in_every_layer_it_has_vectors_for(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs"))
    method = methods.DeepPT(length=4, prior=priors.Fitted(), layers=1)
    run = pretrain(tuning_spec(method, SUMMARY, RECIPE.model_copy(update={"steps": 10}), repetitions=1), store)
    app = opened("priors", priors_own_kind="deep", priors_own_layers="1", priors_many="4", priors_own_steps="10")
    lines = next(one.value for one in app.markdown if "among words" in one.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["- *among words*", "- *into layer 3*"] and not app.exception
    assert numbers_of(app)["Held-out loss, nats"] == f"{run.summary['loss']['0']['median'][0]:.3g}"


def test_a_visitor_asks_for_the_prior_between_tasks_that_the_study_tuned_from(asked):
    app = opened("priors", priors_prior=priors.Interpolation.label)
    app.button(key="priors_own_start").click().run()
    (spec, _), = asked.submitted
    assert spec.method.prior == STUDIED[priors.Interpolation.label]


def test_every_shipped_prompt_has_a_verdict(fresh):
    app = opened("priors")
    sentence, = (one.value for one in app.markdown if "these vectors" in one.value)
    assert sentence.startswith("- *far region*: these vectors have **left the words**")


def test_one_vector_has_no_rank(fresh):
    assert numbers_of(opened("priors", priors_many="1"))["Effective rank"] == "–"
    assert numbers_of(opened("priors", priors_many="3"))["Effective rank"] == "2"


# Meaning.

def test_the_tape_reads_what_the_vectors_are_nearest_to(fresh):
    app = opened("meaning")
    key = next(iter(tuned_vectors.list_prompts()))
    rows, words = tuned_vectors.current_vectors(key), tuned_vectors.word_space().words
    cosine = torch.nn.functional.normalize(rows, dim=1) @ torch.nn.functional.normalize(words, dim=1).T
    assert told(app)["reads"] == decode(cosine.argmax(1))


@pytest.mark.parametrize(("text", "answer"), [("it is sunny in paris .", "paris"), ("", "is empty"), ("is " * 40, "words")])
def test_a_decoy_that_is_none_is_answered_in_a_sentence(fresh, text, answer):
    app = opened("meaning")
    app.text_input(key="meaning_decoy").set_value(text).run()
    assert any(answer in one.value.lower() for one in app.error) and not app.exception
    assert pictures(app) == 5


def test_a_prompt_that_reads_as_a_visitors_sentence_is_asked_for(asked):
    app = opened("meaning")
    app.text_input(key="meaning_decoy").set_value("anna likes bread").run()
    app.number_input(key="meaning_strength").set_value(3.0).run()
    app.button(key="meaning_own_start").click().run()
    (spec, _), = asked.submitted
    assert spec.method == methods.WaywardPT(words=tuple(encode("anna likes bread")), strength=3.0)


def test_a_prompt_may_be_held_in_the_cells_of_its_words_instead(asked):
    app = opened("meaning", meaning_held="cells", meaning_decoy="anna likes bread")
    assert not [one for one in app.number_input if one.key == "meaning_strength"]
    app.button(key="meaning_own_start").click().run()
    (spec, _), = asked.submitted
    assert spec.method == methods.CellPT(words=tuple(encode("anna likes bread"))) and not app.exception


def test_a_finished_prompt_of_ones_own_is_read_and_offered(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs"))
    recipe = RECIPE.model_copy(update={"steps": 10})
    words = tuple(encode("anna likes bread"))
    run = pretrain(tuning_spec(methods.WaywardPT(words=words, strength=10.0), SUMMARY, recipe, repetitions=1), store)
    app = opened("meaning", meaning_decoy="anna likes bread", meaning_steps="10", meaning_strength="10")
    assert any(f"It reads: *{anchored_prompts.read_vectors(run.key, words)[0]}*" in one.value for one in app.markdown)
    assert run.key in tuned_vectors.list_prompts() and not app.exception


def test_a_prompt_for_another_task_is_not_taken_apart(fresh):
    app = opened("meaning", meaning_run=new_task(TABLE).key())
    assert pictures(app) == 4 and "for summaries only" in said(app) and not app.exception


def test_a_cloud_that_is_too_small_is_said_to_be_shrunk(fresh):
    app = opened("priors")
    app.selectbox(key="priors_prior_fitted_source").set_value("sums").run()
    assert "shrunk towards a sphere" in said(app)


def test_without_a_vector_is_measured_for_the_chosen_prompt(fresh):
    key = next(iter(tuned_vectors.list_prompts()))
    whole, without = prompt_meaning.measure_without_each(key)
    assert len(without) == len(tuned_vectors.current_vectors(key)) and all(loss > 0 for loss in [whole, *without])
