"""A tuned prompt to take away: an adapter that PEFT loads, how it was made, and its numbers."""

import csv
import io
import json
import zipfile

import safetensors.torch

from tutor.llm.tuning import Tuner


def packed(tuner: Tuner, made: dict) -> bytes:
    """A zip: adapter_model.safetensors and adapter_config.json, as `PeftModel.from_pretrained` reads them, made.json and two tables."""
    prompt = tuner.prompted
    # The name alone: where the model stood on this machine is nobody else's business.
    config = prompt.peft.peft_config["default"].to_dict() | {"inference_mode": True, "base_model_name_or_path": tuner.model.name}
    plain = {name: sorted(value) if isinstance(value, set) else value for name, value in config.items()}
    last = tuner.taken[-1]
    told = {"model": tuner.model.name, "model_type": tuner.model.config.model_type, **tuner.how.model_dump(), **made}
    told |= {"stopped_at": last.step, "examples": len(tuner.examples.training), "held_out": len(tuner.examples.validation)}
    told |= {"loss_without_prompt": tuner.without}
    weights = {"prompt_embeddings": prompt.weight.detach().contiguous().clone()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("adapter_model.safetensors", safetensors.torch.save(weights, metadata={"format": "pt"}))
        archive.writestr("adapter_config.json", json.dumps(plain, indent=1, default=str))
        archive.writestr("made.json", json.dumps(told, indent=1))
        archive.writestr("losses.csv", losses(tuner))
        archive.writestr("tape.csv", nearest(tuner))
    return out.getvalue()


def losses(tuner: Tuner) -> str:
    """Step, loss of the batch, loss of the held-out examples where it was taken; nats per token."""
    return _table(["step", "loss", "validation"], [[one.step, one.loss, one.validation] for one in tuner.taken])


def nearest(tuner: Tuner) -> str:
    """The nearest token of every prompt vector at every moment that was looked at."""
    rows = [[one.step, k + 1, *_named(tuner, one.near, k)] for one in tuner.taken if one.near for k in range(tuner.how.length)]
    return _table(["step", "vector", "token_by_cosine", "cosine", "token_by_distance", "distance"], rows)


def _named(tuner: Tuner, near, k: int) -> list:
    words = tuner.model.words([int(found.ids[k, 0]) for found in near.values()])
    return [cell for word, (by, found) in zip(words, near.items(), strict=True) for cell in (word, getattr(found, by)[k, 0].item())]


def _table(head: list[str], rows: list[list]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue()
