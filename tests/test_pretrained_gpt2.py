"""A pretrained GPT-2 as a body against the library: the same weights in, the same predictions out; its tunings are ordinary runs."""

import pytest
import torch
from kept_models import GPT2S, V, make_model, save_model
from safetensors.torch import load_file, save_file

from tutor import RunSpec, RunStore, methods, predictors, pretrain, sources
from tutor.cli import answer_command
from tutor.core.model_folder import keep_model
from tutor.core.spec_errors import SpecError
from tutor.predictors import NotHeld
from tutor.predictors.pretrained_gpt2 import GPT2Shape
from tutor.predictors.prompt_inputs import RealPrompt
from tutor.training.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")      # the library's own
T, K, CLOSE = 14, 3, 1e-4
TOKENS = torch.randint(2, V, (2, T), generator=torch.Generator().manual_seed(0))
INPUTS = torch.cat([torch.zeros(2, 1, dtype=torch.int64), TOKENS[:, :-1]], dim=1)         # token 0 opens every text
EXAMPLES = (("the cat", "sat red"), ("the dog", "ran blue"), ("one", "two three"), ("the red cat", "sat"), ("the blue dog", "ran"))


@pytest.fixture(params=GPT2S)
def pair(request, tmp_path, monkeypatch):
    """The library's model, and the same weights as a body."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "kept"))
    theirs = make_model(GPT2S[request.param])
    body = predictors.PretrainedGPT2(weights=keep_model(save_model(theirs, tmp_path / "theirs")))
    return theirs, body.build(V, 0).requires_grad_(False)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """The hash of a tiny GPT-2 with tied embeddings."""
    monkeypatch.setenv("TUTOR_MODELS", str(tmp_path / "models"))
    return keep_model(save_model(make_model(GPT2S["gpt2: tied"]), tmp_path / "theirs"))


def assert_same(ours: torch.Tensor, logits: torch.Tensor) -> None:
    assert (ours - logits.log_softmax(-1)).abs().max() < CLOSE


@torch.no_grad()
def test_plain_predictions_are_those_of_the_library(pair):
    theirs, network = pair
    assert_same(network(TOKENS), theirs(input_ids=INPUTS).logits)


@torch.no_grad()
def test_a_soft_prompt_stands_behind_the_opening_and_takes_positions(pair):
    theirs, network = pair
    tuned, rows = network.frozen_copy(), torch.randn(K, network.embedding, generator=torch.Generator().manual_seed(1))
    tuned.embedding_prompt = RealPrompt(rows)
    vectors = theirs.transformer.wte(INPUTS)
    mixed = torch.cat([vectors[:, :1], rows.expand(2, -1, -1), vectors[:, 1:]], dim=1)
    assert_same(tuned(TOKENS), theirs(inputs_embeds=mixed).logits[:, K:])


@torch.no_grad()
def test_a_prefix_of_words_is_what_the_library_keeps_of_them_while_the_data_stays_at_its_positions(pair):
    theirs, network = pair
    tuned = methods.PrefixPT(length=K, words=(5, 9, 7)).attach(network, 0)
    kept = theirs(input_ids=torch.tensor([[5, 9, 7]]).expand(2, -1), use_cache=True).past_key_values
    found = theirs(input_ids=INPUTS, past_key_values=kept, position_ids=torch.arange(T).expand(2, -1))
    assert_same(tuned(TOKENS), found.logits)


@torch.no_grad()
@pytest.mark.parametrize("on", ["attention", "mlp"])
def test_a_low_rank_update_is_the_sum_of_both_weights(pair, on):
    theirs, network = pair
    tuned = methods.LoRAWT(rank=2, on=on).attach(network, 0)
    for linear in tuned.body.adapted_linears(on):
        linear.parametrizations.weight[0].lora_B.normal_(std=0.1)
    for block, layer in zip(tuned.body.blocks, theirs.transformer.h, strict=True):
        attn, mlp = block.attn, block.mlp
        layer.attn.c_attn.weight.copy_(torch.cat([one.weight for one in (attn.q, attn.k, attn.v)]).T)
        layer.attn.c_proj.weight.copy_(attn.o.weight.T)
        layer.mlp.c_fc.weight.copy_(mlp[0].weight.T)
        layer.mlp.c_proj.weight.copy_(mlp[2].weight.T)
    assert_same(tuned(TOKENS), theirs(input_ids=INPUTS).logits)
    assert (tuned(TOKENS) - network(TOKENS)).abs().max() > 0.01


@torch.no_grad()
def test_what_enters_a_layer_is_the_librarys_hidden_state(pair):
    theirs, network = pair
    states = theirs(input_ids=INPUTS, output_hidden_states=True).hidden_states
    torch.testing.assert_close(network.entering(TOKENS, 1), states[1], atol=CLOSE, rtol=1e-4)


@pytest.mark.parametrize("method", [
    methods.SoftPT(length=2, init="tokens"), methods.DeepPT(length=2), methods.PrefixPT(length=2, mlp=8), methods.LoRAWT(rank=2),
    methods.FullWT(),
], ids=lambda method: method.label)
def test_its_tunings_are_ordinary_runs(weights, tmp_path, method):
    texts = sources.Texts(tokenizer=weights, examples=EXAMPLES)
    spec = RunSpec(source=texts, body=predictors.PretrainedGPT2(weights=weights), recipe=Recipe.untrained(), method=method, on=texts,
                   tuning=Recipe(steps=30, batch=4, length=5, learning_rate=0.02), evaluation={"sequences": 16, "length": 5})
    store = RunStore(tmp_path / "store")
    run = pretrain(spec, store)
    losses = [event["loss"] for event in run.events()]
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
    assert store.run(spec.base()).folder.weights() == {}
    assert RunSpec.from_text(spec.to_toml()).key() == spec.key()
    assert run.predictor(TOKENS[:, :5]).isfinite().all()


def test_files_of_the_hub_without_the_outer_name_and_with_masks_give_the_same_network(weights, tmp_path):
    folder = tmp_path / "theirs"
    tensors = {name.removeprefix("transformer."): one for name, one in load_file(folder / "model.safetensors").items()}
    masks = {f"h.{i}.attn.bias": torch.ones(1, 1, 64, 64).tril() for i in range(3)}
    save_file(tensors | masks, folder / "model.safetensors")
    older = keep_model(folder)
    assert older != weights
    one, other = (predictors.PretrainedGPT2(weights=name).build(V, 0)(TOKENS) for name in (weights, older))
    assert torch.equal(one, other)


def test_a_model_is_added_and_gets_a_specification_of_its_own_kind(weights, tmp_path, capsys):
    assert answer_command(["model", "add", str(tmp_path / "theirs")]) == 0
    assert capsys.readouterr().out.split()[-1] == weights
    (tmp_path / "examples.tsv").write_text("the cat\tsat red\n" * 4)
    assert answer_command(["model", "start", weights[:6], str(tmp_path / "examples.tsv")]) == 0
    assert RunSpec.from_text(capsys.readouterr().out).body == predictors.PretrainedGPT2(weights=weights)


@pytest.mark.parametrize(("changed", "said"), [
    ({"activation_function": "relu"}, "the activation is relu; the decoder has gelu_new, gelu_pytorch_tanh, gelu_fast, gelu"),
    ({"scale_attn_by_inverse_layer_idx": True}, "its attention is scaled in a way of its own"),
    ({"n_embd": None}, "the configuration is not complete"),
    ({"model_type": "llama"}, "the architecture is llama; this decoder holds gpt2"),
])
def test_what_the_decoder_lacks_is_named(changed, said):
    with pytest.raises(NotHeld, match=said):
        GPT2Shape.of(GPT2S["gpt2: tied"].to_dict() | changed)


def test_the_hash_of_a_gpt2_is_refused_as_a_llama(weights):
    with pytest.raises(SpecError, match="the architecture is gpt2; the decoder holds llama, mistral, qwen2, qwen3, gemma"):
        predictors.Llama(weights=weights)
