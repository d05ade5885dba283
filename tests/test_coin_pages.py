"""The pages of coins: flips are typed, networks are pretrained and tuned, runs are found, and every mistake is a sentence."""

import numpy as np
import pytest
from smallest import COIN, COINS, pretraining, tuning
from visiting import Asked, opened, said, with_store

from tutor import exact, methods
from tutor.predictors import LSTM
from tutor.runs.engine.runner import advance_run, pretrain
from tutor.runs.store import RunStore
from tutor.sources import bags
from tutor.studies import FAST, STUDIES
from tutor.ui.shell import sessions


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
    assert advance_run(store.root, key, until=5) == "paused"
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
    monkeypatch.setattr(sessions, "count_other_watchers", lambda key: others)
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
    lines = app.dataframe[0].value.set_index("tag")
    assert lines.loc["FullWT"]["method"] == "all weights tuned"
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
    assert list(app.dataframe[0].value["tag"]) == ["LoRAWT"]


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


def test_a_fresh_install_opens_on_the_experiment_and_links_to_the_claims(monkeypatch, tmp_path):
    with_store(monkeypatch, RunStore(tmp_path / "runs"))
    app = opened("home")
    names = [element.proto.component_name for element in app.get("bidi_component")]
    links = {element.proto.label: element.proto.page for element in app.get("page_link")}
    assert names.count("tutor_experiment") == 1 and not app.exception
    assert links[f"{len(STUDIES)} claims of five papers, tested."] == "claims"


def test_a_vector_far_out_is_no_traceback(small):
    app = opened("workbench", workbench_prompt="6:0,-30:0.5", workbench_kind="Vectors")
    assert not app.exception and not app.error


def test_bags_of_different_shape_have_different_names():
    from tutor.ui.widgets.forms.bag_editor import SHAPES  # noqa: PLC0415

    names = {bags.make_bag([int(digit) for digit in shape]).label for shape in SHAPES.values()}
    assert len(names) == len(SHAPES)
