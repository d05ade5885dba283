"""Tunings of a pretrained model are ordinary runs: specification, key, store, engine, film, resume, command line, zip."""

import json

import pytest
import torch
from kept_models import FAMILIES, V, make_model, save_model

from tutor import RunSpec, RunStore, methods, predictors, pretrain, sources
from tutor.cli import answer_command
from tutor.core.model_folder import keep_model, remove_model
from tutor.core.spec_errors import SpecError
from tutor.measure.loss import held_out_loss
from tutor.methods.priors import Fitted, Vocabulary
from tutor.predictors.prompt_placement import Placement
from tutor.runs.engine.runner import advance_run
from tutor.training.recipe import Recipe

EXAMPLES = (("the cat", "sat red"), ("the dog", "ran blue"), ("one", "two three"), ("the red cat", "sat"), ("the blue dog", "ran"))
TUNING = Recipe(steps=6, batch=2, length=5, learning_rate=0.05)


@pytest.fixture
def model(tmp_path, monkeypatch):
    """The hash of a tiny model with grouped keys and tied embeddings."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    return keep_model(save_model(make_model(FAMILIES["smollm2: grouped keys, tied"]), tmp_path / "theirs"))


def specify(model: str, method=None, **changes) -> RunSpec:
    texts = sources.Texts(tokenizer=model, examples=EXAMPLES)
    tuned = {"method": method, "on": texts, "tuning": TUNING} if method else {}
    parts = {"source": texts, "body": predictors.Llama(weights=model), "recipe": Recipe.untrained(),
             "evaluation": {"sequences": 16, "length": 5}} | tuned
    return RunSpec(**parts | changes)


def test_sizes_follow_from_the_model_and_let_a_specification_be_read_without_it(model):
    spec = specify(model, methods.SoftPT(length=2))
    assert (spec.body.width, spec.body.layers, spec.body.context, spec.source.vocab, spec.source.longest) == (32, 3, 64, V, 4)
    said, key = spec.to_toml(), spec.key()
    remove_model(model)
    again = RunSpec.from_text(said)
    assert again == spec and again.key() == key
    with pytest.raises(SpecError, match="width is missing"):
        predictors.Llama(weights=model)


EVERY = {
    "soft": methods.SoftPT(length=2, init="tokens"),
    "soft, sampled vocabulary": methods.SoftPT(length=2, prior=Vocabulary()),
    "prefix": methods.PrefixPT(length=2),
    "prefix with MLP, infix, last layers": methods.PrefixPT(length=2, mlp=8, layers=2, placement=Placement(kind="infix", after=1)),
    "deep": methods.DeepPT(length=2),
    "lora": methods.LoRAWT(rank=2),
    "lora of the mlp": methods.LoRAWT(rank=2, on="mlp"),
    "full": methods.FullWT(),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_method_lowers_the_loss_and_leaves_the_model_bit_for_bit(model, name):
    spec = specify(model, EVERY[name])
    base = spec.body.build(V, 0).requires_grad_(False)
    before = {key: value.clone() for key, value in base.state_dict().items()}
    job = EVERY[name].start(base, spec.on, Recipe(steps=30, batch=4, length=5, learning_rate=0.02), 0)
    losses = []
    while not job.done:
        losses.append(job.advance().loss)
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
    assert all(torch.equal(value, before[key]) for key, value in base.state_dict().items())
    finished = EVERY[name].finished(job.predictor)
    tokens = spec.on.sample(3, 5, 0).tokens
    torch.testing.assert_close(finished(tokens), job.predictor(tokens), atol=1e-5, rtol=1e-4)


def test_a_run_is_kept_filmed_and_loaded_and_nothing_of_the_model_is_stored(model, tmp_path):
    store, spec = RunStore(tmp_path / "store"), specify(model, methods.SoftPT(length=2, init="tokens"))
    run = pretrain(spec, store)
    base = store.run(spec.base())
    assert base.folder.weights() == {}
    assert {name: tuple(one.shape) for name, one in run.folder.weights().items()} == {"0/embedding_prompt.rows": (2, 32)}
    assert run.frames()[-1].step == TUNING.steps and len(run.events()) == TUNING.steps
    want = held_out_loss(run.predictor, spec.on, n=16, length=5)
    assert run.summary["loss"]["0"]["median"] == pytest.approx([want], abs=1e-5)
    assert held_out_loss(base.predictor, spec.on, n=16, length=5) != pytest.approx(want, abs=1e-3)


def test_a_run_that_was_interrupted_ends_with_the_same_bits(model, tmp_path):
    spec = specify(model, methods.PrefixPT(length=2))
    whole = pretrain(spec, RunStore(tmp_path / "one")).folder.weights()
    store = RunStore(tmp_path / "two")
    key = store.create(spec).key
    assert advance_run(store.root, key, until=3) == "paused"
    assert advance_run(store.root, key) == "done"
    again = store.get(key).weights()
    assert again.keys() == whole.keys() and all(torch.equal(again[name], whole[name]) for name in whole)


def test_the_command_line_runs_shows_and_exports_it(model, tmp_path, capsys):
    file, where = tmp_path / "spec.toml", ["--store", str(tmp_path / "store")]
    spec = specify(model, methods.LoRAWT(rank=1))
    file.write_text(spec.to_toml())
    assert answer_command(["run", str(file), "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["key"] == spec.key()
    assert answer_command(["runs", "list", "--json", "--where", "body.kind=llama", *where]) == 0
    assert {one["key"] for one in json.loads(capsys.readouterr().out)} >= {spec.key()}
    assert answer_command(["runs", "export", spec.key(), "--out", str(tmp_path / "run.zip"), *where]) == 0
    assert (tmp_path / "run.zip").stat().st_size < 200_000


def test_a_pretrained_model_is_not_pretrained_again(model):
    with pytest.raises(SpecError, match=r"recipe\.steps is 5; the model is pretrained already, so it must be 0"):
        specify(model, recipe=Recipe(steps=5))


def test_a_prompt_that_is_longer_than_the_context_is_refused(model):
    with pytest.raises(SpecError, match=r"body\.context is 64; it must hold the longest sequence and the prompt, 65 positions"):
        specify(model, methods.SoftPT(length=60))


def test_priors_draw_among_the_words_of_the_model(model):
    base = specify(model).body.build(V, 0)
    tuned = methods.SoftPT(length=4, prior=Vocabulary()).attach(base, 0)
    gaps = (tuned.embedding_prompt.rows[:, None] - base.embed.table[None]).norm(dim=-1).amin(1)
    assert gaps.max() < 1e-6
    assert methods.SoftPT(length=4, prior=Fitted()).attach(base, 0).embedding_prompt.rows.isfinite().all()
