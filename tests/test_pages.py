"""Every page, run against a store with small finished runs, against an empty one, and with nonsense in its address."""

from pathlib import Path

import numpy as np
import pytest
from smallest import COIN, COINS, list_prefix, pretraining, tuning
from visiting import Asked, opened, pictures, said, with_store

from tutor import exact, methods
from tutor.places import MAIN, PAGES
from tutor.predictors import LSTM
from tutor.runner import advance, pretrain
from tutor.sources import bags
from tutor.spec import Evaluation
from tutor.store import RunStore
from tutor.studies import FAST, STUDIES
from tutor.ui import visitors

NAMES = sorted(path.stem for path in PAGES.glob("*.py"))
HOSTILE = ("<script>alert(1)</script>", "-1", "1e999", "nan", "../../etc/passwd", "0000000000000000", "ü" * 300, "")
PARAMETERS = {
    "attention": ("attention_run", "attention_list_4", "attention_layer_2", "attention_head_4", "attention_pull", "attention_push",
                  "attention_values", "attention_out_2", "attention_long", "attention_string", "attention_map", "attention_word",
                  "attention_pairs", "attention_pair"),
    "bayes": ("bayes_prior", "bayes_coin", "bayes_prompt", "bayes_flips", "bayes_longest", "bayes_run"),
    "clusters": ("clusters_layer", "clusters_reading", "clusters_control", "clusters_map", "clusters_measure", "clusters_sentence",
                 "clusters_perplexity", "clusters_seed", "clusters_of_silhouette", "clusters_of_probe", "clusters_of_distance"),
    "priors": ("priors_prior", "priors_prior_fitted_source", "priors_prior_words_words", "priors_prior_far_distance", "priors_many",
               "priors_seed", "priors_layer", "priors_where", "priors_by", "priors_perplexity",
               "priors_shown", "priors_rate", "priors_measure", "priors_collapse", "priors_own_rate", "priors_own_steps",
               "priors_texts", "priors_map_texts", "priors_map_seed", "priors_own_kind", "priors_own_layers"),
    "meaning": ("meaning_run", "meaning_by", "meaning_decoy", "meaning_strength", "meaning_steps", "meaning_seed"),
    "home": ("nothing",),
    "skills": ("skills_seed", "skills_task", "skills_length", "skills_own_seed"),
    "anatomy": ("anatomy_first", "anatomy_last", "anatomy_town", "anatomy_run", "anatomy_measure", "anatomy_own_task", "anatomy_own_length",
                "anatomy_own_layers", "anatomy_own_place", "anatomy_own_from", "anatomy_own_words", "anatomy_own_mlp", "anatomy_own_rate",
                "anatomy_own_seed"),
    "step": ("step_base", "step_on", "step_prompt", "step_at"),
    "lessons": ("lesson", "lesson_step"),
    "inside": ("inside_base", "inside_tap", "inside_x", "inside_y", "inside_colour", "inside_on"),
    "pretrain": ("pretrain_run", "pretrain_source", "pretrain_body", "pretrain_body_lstm_width", "pretrain_recipe", "pretrain_seed"),
    "regret": ("regret_pin", "regret_what", "regret_preset", "regret_base", "regret_body", "regret_on", "regret_measure"),
    "retriever": ("retriever_run", "retriever_question", "retriever_cell", "retriever_store_density", "retriever_store_quality",
                  "retriever_store_people", "retriever_store_k", "retriever_store_temperature", "retriever_own_density",
                  "retriever_own_quality", "retriever_own_k", "retriever_own_encoder", "retriever_own_frozen", "retriever_own_people",
                  "retriever_own_steps", "retriever_own_seed"),
    "runs": ("runs_pin", "runs_text", "runs_kind", "runs_method", "runs_state", "runs_on"),
    "own_model": ("own_model_prior", "own_model_method", "own_model_length", "own_model_learning_rate", "own_model_seed", "own_model_name"),
    "workbench": ("workbench_prompt", "workbench_base", "workbench_on", "workbench_from", "workbench_kind", "workbench_share"),
    "tune": ("tune_pin", "tune_base", "tune_on", "tune_methods", "tune_length", "tune_repetitions", "tune_recipe"),
}


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """A pretraining and five tunings of it, two of them of its weights; and a list network with two prefixes."""
    store = RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))
    tried = (methods.NoTuning(), methods.HardPT(length=2, sequences=16), methods.SoftPT(length=2), methods.FullWT(), methods.LoRAWT(rank=1))
    for method in tried:
        pretrain(tuning(method=method), store)
    for task in ("ascending", "descending"):
        pretrain(list_prefix(task), store)
    return store


@pytest.fixture
def small(monkeypatch, computed):
    return with_store(monkeypatch, computed)


@pytest.fixture
def empty(monkeypatch, tmp_path):
    return with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))


def test_parameters_are_tried_on_every_page():
    assert sorted(PARAMETERS) == NAMES


WITHOUT_RUNS = ("lessons", "anatomy", "skills", "clusters", "priors", "meaning", "own_model", "retriever")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_RUNS])
def test_a_page_opens_on_a_picture(small, name):
    app = opened(name)
    assert not app.exception and not app.error
    assert pictures(app) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_an_empty_store_says_what_to_click(empty, name):
    app = opened(name)
    assert not app.exception and not app.error
    assert app.info or pictures(app) or name == "lessons"


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_nonsense_in_the_address_is_no_traceback(small, name, value):
    app = opened(name, **dict.fromkeys(PARAMETERS[name], value))
    assert not app.exception
    assert len(app.error) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_a_thin_essay(name):
    assert len((PAGES / f"{name}.py").read_text().splitlines()) <= 120


def test_heads_tails_and_undo_write_the_flips_into_the_address(empty):
    app = opened("bayes", bayes_flips="HT")
    app.button(key="bayes_heads").click().run()
    app.button(key="bayes_tails").click().run()
    assert app.query_params["bayes_flips"] == "HTHT"
    app.button(key="bayes_undo").click().run()
    assert app.query_params["bayes_flips"] == "HTH"


def test_reset_takes_every_flip_back(empty):
    app = opened("bayes", bayes_flips="HT")
    app.button(key="bayes_reset").click().run()
    assert "0 heads in 0 flips" in said(app) and not app.exception


def test_a_prompt_is_priced_exactly_on_both_targets(empty):
    app = opened("bayes", bayes_prompt="THTTTT")
    regret = exact.cumulative_regret(predictor=COINS, on=COIN, length=50, prefix=(1, 0, 1, 1, 1, 1))[-1]
    assert app.metric[0].value == f"{regret:.3f} nats"


def test_a_prompt_that_is_no_flips_is_answered_in_one_sentence(empty):
    app = opened("bayes", bayes_prompt="HTX")
    assert [error.value for error in app.error] == ["The prompt is 'HTX'; only the letters H and T are allowed."]


def test_start_asks_the_engine_for_the_settings_and_opens_that_run(monkeypatch, computed):
    engine = Asked(computed)
    with_store(monkeypatch, computed, engine)
    app = opened("pretrain", pretrain_seed="7")
    app.button(key="pretrain_start").click().run()
    (spec, until), = engine.submitted
    assert (spec.seeds.pretrain, spec.source, until) == (7, COINS, None)
    assert app.query_params["pretrain_run"] == spec.key()
    computed.delete(spec.key())


def test_the_whole_key_of_a_run_can_be_copied(small):
    assert pretraining().key() in [code.value for code in opened("runs", runs_text=pretraining().key()[:6]).code]


def test_pretrain_opens_on_the_run_that_its_form_describes(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))                            # the shipped runs
    app = opened("pretrain")
    assert FAST.base(LSTM()).label in " ".join(element.value for element in app.markdown) and "This is the run you see." in said(app)
    other = opened("pretrain", pretrain_body="Transformer")
    assert other.button(key="pretrain_start").label == "Show this run"
    assert FAST.base(LSTM()).label in " ".join(element.value for element in other.markdown)


def test_an_app_without_an_engine_says_so_beside_the_button(small):
    app = opened("pretrain", pretrain_seed="8")
    app.button(key="pretrain_start").click().run()
    assert "without an engine" in app.error[0].value and not app.exception


def test_ten_steps_more_are_asked_for_from_where_the_run_stands(monkeypatch, tmp_path):
    store = RunStore(tmp_path / "runs", shipped=tmp_path / "none")
    key = store.create(pretraining()).key
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    folder = store.get(key)
    folder.write_status(folder.status().but(state="paused", step=1))
    opened("pretrain", pretrain_run=key).button(key="pretrain_run_step_10").click().run()
    assert [until for _, until in engine.submitted] == [11]


def test_a_finished_run_can_neither_be_continued_nor_reset(small):
    app = opened("pretrain", pretrain_run=pretraining().key())
    assert app.button(key="pretrain_run_play").disabled and app.button(key="pretrain_run_reset").disabled


def test_reset_brings_an_unfinished_run_back_to_its_first_step(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    key = store.create(pretraining()).key
    assert advance(store.root, key, until=5) == "paused"
    app = opened("pretrain", pretrain_run=key)
    app.button(key="pretrain_run_reset").click().run()
    status = store.get(key).status()
    assert (status.state, status.step, app.button(key="pretrain_run_play").label) == ("paused", 0, "Play")


def test_a_new_seed_is_another_run(monkeypatch, computed):
    engine = Asked(computed)
    with_store(monkeypatch, computed, engine)
    app = opened("pretrain", pretrain_run=pretraining().key())
    app.button(key="pretrain_run_seed").click().run()
    assert app.query_params["pretrain_run"] == pretraining(seed=1).key()
    computed.delete(pretraining(seed=1).key())


def test_the_cost_is_said_before_the_click(small):
    assert "of one core" in said(opened("pretrain", pretrain_seed="9")) and "of one core" in said(opened("tune"))


def test_another_learning_rate_makes_a_child_run(monkeypatch, tmp_path, computed):
    engine = Asked(computed)
    with_store(monkeypatch, computed, engine)
    app = opened("pretrain", pretrain_run=pretraining().key())
    app.number_input(key="pretrain_run_fork_step").set_value(5)
    app.number_input(key="pretrain_run_fork_rate").set_value(0.5).run()
    app.button(key="pretrain_run_fork").click().run()
    (child, _), = engine.submitted
    assert child.recipe.changes == ((5, 0.5),) and app.query_params["pretrain_run"] == child.key()
    computed.delete(child.key())


@pytest.mark.parametrize(("others", "stopped"), [(0, 1), (2, 0)], ids=["nobody else watches", "others watch"])
def test_a_run_is_stopped_only_when_nobody_else_watches_it(monkeypatch, tmp_path, others, stopped):
    store = RunStore(tmp_path / "runs", shipped=tmp_path / "none")
    engine = Asked(store)
    with_store(monkeypatch, store, engine)
    monkeypatch.setattr(visitors, "others_watching", lambda key: others)
    app = opened("pretrain", pretrain_run=store.create(pretraining()).key)
    app.button(key="pretrain_run_stop").click().run()
    assert len(engine.stopped) == stopped and not app.exception


def test_a_race_is_one_run_per_method(monkeypatch, computed):
    engine = Asked(computed)
    with_store(monkeypatch, computed, engine)
    app = opened("tune", tune_repetitions="1")
    app.multiselect(key="tune_methods").set_value(["soft", "full"]).run()
    app.button(key="tune_start").click().run()
    assert [spec.method.kind for spec, _ in engine.submitted] == ["soft", "full"]
    for spec, _ in engine.submitted:
        computed.delete(spec.key())


def test_a_method_that_cannot_take_part_is_explained(small):
    app = opened("tune", tune_length="20")
    assert any("HardPT" in warning.value and "at most 4,096" in warning.value for warning in app.warning)


def test_the_regret_table_holds_the_medians_of_the_runs(small):
    app = opened("regret", regret_what="network")
    lines = app.dataframe[0].value.set_index("method")
    assert not app.exception
    key = tuning(method=methods.FullWT()).key()
    median = np.median(small.load(key).arrays["regret/0/cumulative"][:, -1])
    assert lines.loc["FullWT"].iloc[-1].startswith(f"{median:.3f}")


def test_weight_tuned_networks_are_shown_with_a_warning(small):
    assert "of its own" in " ".join(warning.value for warning in opened("inside").warning)


def test_a_component_that_does_not_exist_is_answered_in_one_sentence(small):
    app = opened("inside")
    app.number_input(key="inside_x").set_value(10).run()
    assert "this network has 1 to" in app.error[0].value and not app.exception


def test_runs_are_found_by_words(small):
    app = opened("runs", runs_text="LoRAWT")
    assert list(app.dataframe[0].value["method"]) == ["LoRAWT"]


def test_an_own_run_is_deleted_after_a_second_click(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    key = pretrain(pretraining(), store).key
    app = opened("runs")
    app.button(key=f"runs_delete_{key}").click().run()
    assert store.find(key) is None and not app.exception


def test_a_shipped_run_cannot_be_deleted(monkeypatch, tmp_path, computed):
    with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=computed.root))
    app = opened("runs")
    assert "read-only" in said(app) and not [button for button in app.button if "delete" in str(button.key)]


def test_a_fresh_install_opens_on_three_prompts_and_the_verdicts(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("home")
    verdicts = [text.value for text in app.markdown if "reproduced" in text.value or "inconclusive" in text.value]
    assert pictures(app) == 3 and len(verdicts) >= len(STUDIES) // 2


def test_a_damaged_run_is_listed_and_breaks_no_page(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    store.create(pretraining()).file("spec.json").write_text("{")
    assert "damaged" in list(opened("runs").dataframe[0].value["state"])
    assert not any(opened(name).exception for name in NAMES)


def test_an_evaluation_shorter_than_fifty_flips_is_shown_as_far_as_it_goes(small):
    assert pretraining().evaluation == Evaluation(length=20, sequences=16)
    assert not any(opened(name).exception for name in ("pretrain", "tune", "regret", "runs"))


def test_every_page_file_is_named_in_the_navigation():
    named = (MAIN).read_text()
    assert all(f'page("{name}"' in named for name in NAMES) and Path(MAIN).exists()


def test_a_vector_far_out_is_no_traceback(small):
    app = opened("workbench", workbench_prompt="6:0,-30:0.5", workbench_kind="Vectors")
    assert not app.exception and not app.error


def test_bags_of_different_shape_have_different_names():
    from tutor.ui.forms.bags import SHAPES  # noqa: PLC0415

    names = {bags.bag([int(digit) for digit in shape]).label for shape in SHAPES.values()}
    assert len(names) == len(SHAPES)
