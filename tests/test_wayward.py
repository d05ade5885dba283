"""Prompts that read as a sentence: what the page makes of whatever the study's result holds, and of a visitor's own prompt."""

import pytest
from visiting import opened, pictures, said, with_store

from tutor import methods
from tutor.methods.priors import Vocabulary
from tutor.runs.engine.runner import pretrain
from tutor.runs.store import RunStore
from tutor.sources.language import encode
from tutor.studies import STUDIES
from tutor.studies.embedding_presets import DECOYS, RECIPE, UNTUNED
from tutor.studies.language_presets import SUMMARY, tuning_spec
from tutor.studies.measured_rows import Band, Row
from tutor.studies.waywardness import weakest_full_anchor
from tutor.ui.labs.embeddings import anchored_prompts, live_tuning
from tutor.ui.run_views import cached_results

NAMES = list(DECOYS)
BLEU = {0.0: 70.0, 0.3: 60.0, 3.0: 7.0}
READ = {0.0: 0.1, 0.3: 0.9, 3.0: 1.0}


def row(metric, value, **fields):
    quartiles = {"value": value, "q25": value, "q75": value}
    return {"method": "a label", "metric": metric, "repetitions": 3, "key": "none", "fields": fields} | quartiles


def result(names=NAMES, controls=True):
    """A result of the study as it is kept, with numbers that can be checked by hand."""
    rows = [row("loss", 10.0, method="none"), row("bleu", 0.0, method="none")]
    for name in names:
        rows += [row(metric, value, method="soft", decoy=name) for metric, value in (("loss", 0.3), ("bleu", 70.0))]
        for strength, bleu in BLEU.items():
            found = {"loss": 1 + strength, "bleu": bleu, "read": READ[strength]}
            found |= {"before": 9.0, "shuffled": 5 + strength} if controls else {}
            rows += [row(metric, value, method="wayward", decoy=name, strength=strength) for metric, value in found.items()]
    return {"rows": rows, "keys": [], "checks": [], "verdict": "undecided", "answer": "", "sentence": "", "preset": "fast"}


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A fresh install: shipped runs and nothing else."""
    return with_store(monkeypatch, RunStore(tmp_path / "runs"))


@pytest.fixture
def studied(monkeypatch, fresh):
    """The same where the study has this result."""
    known = cached_results.study_result
    monkeypatch.setattr(cached_results, "study_result", lambda name, preset: result() if name == "waywardness" else known(name, preset))
    return fresh


def test_sentences_and_strengths_are_those_that_the_result_holds():
    assert anchored_prompts.list_strengths(result()) == {name: [0.0, 0.3, 3.0] for name in NAMES}
    assert list(anchored_prompts.list_strengths(result(NAMES[:1]))) == NAMES[:1]
    assert anchored_prompts.count_repetitions(result()) == 3


def test_the_finding_follows_the_numbers():
    said_now = anchored_prompts.describe_tradeoff(result(NAMES[:1]))
    assert f"{NAMES[0]} is read whole from strength **3** on, where **10%** of the gain is left" in said_now
    never = result(NAMES[:1])
    for one in never["rows"]:
        one.update({"value": min(one["value"], 0.9), "q25": min(one["q25"], 0.9)} if one["metric"] == "read" else {})
    assert "is never read whole, at most 90% of it" in anchored_prompts.describe_tradeoff(never)


def test_read_whole_is_only_what_stays_so_at_every_greater_strength():
    assert weakest_full_anchor({0.0: 0.2, 0.3: 0.9, 1.0: 1.0, 3.0: 1.0}) == 1.0
    assert weakest_full_anchor({0.0: 1.0, 0.3: 0.9, 3.0: 1.0}) == 3.0                # whole without the pull, by luck, and then not
    assert weakest_full_anchor({0.0: 1.0, 3.0: 1.0}) == 0.0 and weakest_full_anchor({0.0: 1.0, 3.0: 0.9}) is None


def test_the_worse_of_two_sentences_decides_and_a_free_prompt_is_what_it_is_held_against():
    def measured(metric: str, value: float, name: str, method: str) -> Row:
        fields = {"decoy": name, "method": method}
        return Row("a label", "Transformer", "summaries", (Band.exactly(value),), metric=metric, fields=fields)

    rows = [measured("bleu", 80.0, name, "wayward") for name in NAMES] + [measured("read", 1.0, name, "cell") for name in NAMES]
    rows += [measured("bleu", bleu, name, "cell") for name, bleu in zip(NAMES, (84.0, 60.0), strict=True)]
    rows.append(measured("fall", 0.0, NAMES[0], "cell"))
    checks = STUDIES["waywardness"].checks(rows)
    assert [check.value for check in checks] == [0.75, 1.05, 0.75, 0.0, 1.0]
    assert [check.role for check in checks] == ["primary", "secondary", "secondary", "gate", "gate"]


def test_study_and_page_mean_the_same_by_read_whole():
    loose = result(NAMES[:1])
    for one in loose["rows"]:
        if one["metric"] == "read" and one["fields"]["strength"] in (0.0, 0.3):
            one.update(value=1.0, q25=1.0 if one["fields"]["strength"] == 0.0 else 0.9)
    assert "is read whole from strength **3** on" in anchored_prompts.describe_tradeoff(loose)
    for one in loose["rows"]:
        one.update({"q25": 0.9} if one["metric"] == "read" else {})
    assert f"{NAMES[0]} is read whole now and then, but from no strength on by all repetitions" in anchored_prompts.describe_tradeoff(loose)


def test_controls_are_told_and_drawn_where_the_result_has_them():
    told = " As controls, the sentences untuned lose 9 and tuned vectors in another order 5 to 8 nats per token."
    assert anchored_prompts.describe_controls(result()) == told
    assert anchored_prompts.describe_controls(result(controls=False)) == ""
    drawn = [anchored_prompts.draw_tradeoff(result(NAMES[:1], told), by) for told, by in ((True, "loss"), (False, "loss"), (True, "bleu"))]
    assert [len(one.drawing.data) for one in drawn] == [5, 4, 4]


def test_a_sentence_that_ends_with_a_stop_is_quoted_without_it():
    assert ".*" not in anchored_prompts.list_decoys(result()) and anchored_prompts.list_decoys(result()).endswith("minus one*")


@pytest.mark.parametrize(("right", "bleu", "words"), [
    (8, 69.0, "It reads as you wished, and it does its task as well as a prompt without the pull"),
    (8, 35.0, "It reads as you wished, but it does its task in part: **50%**"),
    (8, 0.24, "It reads as you wished, but it does its task no more: **0%**"),
    (5, 69.0, "5 of 8 words read as you wished, but it does its task as well"),
    (0, 0.0, "0 of 8 words read as you wished, and it does its task no more"),
])
def test_a_prompt_is_worth_what_it_keeps_of_the_gain(right, bleu, words):
    assert anchored_prompts.AnchoredScore(right, 8, bleu, 70.0, 0.0).sentence.startswith(words)


def test_a_free_prompt_of_the_nearest_length_stands_beside(fresh):
    own = tuning_spec(methods.WaywardPT(words=tuple(encode("anna likes bread"))), SUMMARY, RECIPE, repetitions=1)
    assert anchored_prompts.free_spec(own).method == methods.SoftPT(length=3, prior=Vocabulary())
    assert anchored_prompts.free_spec(own).tuning == own.tuning
    called, found = anchored_prompts.find_free_prompt(result(), anchored_prompts.free_spec(own))
    assert called.startswith("7 vectors") and found == {"loss": 0.3, "bleu": 70.0}               # the opposite task has the fewest words
    assert anchored_prompts.find_free_prompt(None, anchored_prompts.free_spec(own)) is None


@pytest.mark.parametrize("measure", anchored_prompts.MEASURES.values())
def test_the_page_draws_the_strengths_that_there_are(studied, measure):
    app = opened("meaning", meaning_measure=measure)
    assert not app.exception and not app.error and "from strength **3** on" in " ".join(one.value for one in app.markdown)
    assert pictures(app) >= 2 and "Medians over 3 repetitions" in said(app)


def test_a_visitor_finds_a_pull_that_leaves_some_of_the_task(studied):
    assert opened("meaning").number_input(key="meaning_strength").value == anchored_prompts.STRENGTH == 1.0


def test_a_prompt_of_ones_own_stands_beside_a_free_one_no_prompt_and_its_controls(studied):
    words = tuple(encode("anna likes bread"))
    own = tuning_spec(methods.WaywardPT(words=words, strength=10.0), SUMMARY, RECIPE.model_copy(update={"steps": 10}), repetitions=1)
    run = pretrain(own, studied)
    app = opened("meaning", meaning_decoy="anna likes bread", meaning_steps="10", meaning_strength="10")
    tables = [frame.value.set_index(first) for frame in app.dataframe if (first := "in front of a summary") in frame.value.columns]
    loss, bleu = tables[0]["held-out loss (nats)"], tables[0]["BLEU"]
    assert not app.exception and loss["this prompt"] == f"{run.summary['loss']['0']['median'][0]:.3g}"
    assert loss["no prompt"] == f"{live_tuning.load_scores(UNTUNED.key())['loss']:.3g}"
    assert bleu["7 vectors without the pull, of the study"] == "70"
    order, untuned = anchored_prompts.control_losses(run.key, words)
    assert [loss["its vectors in another order"], loss["the sentence untuned"]] == [f"{order:.3g}", f"{untuned:.3g}"]
    assert float(loss["this prompt"]) < untuned
    (reads, right), markdown = anchored_prompts.read_vectors(run.key, words), [one.value for one in app.markdown]
    assert f"It reads: *{reads}*" in markdown
    assert any(one.startswith("It reads as you wished" if right == 3 else f"{right} of 3 words") for one in markdown)
