"""Every page, run against a store with small finished runs, against an empty one, and with nonsense in its address."""

import re

import pytest
from smallest import pretraining
from visiting import opened, pictures, with_store

from tutor.core.paths import PAGES
from tutor.runs.spec import Evaluation
from tutor.runs.store import RunStore
from tutor.ui.page_list import LABS, SECTIONS, every_page, find_lab

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
    "meaning": ("meaning_run", "meaning_by", "meaning_decoy", "meaning_strength", "meaning_steps", "meaning_seed",
                "meaning_body", "meaning_target"),
    "home": ("nothing",),
    "claims": ("claims_work", "claims_verdict"),
    "check": ("check_case",),
    "skills": ("skills_seed", "skills_task", "skills_length", "skills_own_seed"),
    "anatomy": ("anatomy_first", "anatomy_last", "anatomy_town", "anatomy_run", "anatomy_measure", "anatomy_own_task", "anatomy_own_length",
                "anatomy_own_layers", "anatomy_own_place", "anatomy_own_from", "anatomy_own_words", "anatomy_own_mlp", "anatomy_own_rate",
                "anatomy_own_seed"),
    "step": ("step_base", "step_on", "step_prompt", "step_at"),
    "lessons": ("lesson", "lesson_step"),
    "beliefs": ("beliefs_run", "beliefs_tokens", "beliefs_process_transitions", "beliefs_process_transitions_own",
                "beliefs_process_start", "beliefs_body", "beliefs_body_lstm_width", "beliefs_seed"),
    "inside": ("inside_base", "inside_tap", "inside_x", "inside_y", "inside_colour", "inside_on"),
    "pretrain": ("pretrain_run", "pretrain_source", "pretrain_body", "pretrain_body_lstm_width", "pretrain_recipe", "pretrain_seed"),
    "regret": ("regret_pin", "regret_what", "regret_preset", "regret_base", "regret_body", "regret_on", "regret_measure"),
    "retriever": ("retriever_run", "retriever_question", "retriever_cell", "retriever_store_density", "retriever_store_quality",
                  "retriever_store_people", "retriever_store_k", "retriever_store_temperature", "retriever_own_density",
                  "retriever_own_quality", "retriever_own_k", "retriever_own_encoder", "retriever_own_frozen", "retriever_own_people",
                  "retriever_own_steps", "retriever_own_seed"),
    "runs": ("runs_pin", "runs_text", "runs_page", "runs_kind", "runs_method", "runs_state", "runs_on"),
    "own_model": ("own_model_prior", "own_model_method", "own_model_length", "own_model_learning_rate", "own_model_seed", "own_model_name"),
    "workbench": ("workbench_prompt", "workbench_base", "workbench_on", "workbench_from", "workbench_kind", "workbench_share"),
    "tune": ("tune_pin", "tune_base", "tune_on", "tune_methods", "tune_length", "tune_repetitions", "tune_recipe"),
}


def parameters(name: str) -> tuple[str, ...]:
    """What an address may say of a page: what is listed above, and every key in the page's own file."""
    written = re.findall(rf'"({name}_\w+)"', (PAGES / f"{name}.py").read_text("utf-8"))
    return (*PARAMETERS.get(name, ()), *written) or ("nothing",)


def test_parameters_are_those_of_pages_that_exist():
    assert set(PARAMETERS) <= set(NAMES)
    assert "regret_csv" in parameters("regret") and "regret_csv" not in PARAMETERS["regret"]


WITHOUT_RUNS = ("beliefs", "lessons", "glossary", "claims", "check", "anatomy", "skills", "clusters", "priors", "meaning", "own_model",
                "retriever")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_RUNS])
def test_a_page_opens_on_a_picture(small, name):
    app = opened(name)
    assert not app.exception and not app.error
    assert pictures(app) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_an_empty_store_says_what_to_click_and_which_lab_it_is_of(empty, name):
    app = opened(name)
    assert not app.exception and not app.error
    assert app.info or pictures(app) or name in ("lessons", "glossary")
    labs = [one.value for one in app.caption if one.value.startswith("Lab: ")]
    assert labs == [f"Lab: {find_lab(name)}"] * (find_lab(name) in LABS)


@pytest.mark.parametrize("name", NAMES)
def test_nonsense_in_the_address_is_no_traceback(small, name):
    for value in HOSTILE:
        app = opened(name, **dict.fromkeys(parameters(name), value))
        assert not app.exception and len(app.error) <= 1, value


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_a_thin_essay(name):
    assert len([line for line in (PAGES / f"{name}.py").read_text("utf-8").splitlines() if line.strip()]) <= 60


def test_a_damaged_run_is_listed_and_breaks_no_page(monkeypatch, tmp_path):
    store = with_store(monkeypatch, RunStore(tmp_path / "runs", shipped=tmp_path / "none"))
    store.create(pretraining()).file("spec.json").write_text("{")
    assert "damaged" in list(opened("runs").dataframe[0].value["state"])
    assert not any(opened(name).exception for name in NAMES)


def test_an_evaluation_shorter_than_fifty_flips_is_shown_as_far_as_it_goes(small):
    assert pretraining().evaluation == Evaluation(length=20, sequences=16)
    assert not any(opened(name).exception for name in ("pretrain", "tune", "regret", "runs"))


def test_every_page_file_is_named_in_the_navigation():
    assert sorted(every_page()) == NAMES
    assert all(page.summary.endswith(".") for page in every_page().values())


def test_the_navigation_has_at_most_nine_entries_of_which_five_are_labs():
    assert len(LABS) == 5 and len(SECTIONS[""]) + len(LABS) <= 9
