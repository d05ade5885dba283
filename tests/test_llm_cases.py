"""Models as people really have them: files that are not whole, descriptions with flags of their own, tokenizers that do not fit exactly."""

import json
import os
import shutil

import pytest
import torch
from own_models import TEXT, refused, saved, tuner_of
from safetensors.torch import load_file, save_file

from tutor import llm

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 497774208\n"
WEIGHTS = "model.safetensors"


@pytest.fixture
def copy(folders, tmp_path):
    """A copy of the GPT-2 to change."""
    return shutil.copytree(folders["gpt2"], tmp_path / "mine")


def looked(folder):
    """The sentence of the look alone, before anything is loaded."""
    with pytest.raises(llm.ModelError) as caught:
        llm.inspect_model(llm.locate_model(str(folder)))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def described(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


# Files.

@pytest.mark.parametrize("file", [WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_pointer_of_git_lfs_is_seen_at_the_look(copy, file):
    (copy / file).write_text(POINTER)
    assert looked(copy) == f"the file {file} of mine is a Git LFS pointer, not the file itself; fetch it with `git lfs pull` in that folder"


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_weights_that_are_cut_off_are_seen_at_the_look(copy, keep):
    data = (copy / WEIGHTS).read_bytes()
    (copy / WEIGHTS).write_bytes(data[:keep])
    assert "the weights of mine cannot be loaded: the file model.safetensors is cut off" in looked(copy)


@pytest.fixture
def sharded(tmp_path):
    return saved(tmp_path / "parts", "llama", max_shard_size="20KB")


def test_weights_in_parts_are_loaded_and_a_missing_part_is_seen_at_the_look(sharded):
    model = llm.load_model(llm.locate_model(str(sharded)))
    assert model.layers == 3 and len(list(sharded.glob("*.safetensors"))) > 1
    gone = min(sharded.glob("*.safetensors"))
    gone.unlink()
    assert looked(sharded) == f"the weights of parts are not complete: the file {gone.name} is missing"


@pytest.mark.parametrize("file", ["../secret.safetensors", "/etc/passwd", "..\\secret", "a/b.safetensors", ".."])
def test_an_index_that_leads_elsewhere_is_refused(sharded, file):
    (sharded.parent / "secret.safetensors").write_bytes(b"")
    index = sharded / "model.safetensors.index.json"
    told = json.loads(index.read_text())
    told["weight_map"][next(iter(told["weight_map"]))] = file
    index.write_text(json.dumps(told))
    assert "model.safetensors.index.json of parts leads out of its folder" in looked(sharded)


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"weight_map": []}', '{"weight_map": {"a": 3}}', '{"weight_map": {}}'])
def test_an_index_that_is_none_is_one_sentence(sharded, text):
    (sharded / "model.safetensors.index.json").write_text(text)
    assert looked(sharded).startswith("the file model.safetensors.index.json of parts ")


def test_a_folder_of_llama_cpp_an_empty_one_and_a_file_are_one_sentence(tmp_path, copy):
    assert looked(tmp_path) == f"the model {tmp_path.name} holds no model: there is no config.json"
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    assert "has its weights as small.gguf, which is quantised" in looked(tmp_path)
    assert refused(str(copy / WEIGHTS)) == f"{copy / WEIGHTS} is a file; give the folder that holds the model"


def test_a_folder_whose_name_has_lines_is_told_on_one(tmp_path):
    (tmp_path / "two\nlines").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "two\nlines")
    assert looked(tmp_path / "link") == "the model two lines holds no model: there is no config.json"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_in_the_place_of_a_description_is_not_waited_for(copy):
    (copy / "config.json").unlink()
    os.mkfifo(copy / "config.json")
    assert looked(copy) == "the model mine holds no model: there is no config.json"


# Descriptions.

GPT2 = '{"model_type": "gpt2", '


@pytest.mark.parametrize("text", [
    "[" * 100_000, '{"a": ' * 100_000, '{"n_layer": ' + "9" * 5000 + "}", "\ufeff{", "null", "\x00", '{"model_type": ["gpt2"]}',
    GPT2 + '"n_embd": "x"}', GPT2 + '"n_layer": -1}', GPT2 + '"n_embd": 1' + "0" * 30 + "}", GPT2 + '"architectures": {"a": 1}}',
    GPT2 + '"n_head": null}', GPT2 + '"n_layer": 1' + "0" * 30 + "}"], ids=range(13))
def test_a_description_that_nobody_can_use_is_one_sentence(copy, text):
    (copy / "config.json").write_text(text)
    assert refused(str(copy))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_description_in_another_encoding_is_read(copy, encoding):
    text = (copy / "config.json").read_text()
    (copy / "config.json").write_text(text, encoding=encoding)
    assert llm.load_model(llm.locate_model(str(copy))).layers == 3


FLAGS = [{"return_dict": False}, {"use_return_dict": False}, {"output_attentions": True, "output_hidden_states": True},
         {"use_cache": False},
         {"torch_dtype": "float16"}, {"dtype": "bfloat16"}, {"_attn_implementation": "flash_attention_2"}, {"attn_implementation": "sdpa"},
         {"tie_word_embeddings": True, "torchscript": True}, {"eos_token_id": None, "bos_token_id": None}, {"pad_token_id": 3}]


@pytest.mark.parametrize("flags", FLAGS, ids=",".join)
def test_flags_of_a_description_do_not_decide_how_we_read(copy, models, flags):
    model, plain = llm.load_model(llm.locate_model(str(described(copy, **flags)))), models["gpt2"]
    ids = plain.tokens("anna eats a red apple .")
    assert torch.equal(model.hidden_states(ids), plain.hidden_states(ids))
    for method in ("SoftPT", "PrefixPT"):
        one, other = (tuner_of(each, method, steps=2) for each in (model, plain))
        assert [step.loss for step in one.steps()] == [step.loss for step in other.steps()]
        assert llm.check_first_layer(one.prompted, ids).layers[0].exact


# Weights.

@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("tensor", ["transformer.wte.weight", "transformer.h.2.mlp.c_fc.weight", "transformer.ln_f.bias"])
def test_a_weight_that_is_not_finite_is_named(copy, value, tensor):
    weights = load_file(copy / WEIGHTS)
    weights[tensor].view(-1)[-1] = value
    save_file(weights, copy / WEIGHTS, {"format": "pt"})
    assert refused(str(copy)) == f"the weights of mine hold values that are not finite (tensor {tensor})"


def test_a_weight_of_a_shape_that_does_not_fit_is_one_sentence(copy):
    weights = load_file(copy / WEIGHTS)
    weights["transformer.h.1.ln_1.weight"] = torch.ones(7)
    save_file(weights, copy / WEIGHTS, {"format": "pt"})
    assert "the weights of mine " in refused(str(copy))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_another_precision_are_read_in_single_precision(copy, dtype):
    save_file({name: value.to(dtype) for name, value in load_file(copy / WEIGHTS).items()}, copy / WEIGHTS, {"format": "pt"})
    model = llm.load_model(llm.locate_model(str(copy)))
    assert model.vocabulary.dtype == torch.float32 and model.states(model.tokens("anna eats"))[1].dtype == torch.float32


def test_layers_that_make_no_numbers_of_finite_weights_are_refused(copy):
    weights = load_file(copy / WEIGHTS)
    weights["transformer.h.0.mlp.c_fc.weight"].fill_(3e38)
    save_file(weights, copy / WEIGHTS, {"format": "pt"})
    assert refused(str(copy)) == "the model mine answers with values that are not finite, though its weights are"


# Tokenizers.

def test_a_token_without_a_vector_is_refused_only_where_a_text_uses_it(copy):
    from transformers import AutoTokenizer  # noqa: PLC0415

    made = AutoTokenizer.from_pretrained(copy)
    made.add_tokens([f"<extra {n}>" for n in range(40)])
    made.add_special_tokens({"additional_special_tokens": ["<image>"]})
    made.save_pretrained(copy)
    model = llm.load_model(llm.locate_model(str(copy)))
    assert len(llm.cut_windows(model, TEXT, 16).training) and any("without a vector" in said for said in llm.list_limits(model))
    with pytest.raises(llm.ModelError, match=r"the text uses the token '<image>', number \d+, for which mine has no vector; it has 40"):
        llm.cut_windows(model, TEXT + "<image>", 16)
    with pytest.raises(llm.ModelError, match="the text uses the token '<image>'"):
        llm.read_groups(model, "a: anna <image>\n" * 4 + "b: ben\n" * 4)


@pytest.mark.parametrize("data", [b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02", b"", b"nonsense" * 100])
def test_a_tokenizer_of_which_no_fast_one_can_be_made_is_seen_at_the_look(folders, tmp_path, data):
    folder = shutil.copytree(folders["llama"], tmp_path / "mine")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.model").write_bytes(data)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer"}')
    assert looked(folder).startswith("the model mine has no tokenizer.json, and none can be made of its tokenizer.model here (")
    assert "pip install" not in looked(folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"model": null}', "[" * 100_000])
def test_a_tokenizer_that_is_none_is_seen_at_the_look(copy, text):
    (copy / "tokenizer.json").write_text(text)
    assert "mine" in looked(copy)


# Whatever else goes wrong.

@pytest.mark.parametrize("error", [
    RecursionError("deep"), AttributeError("'X' object has no attribute 'values'"), KeyError("a"), MemoryError(),
    OSError(5, "Input/output error"), NotImplementedError(), AssertionError("odd\nlines"), IndexError()])
def test_whatever_a_library_raises_is_one_sentence_with_its_type(folders, monkeypatch, error):
    model = llm.load_model(llm.locate_model(str(folders["llama"])))
    tuner = tuner_of(model, "SoftPT", steps=1)

    def fails(*given, **named):
        raise error

    monkeypatch.setattr(model.network, "forward", fails)
    ids = model.tokens("anna eats")
    parts = [lambda: model.states(ids), lambda: llm.trace_sentences(model, ["anna eats"], 0), lambda: list(tuner.steps()),
             lambda: tuner_of(model, "SoftPT"), lambda: llm.write_continuation(model, tuner.prompted, "anna", 2),
             lambda: llm.check_first_layer(tuner.prompted, ids),
             lambda: llm.read_groups(model, "a: anna\n" * 4 + "b: ben\n" * 4)]
    for part in parts:
        with pytest.raises(llm.ModelError) as caught:
            part()
        said = str(caught.value)
        assert "\n" not in said and "llama" in said
        assert ("memory is used up" if isinstance(error, MemoryError) else type(error).__name__) in said
