"""Models of the hub, which stands on this machine here: described first, brought without code, and what is said when it fails."""

import json
import time

import pytest
import tiny_hub
import torch
from own_models import refused

from tutor import llm
from tutor.llm import model_location


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_a_hub_that_is_not_reached_is_one_quick_sentence(monkeypatch, tmp_path, endpoint):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    began = time.monotonic()
    assert refused("openai-community/gpt2") == ("the hub was not reached for openai-community/gpt2; check the network, "
                                                "or give a folder of this machine")
    assert time.monotonic() - began < model_location.TIMEOUT_S + 2


hub, sums = tiny_hub.hub, tiny_hub.sums


@pytest.fixture
def files(folders):
    """The files of `me/tiny`: a model with a script and a pickle beside its weights."""
    return {path.name: path.read_bytes() for path in folders["gpt2"].iterdir()} | {"run.py": b"boom", "pytorch_model.bin": b"boom"}



def test_a_model_of_the_hub_is_described_first_and_brought_without_code_or_pickles(hub, models):
    place = llm.locate_model("me/tiny")
    assert llm.inspect_model(place).parameters == sum(one.numel() for one in models["gpt2"].network.parameters())
    assert "model.safetensors" not in hub and "model.safetensors" in place.files()
    model = llm.load_model(place)
    assert model.name == "me/tiny" and torch.equal(model.vocabulary, models["gpt2"].vocabulary)
    assert "model.safetensors" in hub and not {"run.py", "pytorch_model.bin"} & set(hub)


def test_a_download_that_is_cancelled_stops(hub):
    with pytest.raises(llm.ModelError, match="the download was cancelled"):
        llm.load_model(llm.locate_model("me/tiny"), lambda: True)


def test_what_was_brought_once_is_there_without_a_network(hub, monkeypatch):
    llm.load_model(llm.locate_model("me/tiny"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert llm.load_model(llm.locate_model("me/tiny")).layers == 3


def test_a_name_that_the_hub_does_not_know_is_one_sentence(hub):
    assert refused("me/other") == "the hub has no model me/other, or it is private"


def looked():
    with pytest.raises(llm.ModelError) as caught:
        llm.inspect_model(llm.locate_model("me/tiny"))
    return str(caught.value)


def test_a_pointer_in_the_place_of_weights_is_seen_before_anything_large_is_fetched(hub, files):
    files["model.safetensors"] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 497774208\n"
    assert "the file model.safetensors of me/tiny is a Git LFS pointer" in looked()


@pytest.mark.parametrize("there", [True, False])
def test_a_part_of_the_weights_that_the_hub_lacks_is_seen_before_any_is_fetched(hub, files, there):
    files["parts-1.safetensors"] = files.pop("model.safetensors")
    names = {"a": "parts-1.safetensors"} | ({} if there else {"b": "parts-2.safetensors"})
    files["model.safetensors.index.json"] = json.dumps({"weight_map": names}).encode()
    if there:
        assert llm.inspect_model(llm.locate_model("me/tiny")).fits
    else:
        assert looked() == "the weights of me/tiny are not complete: the file parts-2.safetensors is missing"
    assert "parts-1.safetensors" not in hub


def test_a_tokenizer_of_which_no_fast_one_can_be_made_is_seen_before_any_weights_are_fetched(hub, files):
    del files["tokenizer.json"]
    files["tokenizer.model"] = b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02"
    files["tokenizer_config.json"] = b'{"tokenizer_class": "LlamaTokenizer"}'
    assert looked().startswith("the model me/tiny has no tokenizer.json, and none can be made of its tokenizer.model here")
    assert "model.safetensors" not in hub
