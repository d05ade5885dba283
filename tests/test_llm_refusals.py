"""What is refused of models from elsewhere, and how it is said: folders, descriptions, weights, tokenizers, settings, texts."""

import json
import shutil

import pytest
import torch
from own_models import QUICK, TEXT, refused, tuner_of
from safetensors.torch import load_file, save_file

from tutor import llm


@pytest.fixture
def broken(folders, tmp_path):
    """A copy of the GPT-2 to break."""
    return shutil.copytree(folders["gpt2"], tmp_path / "broken")


def described(folder, **changes):
    told = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps({name: value for name, value in told.items() if value is not ...}))
    return str(folder)


@pytest.mark.parametrize("text", ["/nowhere/at/all", "models/of/mine/here", "~nobody-here/x", "..", "a" * 298 + "/b"])
def test_a_folder_that_is_not_there_is_one_sentence(text):
    assert any(part in refused(text) for part in ("there is no folder", "holds no model", "cannot be looked at"))


@pytest.mark.parametrize("text", ["", "  ", "x" * 301, "gpt2\x00", "a\nb"])
def test_a_name_that_cannot_be_is_one_sentence(text):
    assert "give a folder of this machine or a name on the hub" in refused(text)


def test_a_model_that_is_too_large_is_refused_before_it_is_loaded(broken, monkeypatch):
    (broken / "model.safetensors").unlink()                                     # nobody looks for weights that do not fit
    said = refused(described(broken, n_embd=16384, n_layer=90, n_head=64, vocab_size=100_000))
    assert said.startswith("the model broken is too large for this machine: it needs about 1,215.6 GB and ")
    assert said.endswith("GB are free")


def test_a_folder_without_a_model_is_one_sentence(tmp_path):
    assert refused(str(tmp_path)) == f"the model {tmp_path.name} holds no model: there is no config.json"


DESCRIPTIONS = {
    "the model broken is no causal language model, it is BertForMaskedLM": {"model_type": "bert", "architectures": ["BertForMaskedLM"]},
    "the model broken is no causal language model, it is T5ForConditionalGeneration":
        {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]},
    "the model broken is no causal language model, it is GPT2ForSequenceClassification":
        {"architectures": ["GPT2ForSequenceClassification"]},
    "the model broken is no causal language model, it is of no known kind": {"model_type": ..., "architectures": ...},
    "the model broken needs code of its own, which is never run here; choose a model that transformers knows by itself":
        {"model_type": "mine", "auto_map": {"AutoModelForCausalLM": "modeling.Mine"}},
    "the model broken is quantised; choose the model with its full weights": {"quantization_config": {"quant_method": "bitsandbytes"}},
    "in config.json n_layer is 1,000,000,000; at most 2,000 are read": {"n_layer": 10**9},
    "the file config.json describes no model that can be built": {"n_head": 5},
}


@pytest.mark.parametrize("sentence", DESCRIPTIONS)
def test_a_description_of_something_else_is_one_sentence(broken, sentence):
    assert refused(described(broken, **DESCRIPTIONS[sentence])).startswith(sentence)


def test_a_description_that_is_none_is_one_sentence(broken):
    (broken / "config.json").write_text("{")
    assert refused(str(broken)).startswith("the file config.json of broken cannot be read")
    (broken / "config.json").write_text("[]")
    assert refused(str(broken)) == "the file config.json of broken does not describe a model"


def test_code_that_comes_with_a_model_is_not_run(broken):
    (broken / "modeling.py").write_text("raise SystemExit('run')")
    own = {"AutoConfig": "modeling.C", "AutoModelForCausalLM": "modeling.M", "AutoTokenizer": ["modeling.T", "modeling.T"]}
    described(broken, auto_map=own)
    assert type(llm.load_model(llm.locate_model(str(broken))).network).__name__ == "GPT2LMHeadModel"


def test_pickled_weights_are_refused_and_never_opened(broken):
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    assert refused(str(broken)) == ("the model broken has its weights as pytorch_model.bin, which could run code when it is opened; "
                                    "save them as safetensors first")
    (broken / "pytorch_model.bin").unlink()
    assert refused(str(broken)) == "the model broken has no weights: there is no model.safetensors"


def test_what_the_names_of_its_files_say_is_said_before_anything_is_loaded(broken):
    place = llm.locate_model(str(broken))
    (broken / "model.safetensors").rename(broken / "pytorch_model.bin")
    with pytest.raises(llm.ModelError, match=r"the model broken has its weights as pytorch_model.bin"):
        llm.inspect_model(place)
    (broken / "pytorch_model.bin").rename(broken / "model.safetensors")
    assert llm.inspect_model(place).fits
    for path in broken.glob("*token*"):
        path.unlink()
    with pytest.raises(llm.ModelError, match=r"the model broken has no fast tokenizer; there should be a tokenizer.json"):
        llm.inspect_model(place)


def test_an_adapter_is_not_a_model(broken):
    (broken / "adapter_config.json").write_text("{}")
    assert "holds an adapter of PEFT" in refused(str(broken))


def test_weights_that_are_damaged_or_not_complete_are_one_sentence(broken):
    weights = load_file(broken / "model.safetensors")
    rest = {name: value for name, value in weights.items() if "h.1.attn.c_proj" not in name}
    save_file(rest, broken / "model.safetensors", {"format": "pt"})
    assert refused(str(broken)).startswith("the weights of broken are not complete: 2 tensors are missing, such as transformer.h.1.attn")
    (broken / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00nonsense")
    assert refused(str(broken)).startswith("the weights of broken cannot be loaded")


def test_a_model_without_a_fast_tokenizer_is_one_sentence(broken):
    for path in broken.glob("*token*"):
        path.unlink()
    assert "no fast tokenizer" in refused(str(broken))


def test_a_tokenizer_with_more_tokens_than_vectors_is_taken_and_texts_that_use_one_are_refused(broken):
    said = json.loads((broken / "tokenizer.json").read_text())
    said["model"]["vocab"]["zebra"] = 50
    (broken / "tokenizer.json").write_text(json.dumps(said))
    model = llm.load_model(llm.locate_model(str(broken)))
    assert model.tokens("anna eats").tolist() == [model.encoded("anna eats")]
    with pytest.raises(llm.ModelError) as caught:
        model.tokens("anna eats zebra")
    assert str(caught.value) == "the text uses the token 'zebra', number 50, for which broken has no vector; it has 40"


SETTINGS = {
    "length is 0; it must be a whole number between 1 and 64": {"length": 0},
    "length is 3.5; it must be a whole number between 1 and 64": {"length": 3.5},
    "steps is 1000000000; it must be a whole number between 1 and 5,000": {"steps": 10**9},
    "learning rate is nan; it must be a number between more than 0 and 1": {"learning_rate": float("nan")},
    "method is LoRA; it must be SoftPT or PrefixPT": {"method": "LoRA"},
    "lenght is not a setting; there are method, length, steps, batch, window, learning_rate, leash, seed": {"lenght": 3},
}


@pytest.mark.parametrize("sentence", SETTINGS)
def test_a_setting_that_cannot_be_says_what_is_allowed(sentence):
    with pytest.raises(llm.ModelError) as caught:
        llm.PromptRecipe.of(**SETTINGS[sentence])
    assert str(caught.value) == sentence


TEXTS = {
    "the text is empty; give at least a few sentences": b" \n",
    "the text has 10.5 MB; at most 10 MB are read": b"a" * 10_500_000,
    "the text is no text in UTF-8 or UTF-16 (byte 5 is 0xff); save it as UTF-8": "für abc".encode()[:4] + b"\xff\xff",
}


@pytest.mark.parametrize("sentence", TEXTS)
def test_a_file_that_is_no_text_is_one_sentence(sentence):
    with pytest.raises(llm.ModelError) as caught:
        llm.read_text(TEXTS[sentence])
    assert str(caught.value) == sentence


def test_a_text_that_is_too_short_says_how_long_it_must_be(models):
    with pytest.raises(llm.ModelError, match="it has 3 tokens, and examples of 16 need at least 32, one to learn from and one to judge by"):
        llm.cut_windows(models["gpt2"], "anna eats milk", 16)


def test_a_prompt_that_leaves_no_room_is_one_sentence(models):
    with pytest.raises(llm.ModelError, match="prompt and example have 140 tokens; gpt2 reads at most 128"):
        tuner_of(models["gpt2"], "SoftPT", length=12, window=128)


def test_a_step_that_needs_too_much_is_refused(models, monkeypatch):
    monkeypatch.setattr("tutor.llm.prompt_tuning.free_bytes", lambda: 1000)
    with pytest.raises(llm.ModelError, match="a step with batch 4 and window 16 needs about"):
        tuner_of(models["gpt2"], "SoftPT")


def test_a_start_that_is_no_number_is_one_sentence(models):
    how = llm.PromptRecipe.of(**QUICK)
    with pytest.raises(llm.ModelError, match="not finite"):
        llm.PromptTuner(models["gpt2"], llm.cut_windows(models["gpt2"], TEXT, 16), how, torch.full((4, 32), float("inf")))
