"""Writes behind a text what the page writes, with the prompt of this folder and without it: always the likeliest token.

    python write.py MODEL "The river was" --tokens 24

MODEL is the folder, or the name on the hub, of the model for which the prompt was tuned. Needs torch, transformers and safetensors.
"""

import argparse
import inspect
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

HERE = Path(__file__).resolve().parent


def memory(model, prompt, shapes):
    """The keys and values of a prefix: layer by layer, keys first, head by head; `shapes` holds heads and width of each."""
    cache = DynamicCache(config=model.config)
    parts = [part.reshape(len(prompt), heads, width).transpose(0, 1)[None]
             for part, (heads, width) in zip(prompt.split([heads * width for heads, width in shapes], dim=1), shapes, strict=True)]
    for layer, (keys, values) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        cache.update(keys, values, layer)
    return cache


def next_token(model, ids, prompt, made):
    """The likeliest token behind the tokens `ids` [1, T]; `prompt` is None for the model alone. All of it is read anew each time."""
    if prompt is None:
        given = {"input_ids": ids, "use_cache": False}
    elif made["method"] == "SoftPT":
        words = model.get_input_embeddings()(ids)
        given = {"inputs_embeds": torch.cat([prompt[None], words], dim=1), "use_cache": False}
    else:
        known = inspect.signature(model.forward).parameters
        given = {"input_ids": ids, "attention_mask": torch.ones(1, len(prompt) + ids.shape[1], dtype=torch.int64), "use_cache": True}
        given["cache" if "cache" in known else "past_key_values"] = memory(model, prompt, made["shapes"])
    return int(model(**given).logits[0, -1].argmax())


@torch.inference_mode()
def written(model, ids, tokens, prompt, made):
    """The tokens that the model writes behind `ids` [1, T], so many, or fewer where it can read no more."""
    longest = getattr(model.config, "max_position_embeddings", None) or 2**20
    said = ids
    for _ in range(min(tokens, longest - ids.shape[1] - (0 if prompt is None else len(prompt)))):
        said = torch.cat([said, torch.tensor([[next_token(model, said, prompt, made)]])], dim=1)
    return said[0, ids.shape[1]:].tolist()


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("model")
    asked.add_argument("text")
    asked.add_argument("--tokens", type=int, default=24)
    given = asked.parse_args()
    made = json.loads((HERE / "made.json").read_text(encoding="utf-8"))
    prompt = load_file(HERE / "adapter_model.safetensors")["prompt_embeddings"].float()
    tokenizer = AutoTokenizer.from_pretrained(given.model)
    model = AutoModelForCausalLM.from_pretrained(given.model, use_safetensors=True, dtype=torch.float32, attn_implementation="eager").eval()
    model.config.return_dict = True
    ids = torch.tensor([[*made["opening"], *tokenizer(given.text, add_special_tokens=False)["input_ids"]]])
    for name, one in (("without", None), ("behind", prompt)):
        print(f"{name}: {tokenizer.decode(written(model, ids, given.tokens, one, made))}")


if __name__ == "__main__":
    main()
