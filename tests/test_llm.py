"""Models from elsewhere: a tiny GPT-2, tiny Llamas and other kinds, made and saved here, are loaded and looked into."""

import pytest
import torch
from own_models import CONFIGS, KINDS, each_model, saved, tuner_of
from safetensors.torch import load_file

from tutor import llm
from tutor.core import free_memory
from tutor.llm import memory_need
from tutor.llm.causal_model import continue_ids

model = each_model


def test_the_tiny_models_are_what_they_claim():
    assert CONFIGS["llama"].num_key_value_heads < CONFIGS["llama"].num_attention_heads


def test_the_vocabulary_is_the_embedding_matrix(model, folders):
    matrix = {"gpt2": "transformer.wte.weight", "llama": "model.embed_tokens.weight"}[model.config.model_type]
    there = load_file(folders[model.name.replace("-", " ")] / "model.safetensors")
    assert torch.equal(model.vocabulary, there[matrix]) and model.vocabulary.shape == (40, 32)


def test_words_are_tied_where_the_description_says_so(models):
    assert {kind: one.tied for kind, one in models.items()} == {"gpt2": True, "llama": False, "tied llama": True}


def test_hidden_states_are_those_of_transformers(model):
    ids = model.tokens("anna eats a red apple .")
    theirs = model.network(input_ids=ids, output_hidden_states=True).hidden_states
    mine = model.hidden_states(ids)
    assert mine.shape == (model.layers + 1, 6, 32) and all(torch.equal(one, other[0]) for one, other in zip(mine, theirs, strict=True))


def test_words_come_back_as_they_were_read(model):
    assert model.words(model.encoded("dora takes some cold milk")) == ["dora", "takes", "some", "cold", "milk"]


def test_the_cloud_of_a_text_has_one_point_for_every_token(model):
    cloud = model.activations("ben sees ben")
    assert cloud.shape == (3, 32) and torch.equal(cloud[0], cloud[2]) and not torch.equal(cloud[0], cloud[1])


def test_what_is_written_is_the_likeliest_token_each_time(model):
    ids = model.tokens("anna eats")
    said = continue_ids(model, ids, 3, model.longest)
    again = ids
    for token in said:
        assert model.network(input_ids=again).logits[0, -1].argmax() == token
        again = torch.cat([again, torch.tensor([[token]])], dim=1)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_estimated_from_the_description_to_the_byte(models, folders, kind):
    real = sum(one.numel() * one.element_size() for one in (*models[kind].network.parameters(), *models[kind].network.buffers()))
    assert llm.inspect_model(llm.locate_model(str(folders[kind]))).weights == pytest.approx(real, rel=0.02)


def test_known_models_are_estimated_at_their_known_size():
    from transformers import GPT2Config, LlamaConfig  # noqa: PLC0415

    big = LlamaConfig(num_hidden_layers=80, hidden_size=8192, intermediate_size=28672, num_key_value_heads=8, num_attention_heads=64)
    assert memory_need.estimate_memory("gpt2", GPT2Config()).parameters == 124_439_808
    assert memory_need.estimate_memory("llama-2-70b", big).parameters == pytest.approx(69.0e9, rel=0.01)


def test_memory_of_a_container_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("3000000")
    (tmp_path / "memory.current").write_text("1000000")
    monkeypatch.setattr(free_memory, "CGROUP", tmp_path)
    assert free_memory.free_bytes() == 2_000_000


@pytest.mark.parametrize("kind", [kind for kind in CONFIGS if kind not in KINDS])
def test_other_architectures_are_estimated_tuned_and_checked_as_well(tmp_path, kind):
    """Blocks in parallel, capped logits, attention sinks, position by slopes, words narrower than layers."""
    place = llm.locate_model(str(saved(tmp_path / kind.replace(" ", "-"), kind)))
    model = llm.load_model(place)
    assert llm.inspect_model(place).parameters == sum(one.numel() for one in model.network.parameters())
    assert len(llm.trace_sentences(model, ["anna eats a red apple ."], 2).points[0]) == 6
    tuner = tuner_of(model, "SoftPT", steps=10)
    list(tuner.steps())
    first = llm.check_first_layer(tuner.prompted, model.tokens("anna eats a red apple .")).layers[0]
    assert first.content < 1e-5 and first.output < 1e-5 and tuner.taken[-1].validation < tuner.taken[0].validation
