"""Tiny random models of each family as the library saves them, kept on this machine under the hash of their contents."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, GemmaConfig, GPT2Config, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

WORDS = ["<s>", "?", "the", "cat", "dog", "sat", "ran", "red", "blue", "one", "two", "three"]
V = 40
SIZES = {"vocab_size": V, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
         "max_position_embeddings": 64, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": None, "initializer_range": 0.3}
LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
FAMILIES = {
    "llama": LlamaConfig(**SIZES, num_key_value_heads=4),
    "llama, biases": LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True),
    "smollm2: grouped keys, tied": LlamaConfig(**SIZES, num_key_value_heads=2, tie_word_embeddings=True, rope_theta=100_000.0),
    "llama 3: stretched by bands": LlamaConfig(**SIZES, num_key_value_heads=1, rope_scaling=LLAMA3 | {"rope_theta": 500.0}),
    "llama: stretched evenly": LlamaConfig(**SIZES, rope_scaling={"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}),
    "mistral: sliding window": MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=5),
    "qwen2: biases": Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True),
    "qwen2: windows above": Qwen2Config(**SIZES, num_key_value_heads=2, use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "qwen3: norms of heads": Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=16),
    "gemma": GemmaConfig(**SIZES, num_key_value_heads=1, head_dim=16),
}
GPT2S = {
    "gpt2: tied": GPT2Config(vocab_size=V, n_positions=64, n_embd=32, n_layer=3, n_head=4, bos_token_id=0, eos_token_id=1,
                             initializer_range=0.3),
    "gpt2: exact gelu, narrow mlp, untied": GPT2Config(
        vocab_size=V, n_positions=64, n_embd=32, n_layer=2, n_head=2, n_inner=48, bos_token_id=0, eos_token_id=1, initializer_range=0.3,
        activation_function="gelu", tie_word_embeddings=False),
}


def make_model(config) -> torch.nn.Module:
    """A model of this configuration with random weights, norms and biases among them."""
    torch.manual_seed(0)
    network = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    for name, p in network.named_parameters():
        if "norm" in name or ".ln_" in name or name.endswith("bias"):
            p.data += 0.3 * torch.randn_like(p)
    return network


def save_model(network: torch.nn.Module, folder: Path) -> Path:
    """The model in a folder, with a tokenizer of a few words."""
    network.save_pretrained(folder)
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(folder / "tokenizer.json"))
    return folder
