"""A tuned prompt to take away: an adapter that PEFT loads, how it was made, its numbers, and the lines that write with it."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import safetensors.torch

from tutor.llm.prompt_tuning import PromptTuner
from tutor.llm.prompted_model import AbstractPrompted, Prefix

TAKEN = Path(__file__).with_name("taken")
"""Files that go with every prompt: how to write with it, and what it is."""
TENSOR = "prompt_embeddings"


def pack_adapter(tuner: PromptTuner, made: dict) -> bytes:
    """A tuned prompt as a zip file.

    Parameters
    ----------
    made
        How it was made, for made.json.

    Returns
    -------
    bytes
        Numbers and made.json, adapter_config.json where PEFT has a form for the prompt, two tables, write.py and a README.
    """
    prompt = tuner.prompted
    last = tuner.taken[-1]
    told = {"model": tuner.model.name, "model_type": tuner.model.config.model_type, **tuner.how.model_dump(), **made}
    told |= {"stopped_at": last.step, "examples": len(tuner.examples.training), "held_out": len(tuner.examples.validation)}
    told |= {"loss_without_prompt": tuner.without, "opening": list(tuner.model.opening)}
    told |= {"shapes": prompt.shapes} if isinstance(prompt, Prefix) else {}
    weights = {TENSOR: prompt.weight.detach().contiguous().clone()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("adapter_model.safetensors", safetensors.torch.save(weights, metadata={"format": "pt"}))
        if form := peft_form(prompt):
            archive.writestr("adapter_config.json", json.dumps(form, indent=1, default=str))
        archive.writestr("made.json", json.dumps(told, indent=1))
        archive.writestr("losses.csv", losses_csv(tuner))
        archive.writestr("tape.csv", nearest_csv(tuner))
        for path in sorted(TAKEN.glob("*.*")):
            archive.writestr(path.name, path.read_text(encoding="utf-8"))
    return out.getvalue()


def peft_form(prompt: AbstractPrompted) -> dict[str, Any] | None:
    """PEFT's description of a prompt; None for a prefix whose layers differ in shape, for which it has none.

    All sizes are given: PEFT would ask the description of the model for heads, which a model without attention lacks.
    """
    from peft import PrefixTuningConfig, PromptTuningConfig  # noqa: PLC0415 - the extra `llm`

    model = prompt.model
    common = {"task_type": "CAUSAL_LM", "num_virtual_tokens": prompt.length, "inference_mode": True}
    if isinstance(prompt, Prefix):
        if len(set(prompt.shapes)) > 1:
            return None
        heads, width = prompt.shapes[0]
        config = PrefixTuningConfig(**common, token_dim=heads * width, num_attention_heads=heads, num_layers=len(prompt.shapes) // 2)
    else:
        config = PromptTuningConfig(**common, token_dim=model.width, num_attention_heads=max(1, model.heads),
                                    num_layers=max(1, model.layers))
    # The name alone: where the model stood on this machine is nobody else's business.
    plain = config.to_dict() | {"base_model_name_or_path": model.name}
    return {name: sorted(value) if isinstance(value, set) else value for name, value in plain.items()}


def losses_csv(tuner: PromptTuner) -> str:
    """A CSV table of step, loss of the batch, and loss of the held-out examples where it was taken; nats per token."""
    return _table(["step", "loss", "validation"], [[one.step, one.loss, one.validation] for one in tuner.taken])


def nearest_csv(tuner: PromptTuner) -> str:
    """A CSV table of the nearest token of every prompt vector at every moment that was looked at."""
    rows = [[one.step, k + 1, *_named(tuner, one.near, k)] for one in tuner.taken if one.near for k in range(tuner.how.length)]
    return _table(["step", "vector", "token_by_cosine", "cosine", "token_by_distance", "distance"], rows)


def _named(tuner: PromptTuner, near, k: int) -> list:
    words = tuner.model.words([int(found.ids[k, 0]) for found in near.values()])
    return [cell for word, (by, found) in zip(words, near.items(), strict=True) for cell in (word, getattr(found, by)[k, 0].item())]


def _table(head: list[str], rows: list[list]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue()
