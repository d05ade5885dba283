"""What may be wrong with a model from elsewhere or with its texts, each in one sentence."""

import json
import shutil

import pytest
import torch
from kept_models import FAMILIES, make_model, save_model
from safetensors.torch import load_file, save_file

from tutor import predictors, sources
from tutor.core.model_folder import ModelMissing, hash_model, is_kept, keep_model, list_models, load_tensors, models_root, remove_model
from tutor.core.spec_errors import SpecError
from tutor.predictors import NotHeld
from tutor.predictors.llama_shape import LlamaShape
from tutor.predictors.pretrained import require_room
from tutor.sources.texts_file import MOST_BYTES, TextsError, parse_examples

CONFIG = FAMILIES["llama"].to_dict()
SAFETENSORS = "model.safetensors"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A tiny model that is not kept yet."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    return save_model(make_model(FAMILIES["llama"]), tmp_path / "theirs")


def test_a_model_is_kept_once_under_its_contents_whatever_its_folder_is_called(folder, tmp_path):
    weights = keep_model(folder)
    other = shutil.copytree(folder, tmp_path / "another name")
    (other / "README.md").write_text("of no weight")
    assert keep_model(other) == weights == hash_model(models_root() / weights)
    assert list_models() == [weights]
    remove_model(weights)
    assert list_models() == [] and not is_kept(weights)


@pytest.mark.parametrize("changed", ["config.json", "tokenizer.json", SAFETENSORS])
def test_the_hash_covers_configuration_tokenizer_and_weights(folder, changed):
    before = hash_model(folder)
    (folder / changed).write_bytes((folder / changed).read_bytes() + b" ")
    assert hash_model(folder) != before


def test_a_model_that_is_not_here_or_has_changed_is_named_with_its_remedy(folder):
    weights = keep_model(folder)
    with pytest.raises(ModelMissing, match=f"the model {'0' * 12} is not on this machine; keep it with prompt-tutor model add FOLDER"):
        load_tensors("0" * 64)
    with (models_root() / weights / SAFETENSORS).open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\x00\x00\x00\x3f")
    with pytest.raises(ModelMissing, match=f"the model {weights[:12]} has changed on the disk, its hash is .*; remove it and add it again"):
        predictors.Llama(weights=weights).build(40, 0)


def test_half_a_download_is_refused(folder):
    path = folder / SAFETENSORS
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelMissing, match=r"the file model\.safetensors is cut off or damaged"):
        keep_model(folder)
    assert list_models() == []


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", SAFETENSORS])
def test_a_folder_without_one_of_the_files_is_refused(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(ModelMissing, match=r"the folder theirs holds no whole model: (\*\.)?[a-z.]+ is missing"):
        keep_model(folder)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_weight_that_is_not_finite_is_named_by_its_tensor(folder, value):
    tensors = load_file(folder / SAFETENSORS)
    tensors["model.layers.1.mlp.up_proj.weight"][2, 3] = value
    save_file(tensors, folder / SAFETENSORS)
    with pytest.raises(ModelMissing, match=r"the tensor model\.layers\.1\.mlp\.up_proj\.weight in .* holds values that are not finite"):
        keep_model(folder)


def test_the_tokenizer_of_another_model_is_refused(folder, tmp_path):
    larger = save_model(make_model(type(FAMILIES["llama"])(**CONFIG | {"vocab_size": 48})), tmp_path / "larger")
    ours, other = keep_model(folder), keep_model(larger)
    texts = sources.Texts(tokenizer=other, examples=(("the", "cat"),) * 4)
    with pytest.raises(ValueError, match="the source has 48 symbols and the model 40; the texts are cut by another tokenizer"):
        predictors.Llama(weights=ours).build(texts.vocab, 0)


@pytest.mark.parametrize(("changed", "said"), [
    ({"model_type": "mamba"}, "the architecture is mamba; the decoder holds llama, mistral, qwen2, qwen3, gemma"),
    ({"hidden_act": "relu"}, "the activation is relu"),
    ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0}}, "the rotary positions are of the kind yarn"),
    ({"partial_rotary_factor": 0.5}, "only a part of each head is rotated"),
    ({"hidden_size": None}, "the configuration is not complete"),
    ({"num_hidden_layers": "many"}, "the configuration is not complete: invalid literal"),
    ({"num_attention_heads": 0, "head_dim": None}, "the configuration is not complete"),
])
def test_an_architecture_that_the_decoder_lacks_is_named(changed, said):
    with pytest.raises(NotHeld, match=said):
        LlamaShape.of(CONFIG | changed)


def test_weights_that_do_not_fit_or_are_too_many_or_too_few(folder):
    tensors = load_file(folder / SAFETENSORS)
    said = {"has a part model.layers.0.self_attn.sinks": tensors | {"model.layers.0.self_attn.sinks": torch.zeros(4)},
            "body.norm.weight is missing": {name: one for name, one in tensors.items() if name != "model.norm.weight"},
            "the weights do not fit the configuration: body.norm.weight": tensors | {"model.norm.weight": torch.zeros(3)}}
    for sentence, wrong in said.items():
        save_file(wrong, folder / SAFETENSORS)
        with pytest.raises(NotHeld, match=sentence):
            predictors.Llama(weights=keep_model(folder)).build(40, 0)


def test_a_size_that_is_not_the_models_is_refused(folder):
    weights = keep_model(folder)
    with pytest.raises(SpecError, match="width is 64; that of this model is 32"):
        predictors.Llama(weights=weights, width=64)


def test_a_model_of_seven_billion_weights_is_refused_on_a_machine_with_24_gb_before_anything_is_loaded(folder, monkeypatch):
    seven = LlamaShape.of(CONFIG | {"hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 11_008, "vocab_size": 32_000})
    monkeypatch.setattr("tutor.predictors.pretrained.free_bytes", lambda: 24_000_000_000)
    require_room("SmolLM2", 134_515_008, seven)
    with pytest.raises(NotHeld, match=r"big is too large for this machine: it needs about 27\.8 GB of memory and 24\.0 GB are free"):
        require_room("big", 6_738_415_616, seven)
    weights = keep_model(folder)
    monkeypatch.setattr("tutor.predictors.pretrained.free_bytes", lambda: 1000)
    monkeypatch.setattr("tutor.predictors.pretrained.load_tensors", None)
    with pytest.raises(NotHeld, match=f"the model {weights[:12]} is too large for this machine"):
        predictors.Llama(weights=weights).build(40, 0)


@pytest.mark.parametrize(("data", "said"), [
    (b"the cat\tsat\nthe dog\n", "line 2 has no answer; a line is an input, a tab and its answer"),
    (b"the cat\t \n", "line 1 has no answer"),
    (b"a\tb\tc\n", "line 1 has 3 columns"),
    (b"\n", "the file is empty"),
    (b"a" * (MOST_BYTES + 1), "the file has 500,001 bytes; at most 500,000 are read"),
])
def test_a_file_of_examples_that_cannot_be_read_says_where(data, said):
    with pytest.raises(TextsError, match=said):
        parse_examples(data)


def test_examples_are_cut_by_the_tokenizer_and_only_answers_are_asked(folder):
    weights = keep_model(folder)
    examples = parse_examples(b"the cat\tsat red\nthe dog\tran\none\ttwo\nred\tblue three\n")
    texts = sources.Texts(tokenizer=weights, examples=examples)
    held = texts.held_out().sample(2, 4, 0)
    assert held.tokens.tolist() == [[7, 8, 11, 0]] * 2 and held.mask.tolist() == [[False, True, True, False]] * 2
    assert texts.written(held.tokens).tolist() == [[True, True, True, False]] * 2
    drawn = texts.sample(200, 4, 0)
    assert set(drawn.latent[:, 0].tolist()) == {0, 1, 2}
    assert texts.symbols[3] == "cat" and texts.symbols[39] == "[39]"
    with pytest.raises(SpecError, match="example 1 has no answer"):
        sources.Texts(tokenizer=weights, examples=(("a", " "),) * 4)
    assert json.loads(texts.model_dump_json())["longest"] == 4
