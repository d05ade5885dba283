"""From a model of the Llama family as a file of llama.cpp, which is quantised, to the files that are kept of a model.

    python -m tutor.llm.gguf_conversion FILE.gguf OUT      (with the package gguf on the path)

It runs in a process of its own: the package that reads the file is brought for this alone, and the memory is given back.
The numbers are those of the quantised file, so the hash is not that of the model as it was published.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ABOUT_FILES = ("model_type", "transformers_version", "architectures", "quantization_config", "_name_or_path", "dtype", "torch_dtype")
"""Fields of a configuration that say where it came from."""


def convert_gguf(file: Path, out: Path) -> None:
    """Write config.json, tokenizer.json and model.safetensors (bfloat16) of a file of llama.cpp."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig  # noqa: PLC0415 - the extra `llm`

    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    words = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    config = LlamaConfig(**{name: value for name, value in model.config.to_dict().items() if name not in ABOUT_FILES})
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    own = {name: one for name, one in model.state_dict().items() if not (tied and name.startswith("lm_head"))}
    tensors = {name: one.to(torch.bfloat16).contiguous() for name, one in own.items()}
    out.mkdir(parents=True)
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    words.backend_tokenizer.save(str(out / "tokenizer.json"))
    said = {name: value for name, value in config.to_dict().items() if name not in ABOUT_FILES}
    described = said | {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "tie_word_embeddings": tied}
    (out / "config.json").write_text(json.dumps(described, indent=2, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    convert_gguf(Path(sys.argv[1]), Path(sys.argv[2]))
