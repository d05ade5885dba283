"""Runs whose sources ask something: what is measured, kept, read again and told by a study."""

import numpy as np
import pytest
import torch
from smallest import LISTS, QUICK, list_prefix

from tutor import measure, methods, predictors, sources
from tutor.measure.generation import continue_text
from tutor.predictors.prefix_memory import KeyValueMemory
from tutor.runs.engine.runner import pretrain
from tutor.runs.spec import RunSpec, Seeds
from tutor.runs.store import RunStore
from tutor.studies import FAST, STUDIES
from tutor.studies.language_presets import MODEL, TABLE
from tutor.studies.list_presets import live_specs
from tutor.studies.measured_rows import score_row
from tutor.training.recipe import Recipe


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"), shipped=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def run(store):
    spec = list_prefix("descending")
    return pretrain(spec.model_copy(update={"seeds": Seeds(repetitions=2)}), store)


def test_a_list_network_is_measured_on_its_target_on_the_mixture_and_on_each_task_alone(run):
    labels = [source.label for source in run.spec.evaluated_on]
    assert labels == ["Descending", "Lists: ascending, descending, add 1, add 2", "Ascending", "Add 1", "Add 2"]
    assert run.summary["accuracy"].keys() == run.summary["regret"].keys() == {"0", "1", "2", "3", "4"}


def test_stored_accuracy_is_that_of_the_stored_network_on_held_out_lists(run):
    for i, source in enumerate(run.spec.evaluated_on):
        found = measure.accuracy(run.predictor, source, n=QUICK.sequences, seed=QUICK.seed)
        assert run.arrays[f"accuracy/{i}"][0] == found
    assert run.arrays["accuracy/0"].shape == (2,)


def test_excess_is_over_the_ideal_predictor_and_only_where_something_is_asked(run):
    excess = run.arrays["regret/0/excess"]
    assert excess.shape == (2, LISTS.natural_length)
    assert not excess[:, :LISTS.items].any() and (np.diff(excess[:, LISTS.items:]) >= 0).all()


def test_a_row_reads_a_score_or_the_excess_of_the_whole_answer(run):
    row, excess = score_row(run), score_row(run, metric="excess")
    assert (row.metric, row.on, row.repetitions, row.trainable) == ("accuracy", "Descending", 2, 2 * 2 * 2 * 8)
    assert excess.bands[0].median == pytest.approx(np.median(run.arrays["regret/0/excess"][:, -1]))


def test_a_prefix_through_an_mlp_is_kept_and_read_without_it(store):
    spec = list_prefix("ascending").model_copy(update={"method": methods.PrefixPT(length=2, mlp=6)})
    found = pretrain(spec, store)
    assert found.summary["trainable"] == 2 * 8 + (8 + 1) * 6 + 2 * (6 + 1) * 16
    assert found.summary["kept"] == 2 * 2 * 2 * 8
    assert isinstance(found.predictor.body.blocks[0].attn.memory, KeyValueMemory)
    assert found.arrays["accuracy/0"][0] == measure.accuracy(found.predictor, spec.on, n=QUICK.sequences, seed=QUICK.seed)


@pytest.fixture(scope="module")
def words(store):
    recipe = Recipe(steps=2, batch=2, length=56)
    spec = RunSpec(source=sources.TinyLanguage(), body=predictors.GPT2(width=8, layers=1, context=112), recipe=recipe, evaluation=QUICK,
                   method=methods.PrefixPT(length=2), on=TABLE, tuning=recipe)
    return pretrain(spec, store)


def test_a_language_run_has_no_regret_but_accuracy_and_written_sentences(words):
    assert words.summary["regret"] == words.summary["excess"] == {}
    assert words.summary["accuracy"].keys() == words.summary["loss"].keys() == {"0"}
    written = measure.generate_texts(words.predictor, TABLE, n=QUICK.sequences, seed=QUICK.seed)
    assert (words.arrays["bleu/0"][0], words.arrays["slots/0"][0]) == (written.bleu, written.slots)
    assert words.events()[0]["kl"] is None or np.isnan(words.events()[0]["kl"])


def test_a_network_finishes_a_text_and_unknown_words_are_named(words):
    said = continue_text(words.predictor, "table : name = anna miller . text :", 20)
    assert len(said.split()) <= 20 - 8
    with pytest.raises(ValueError, match="the text has quark; the tiny language does not know it"):
        continue_text(words.predictor, "quark", 20)


def test_the_live_version_shares_its_sorter_and_is_measured_quickly():
    specs = live_specs(seed=4)
    assert specs["FullWT"].base() == specs["PrefixPT"].base() == specs["pretrained"]
    assert {spec.seeds.pretrain for spec in specs.values()} == {4}
    assert sum((spec.tuning if spec.is_tuning else spec.recipe).steps for spec in specs.values()) <= 3000


def test_the_language_model_keeps_to_its_limits():
    network = MODEL.body.build(MODEL.source.vocab, 0)
    assert network.vocab <= 600 and 2 <= MODEL.body.layers <= 4
    assert sum(p.numel() for p in network.parameters()) <= 2_000_000


@pytest.mark.parametrize("study", [study for study in STUDIES.values() if study.lab != "coins"], ids=lambda study: study.name)
def test_every_study_of_prefixes_can_be_validated_and_says_where_its_numbers_come_from(study):
    for spec in study.specs(FAST):
        assert RunSpec.model_validate(spec.model_dump(mode="json")) == spec
        assert spec.recipe.targets == "sampled"
    assert all(0 <= value <= 1 for value in (one.value for one in study.reported))


def test_a_language_mask_never_asks_what_is_cut_off():
    batch = TABLE.sample(4, 30, rng=0)
    assert not batch.mask.any() and torch.equal(batch.tokens[:, 0], batch.tokens[:1, 0].expand(4))
