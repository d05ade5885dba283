"""The GPT-2 body and three tuners against Hugging Face's GPT-2 and PEFT: the same weights in, the same predictions out."""

import pytest
import torch
import transformers

from tutor import methods, predictors
from tutor.methods.prefix import PrefixPT
from tutor.predictors import Predictor
from tutor.predictors.prefix_memory import KeyValueMemory
from tutor.predictors.prompt_inputs import RealPrompt

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")      # their own
V, D, L, H, T, K = 10, 16, 2, 4, 12, 3
BOS = V
TOKENS = torch.randint(V, (3, T), generator=torch.Generator().manual_seed(0))
INPUTS = torch.cat([torch.full((3, 1), BOS), TOKENS[:, :-1]], dim=1)


@pytest.fixture(scope="module")
def peft():
    """PEFT, whose import takes seconds: workers that do not run this file are spared it."""
    import peft  # noqa: PLC0415

    return peft


@pytest.fixture
def theirs():
    """A tiny randomly initialised GPT-2 of Hugging Face, whose last token is BOS."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=V + 1, n_positions=64, n_embd=D, n_layer=L, n_head=H, attn_pdrop=0, embd_pdrop=0,
                                     resid_pdrop=0, initializer_range=0.3, bos_token_id=BOS, eos_token_id=BOS)
    model = transformers.GPT2LMHeadModel(config).eval()
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(p, std=0.3)
    return model


def ours(theirs, shift: int = 0) -> Predictor:
    """Our network with their weights; `shift` leaves out the positions that PEFT gives to a prefix and we do not."""
    network = predictors.GPT2(width=D, layers=L, heads=H, context=64).build(V, 0).requires_grad_(False)
    table, body = theirs.transformer, network.body
    words = table.wte.weight
    network.embed.weight.copy_((words[:V] - words[BOS]).T)           # BOS is the zero of token space, so it is the bias
    network.embed.bias.copy_(words[BOS])
    network.unembed.weight.copy_(theirs.lm_head.weight[:V])
    body.positions.rows[:64 - shift] = table.wpe.weight[shift:]
    body.norm.load_state_dict(table.ln_f.state_dict())
    for block, layer in zip(body.blocks, table.h, strict=True):
        block.attn_norm.load_state_dict(layer.ln_1.state_dict())
        block.mlp_norm.load_state_dict(layer.ln_2.state_dict())
        copied(layer.attn.c_attn, block.attn.q, block.attn.k, block.attn.v)
        copied(layer.attn.c_proj, block.attn.o)
        copied(layer.mlp.c_fc, block.mlp[0])
        copied(layer.mlp.c_proj, block.mlp[-1])
    return network


def copied(conv, *linears) -> None:
    """Their Conv1D holds weights the other way round, and queries, keys and values side by side."""
    for linear, weight, bias in zip(linears, conv.weight.T.chunk(len(linears)), conv.bias.chunk(len(linears)), strict=True):
        linear.weight.copy_(weight)
        linear.bias.copy_(bias)


def said(model, **inputs) -> torch.Tensor:
    """Their predictions of our tokens, BOS left out."""
    return model(**inputs).logits[..., :V].log_softmax(-1)


def same(a: torch.Tensor, b: torch.Tensor) -> None:
    torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_body_is_gpt2(theirs):
    same(ours(theirs)(TOKENS), said(theirs, input_ids=INPUTS))


@torch.no_grad()
def test_a_prefix_is_pefts_prefix(peft, theirs):
    network = ours(theirs, shift=K)
    tuned = peft.get_peft_model(theirs, peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=K)).eval()
    rows = tuned.prompt_encoder["default"].embedding.weight.view(K, 2 * L, H, D // H)
    network.body.attach_memory([rows[:, 2 * i:2 * i + 2].permute(1, 2, 0, 3) for i in range(L)])
    same(network(TOKENS), said(tuned, input_ids=INPUTS))


@torch.no_grad()
def test_a_prefix_through_an_mlp_is_pefts_projection_and_folds_to_the_same(peft, theirs):
    config = peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=K, prefix_projection=True, encoder_hidden_size=24)
    network = PrefixPT(length=K, mlp=24).attach(ours(theirs, shift=K), 0).requires_grad_(False)
    tuned = peft.get_peft_model(theirs, config).eval()
    encoder = tuned.prompt_encoder["default"]
    hidden, out = encoder.transform[0], encoder.transform[2]
    for i, block in enumerate(network.body.blocks):
        memory = block.attn.memory
        memory.encoder.rows.copy_(encoder.embedding.weight)
        memory.encoder.hidden.load_state_dict(hidden.state_dict())
        memory.out.weight.copy_(out.weight[2 * D * i:2 * D * (i + 1)])
        memory.out.bias.copy_(out.bias[2 * D * i:2 * D * (i + 1)])
    same(network(TOKENS), said(tuned, input_ids=INPUTS))
    folded = PrefixPT(length=K, mlp=24).finished(network)
    assert all(isinstance(block.attn.memory, KeyValueMemory) for block in folded.body.blocks)
    torch.testing.assert_close(folded(TOKENS), network(TOKENS), atol=1e-6, rtol=0)


@torch.no_grad()
def test_a_soft_prompt_is_pefts_prompt(peft, theirs):
    network = ours(theirs)
    tuned = peft.get_peft_model(theirs, peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=K + 1)).eval()
    rows = tuned.prompt_encoder["default"].embedding.weight
    rows[0] = theirs.transformer.wte.weight[BOS]                     # their prompt stands before BOS, ours after it
    network.embedding_prompt = RealPrompt(rows[1:])
    same(network(TOKENS), said(tuned, input_ids=TOKENS[:, :-1])[:, K:])


@torch.no_grad()
@pytest.mark.parametrize("on", ["attention", "mlp"])
def test_a_low_rank_update_is_pefts_lora(peft, theirs, on):
    modules = {"attention": ["c_attn", "attn.c_proj"], "mlp": ["c_fc", "mlp.c_proj"]}[on]
    network = methods.LoRAWT(rank=K, on=on).attach(ours(theirs), 0).requires_grad_(False)
    config = peft.LoraConfig(task_type="CAUSAL_LM", r=K, lora_alpha=K, target_modules=modules, fan_in_fan_out=True)
    peft.get_peft_model(theirs, config)
    for block, layer in zip(network.body.blocks, theirs.transformer.h, strict=True):
        pairs = {"attention": [(layer.attn.c_attn, (block.attn.q, block.attn.k, block.attn.v)), (layer.attn.c_proj, (block.attn.o,))],
                 "mlp": [(layer.mlp.c_fc, (block.mlp[0],)), (layer.mlp.c_proj, (block.mlp[-1],))]}[on]
        for conv, linears in pairs:
            a, b = conv.lora_A["default"].weight, conv.lora_B["default"].weight
            torch.nn.init.normal_(b, std=0.3)
            for linear, part in zip(linears, b.chunk(len(linears)), strict=True):
                update = linear.parametrizations.weight[0]
                update.lora_A.copy_(a)
                update.lora_B.copy_(part)
    same(network(TOKENS), said(theirs.eval(), input_ids=INPUTS))


def test_a_sequence_that_is_too_long_is_refused_in_one_sentence():
    network = predictors.GPT2(width=8, context=8).build(V, 0)
    with pytest.raises(ValueError, match="the sequence has 12 positions with its prompt; this network knows 8"):
        network(TOKENS)


def test_initial_weights_are_small_and_the_residual_stream_is_written_to_softly():
    network = predictors.GPT2(width=64, layers=2).build(V, 0)
    block = network.body.blocks[0]
    assert block.attn.q.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert block.attn.o.weight.std().item() == pytest.approx(0.02 / 2, rel=0.1)
    assert not block.mlp[0].bias.any()
