"""Models of many architectures: whatever a page asks of one works or is one sentence of ours; which of both is written down here."""

import pytest
import torch
from own_models import SIZES, TEXT, tokenizer
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

from tutor import llm
from tutor.llm.model_maps import token_cloud

BASE = SIZES | {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
                "max_position_embeddings": 128, "initializer_range": 0.2, "pad_token_id": 0}
EXPERTS = {"head_dim": 8, "num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
MAMBA = {"mamba_d_state": 8, "mamba_n_heads": 8, "mamba_d_head": 8, "mamba_n_groups": 1}
LATENT = {"num_key_value_heads": 4, "q_lora_rank": 8, "kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 8,
          "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "n_group": 1, "topk_group": 1}
STATES = SIZES | {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}
WORKS, NO_PREFIX, NEITHER = ("states", "soft", "prefix", "check"), ("states", "soft", "check"), ("states", "soft")
KINDS = {
    "mistral": (BASE, WORKS), "gemma3_text": (BASE | EXPERTS, WORKS), "mixtral": (BASE | EXPERTS, WORKS),
    "qwen3_moe": (BASE | EXPERTS, WORKS),
    "deepseek_v3": (BASE | LATENT, WORKS), "falcon": (BASE, WORKS), "phi": (BASE, WORKS), "bert": (BASE | {"is_decoder": True}, WORKS),
    "gptj": (SIZES | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128, "rotary_dim": 4}, WORKS),
    "mpt": (SIZES | {"d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": 128}, WORKS),
    "lfm2": (BASE | {"layer_types": ["conv", "full_attention"]}, NEITHER),
    "lfm2_moe": (BASE | EXPERTS | {"num_dense_layers": 1, "layer_types": ["full_attention", "conv"]}, NO_PREFIX),
    "jamba": (BASE | {"num_experts": 2, "mamba_d_state": 8, "mamba_dt_rank": 4, "attn_layer_period": 2, "attn_layer_offset": 1}, NEITHER),
    "bamba": (BASE | MAMBA | {"attn_layer_indices": [1]}, NEITHER),
    "falcon_h1": (BASE | MAMBA | {"mamba_d_ssm": 64, "head_dim": 8}, NEITHER),
    "granitemoehybrid": (BASE | MAMBA | {"layer_types": ["mamba", "attention"], "num_local_experts": 2, "num_experts_per_tok": 1,
                                         "shared_intermediate_size": 16}, NEITHER),
    "nemotron_h": (BASE | {"num_hidden_layers": 4, "hybrid_override_pattern": "M-*-", "ssm_state_size": 8, "mamba_num_heads": 8,
                           "mamba_head_dim": 8, "n_groups": 1, "head_dim": 8}, NEITHER),
    "recurrent_gemma": (BASE | {"num_hidden_layers": 3, "lru_width": 32, "head_dim": 8, "attention_window_size": 64}, NEITHER),
    "qwen3_next": (BASE | EXPERTS | {"layer_types": ["linear_attention", "full_attention"], "linear_num_key_heads": 2,
                                     "linear_num_value_heads": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
                                     "shared_expert_intermediate_size": 16}, NEITHER),
    "minimax": (BASE | EXPERTS | {"layer_types": ["full_attention", "linear_attention"]}, NEITHER),
    "mamba": (STATES, NEITHER), "falcon_mamba": (STATES, NEITHER),
    "mamba2": (STATES | {"num_heads": 8, "head_dim": 8, "n_groups": 1}, NEITHER),
    "rwkv": (STATES | {"attention_hidden_size": 32, "context_length": 128}, NEITHER),
    "xlstm": (SIZES | {"hidden_size": 64, "num_hidden_layers": 2, "num_blocks": 2, "num_heads": 4}, NEITHER),
    "openai-gpt": (SIZES | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}, NEITHER),
    "bart": (SIZES | {"d_model": 32, "decoder_layers": 2, "decoder_attention_heads": 4, "decoder_ffn_dim": 48, "encoder_layers": 1,
                      "encoder_attention_heads": 4, "encoder_ffn_dim": 48, "max_position_embeddings": 128}, NEITHER),
    "xlm": (SIZES | {"emb_dim": 32, "n_layers": 2, "n_heads": 4, "causal": True, "n_langs": 1, "use_lang_emb": False}, NEITHER),
    "roberta": (BASE, None), "xlnet": (SIZES | {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48}, None),
}
"""Kind -> its sizes and what works; None where the model cannot be worked with at all."""
NAMES = {"lfm2": "layer 1 of lfm2 is of the kind conv", "lfm2_moe": "layer 2 of lfm2_moe is of the kind conv",
         "jamba": "layer 1 of jamba is of the kind mamba", "mamba": "layer 1 of mamba is of the kind linear attention",
         "falcon_h1": "layer 1 of falcon_h1 is of the kind hybrid", "minimax": "layer 2 of minimax is of the kind linear attention",
         "rwkv": "rwkv does not give the keys and values of its layers"}
"""What stands in the way of a prefix."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """kind -> a folder with a tiny model of it, or a skipped test where this version of transformers has none."""
    def build(kind):
        if kind not in CONFIG_MAPPING:
            pytest.skip(f"this version of transformers knows no {kind}")
        folder = tmp_path_factory.mktemp("kinds") / kind
        with torch.random.fork_rng():
            torch.manual_seed(0)
            AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**KINDS[kind][0])).save_pretrained(folder)
        tokenizer().save_pretrained(folder)
        return folder
    return build


def tried(part, what, done):
    """The answer, kept under its name; of a refusal nothing, after a look at its sentence."""
    try:
        done[what] = part()
    except llm.ModelError as error:
        said = str(error)
        assert said and "\n" not in said and "Traceback" not in said and "peft_config" not in said
        done.setdefault("refused", {})[what] = said


def tune(model, method):
    how = llm.PromptRecipe.of(method=method, length=3, steps=2, batch=2, window=8, learning_rate=0.05)
    tuner = llm.PromptTuner(model, llm.cut_windows(model, TEXT, 8), how, model.vocabulary[1:4].clone())
    list(tuner.steps())
    return tuner


def walked(model):
    """What came of everything that the page asks, in its order."""
    done = {}
    assert len(token_cloud(model).points) == len(model.vocabulary)
    tried(lambda: llm.trace_sentences(model, ["anna eats a red apple .", "ben sees"], 1), "states", done)
    for what, method in (("soft", "SoftPT"), ("prefix", "PrefixPT")):
        tried(lambda method=method: tune(model, method), what, done)
        if what in done:
            assert (
                len(llm.pack_adapter(done[what], {})) > 1000
                and llm.write_continuation(model, done[what].prompted, "anna eats", 3).behind is not None
            )
            tried(lambda what=what: llm.check_first_layer(done[what].prompted, model.tokens("anna eats a red")), "check", done)
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_does_what_it_can_and_says_what_it_cannot(kind, made):
    place, works = llm.locate_model(str(made(kind))), KINDS[kind][1]
    assert llm.inspect_model(place).fits
    if works is None:
        with pytest.raises(llm.ModelError, match=f"{kind} is no causal language model: what it says of a token depends on those behind it"):
            llm.load_model(place)
        return
    model = llm.load_model(place)
    done = walked(model)
    assert {what for what in done if what != "refused"} == set(works), done.get("refused")
    if "check" in done:
        first = done["check"].layers[0]
        assert first.content < 1e-5 and first.exact
    if "prefix" not in works:
        assert NAMES.get(kind, f"of {kind} is of the kind" if model.anatomy.kinds else "keys and values") in done["refused"]["prefix"]
        assert llm.list_limits(model)


@pytest.mark.parametrize("kind", ["gemma3_text", "mistral", "jamba", "mamba"])
def test_a_soft_prompt_that_starts_at_words_reads_as_these_words(kind, made):
    """Gemma multiplies its embeddings by a number first: a prompt must start at what the layers get."""
    from tutor.llm.prompted_model import SoftPrompt  # noqa: PLC0415

    model = llm.load_model(llm.locate_model(str(made(kind))))
    ids = model.tokens("anna eats a red apple .")
    soft = SoftPrompt(model, model.vocabulary[ids[0, :3]])
    torch.testing.assert_close(soft.logits(ids[:, 3:]), model.logits(ids)[:, 3:], rtol=1e-4, atol=1e-4)
