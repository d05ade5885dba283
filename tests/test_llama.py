"""The Llama family in our decoder against the library and PEFT: the same weights in, the same predictions out."""

import os
from pathlib import Path

import pytest
import torch
from kept_models import FAMILIES, V, make_model, save_model

from tutor import methods, predictors
from tutor.core.model_folder import keep_model
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.predictors.rotary import turn_angles

T, K, CLOSE = 14, 3, 1e-4
TOKENS = torch.randint(2, V, (2, T), generator=torch.Generator().manual_seed(0))
INPUTS = torch.cat([torch.zeros(2, 1, dtype=torch.int64), TOKENS[:, :-1]], dim=1)         # token 0 opens every text


@pytest.fixture(scope="module", params=FAMILIES)
def pair(request, tmp_path_factory):
    """The library's model, and the same weights as a body."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUTOR_MODELS", str(folder / "kept"))
        theirs = make_model(FAMILIES[request.param])
        body = predictors.Llama(weights=keep_model(save_model(theirs, folder / "theirs")))
        yield theirs, body.build(V, 0).requires_grad_(False)


def assert_same(ours: torch.Tensor, logits: torch.Tensor) -> None:
    assert (ours - logits.log_softmax(-1)).abs().max() < CLOSE


@torch.no_grad()
def test_plain_predictions_are_those_of_the_library(pair):
    theirs, network = pair
    assert_same(network(TOKENS), theirs(input_ids=INPUTS).logits)


@torch.no_grad()
def test_a_soft_prompt_stands_behind_the_opening(pair):
    theirs, network = pair
    tuned, rows = network.frozen_copy(), torch.randn(K, network.embedding, generator=torch.Generator().manual_seed(1))
    tuned.embedding_prompt = RealPrompt(rows)
    vectors = theirs.get_input_embeddings()(INPUTS)
    scale = getattr(network.embed, "scale", 1.0)
    seen = theirs.get_input_embeddings()(INPUTS[:, :1])
    # The library's Gemma multiplies by the root of the width inside the embedding or behind it, according to its version.
    inside = torch.allclose(seen[0, 0], scale * theirs.get_input_embeddings().weight[0], atol=1e-5)
    rows = rows if inside else rows / scale
    mixed = torch.cat([vectors[:, :1], rows.expand(2, -1, -1), vectors[:, 1:]], dim=1)
    found = theirs(inputs_embeds=mixed).logits
    assert_same(tuned(TOKENS), found[:, K:])


@torch.no_grad()
def test_a_prefix_of_words_is_as_if_the_words_stood_there(pair):
    theirs, network = pair
    tuned = methods.PrefixPT(length=K, words=(5, 9, 7)).attach(network, 0)
    words = torch.tensor([[5, 9, 7]]).expand(2, -1)
    assert_same(tuned(TOKENS), theirs(input_ids=torch.cat([words, INPUTS], dim=1)).logits[:, K:])


@torch.no_grad()
def test_a_low_rank_update_is_the_sum_of_both_weights(pair):
    theirs, network = pair
    tuned = methods.LoRAWT(rank=2).attach(network, 0)
    for block, layer in zip(tuned.body.blocks, theirs.model.layers, strict=True):
        for part in "qkvo":
            own = getattr(block.attn, part)
            own.parametrizations.weight[0].lora_B.normal_(std=0.1)
            assert not torch.equal(own.weight, getattr(layer.self_attn, f"{part}_proj").weight)
    changed = {f"{part}_proj": part for part in "qkvo"}
    before = {name: p.clone() for name, p in theirs.named_parameters()}
    for block, layer in zip(tuned.body.blocks, theirs.model.layers, strict=True):
        for name, part in changed.items():
            getattr(layer.self_attn, name).weight.copy_(getattr(block.attn, part).weight)
    found = theirs(input_ids=INPUTS).logits
    for name, p in theirs.named_parameters():
        p.copy_(before[name])
    assert_same(tuned(TOKENS), found)
    assert (tuned(TOKENS) - network(TOKENS)).abs().max() > 0.01


def test_angles_that_were_first_asked_for_without_gradients_serve_a_training(pair):
    network = pair[1]
    turn_angles.cache_clear()
    with torch.inference_mode():
        network(TOKENS)
    tuned = methods.SoftPT(length=K, init="normal").attach(network, 0)
    tuned(TOKENS[:, :-K])[..., 0].sum().backward()                  # as many positions as before
    assert tuned.embedding_prompt.rows.grad.abs().sum() > 0


@torch.no_grad()
def test_what_enters_a_layer_is_the_librarys_hidden_state(pair):
    theirs, network = pair
    states = theirs(input_ids=INPUTS, output_hidden_states=True).hidden_states
    for layer in (1, 2):
        torch.testing.assert_close(network.entering(TOKENS, layer), states[layer], atol=CLOSE, rtol=1e-4)


@pytest.mark.skipif("TUTOR_SMOLLM2" not in os.environ, reason="$TUTOR_SMOLLM2 names no folder with SmolLM2-135M")
@torch.no_grad()
def test_smollm2_gives_the_logits_of_the_library(tmp_path, monkeypatch):
    from transformers import AutoModelForCausalLM  # noqa: PLC0415 - seconds, for this test alone

    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path))
    folder = Path(os.environ["TUTOR_SMOLLM2"])
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    body = predictors.Llama(weights=keep_model(folder), opening=0)
    tokens = torch.randint(2, theirs.config.vocab_size, (2, 24), generator=torch.Generator().manual_seed(0))
    inputs = torch.cat([torch.zeros(2, 1, dtype=torch.int64), tokens[:, :-1]], dim=1)
    gap = (body.build(theirs.config.vocab_size, 0)(tokens) - theirs(input_ids=inputs).logits.log_softmax(-1)).abs().max()
    print(f"largest difference of a log-probability: {gap:.1e} nats")
    assert gap < CLOSE
