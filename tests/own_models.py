"""Tiny models with random weights and a word-level tokenizer, saved as people save theirs, and prompts that are tuned for a moment."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    CONFIG_MAPPING,
    AutoModelForCausalLM,
    BloomConfig,
    Gemma2Config,
    GPT2Config,
    GPTNeoXConfig,
    GptOssConfig,
    LlamaConfig,
    OPTConfig,
    PreTrainedTokenizerFast,
)

from tutor import llm

PEOPLE, VERBS, THINGS = ("anna", "ben", "carl", "dora"), ("eats", "sees", "takes"), ("a red apple", "the old boat", "some cold milk")
TEXT = "".join(f"{who} {does} {what} . " for who in PEOPLE for does in VERBS for what in THINGS) * 4
SIZES = {"vocab_size": 40, "bos_token_id": 0, "eos_token_id": 0}
LLAMA = SIZES | {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
                 "max_position_embeddings": 128, "initializer_range": 0.2, "pad_token_id": None}
CONFIGS = {
    "gpt2": GPT2Config(**SIZES, n_embd=32, n_layer=3, n_head=4, n_positions=128, initializer_range=0.2),
    "llama": LlamaConfig(**LLAMA, tie_word_embeddings=False),
    "tied llama": LlamaConfig(**LLAMA, tie_word_embeddings=True),
}
QUICK = {"length": 4, "steps": 30, "batch": 4, "window": 16, "learning_rate": 0.05}
KINDS = tuple(CONFIGS)
"""What every test is tried on; the rest are looked at once."""
CONFIGS |= {
    "parallel": GPTNeoXConfig(**{name: value for name, value in LLAMA.items() if name != "num_key_value_heads"}),
    "soft caps": Gemma2Config(**LLAMA, head_dim=8),
    "sinks": GptOssConfig(**LLAMA, head_dim=8, num_local_experts=4),
    "slopes": BloomConfig(**SIZES, hidden_size=32, n_layer=3, n_head=4, initializer_range=0.2),
    "narrow words": OPTConfig(**SIZES, hidden_size=32, ffn_dim=48, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=128,
                              word_embed_proj_dim=16, do_layer_norm_before=False, pad_token_id=1, init_std=0.2),
}


def tokenizer() -> PreTrainedTokenizerFast:
    """One token for each word of TEXT."""
    made = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.train_from_iterator([TEXT], trainers.WordLevelTrainer(special_tokens=["[UNK]"]))
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]")


def saved(folder: Path, kind: str, seed: int = 0, **options) -> Path:
    """A folder with a model of this kind and the tokenizer."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(CONFIGS[kind])
    model.save_pretrained(folder, **options)
    tokenizer().save_pretrained(folder)
    return folder


def other_kind(folder: Path, kind: str) -> Path:
    """A folder with a model some of whose layers are no attention."""
    sizes = {"mamba": SIZES | {"hidden_size": 32, "num_hidden_layers": 2},
             "lfm2": LLAMA | {"layer_types": ["conv", "full_attention", "conv"]}}
    AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**sizes[kind])).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(params=KINDS)
def each_model(request, models):
    return models[request.param]


def start_of(model, length=4):
    return model.vocabulary[torch.arange(1, 1 + length)]


def tuner_of(model, method, **changes):
    how = llm.PromptRecipe.of(method=method, **QUICK | changes)
    return llm.PromptTuner(model, llm.cut_windows(model, TEXT, how.window), how, start_of(model, how.length))


def refused(text):
    """The sentence with which a folder or a name is refused."""
    with pytest.raises(llm.ModelError) as caught:
        llm.load_model(llm.locate_model(text))
    assert "\n" not in str(caught.value)
    return str(caught.value)
