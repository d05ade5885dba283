"""From a trained network to the numbers a run is kept for: regret and accuracy on every source that matters, and their quartiles."""

import os
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tutor import measure, sources
from tutor.conventions import AFTER
from tutor.predictors import Predictor
from tutor.run import kept_weights
from tutor.spec import RunSpec

SCORES = ("accuracy", "bleu", "slots", "loss")
"""What is one number per repetition: exact match and facts told (0 to 1), BLEU (0 to 100), held-out loss (nats per asked token)."""
SENTENCES = 128
"""Sentences written for BLEU; each costs as many passes as it has words."""
QUARTILES = {"median": 0.5, "q25": 0.25, "q75": 0.75}
MEASURES = ("instant", "cumulative", "excess", "sampled")


def measured(predictor: Predictor, spec: RunSpec, before_each: Callable[[str], None]) -> dict[str, Tensor]:
    """What one network is worth on every evaluation source, flat, over what was held out from training.

    Where the ideal predictor is known: "regret/<i>/<measure>" -> float64 [T], nats. Where the source asks something: "accuracy/<i>" ->
    float64 [], exact match; of words, and behind a prompt, on the target alone, because a prompt can be taken off again. On the target
    of a tuning and on every source of a pretraining, of words: "loss/<i>" -> float64 [], nats per asked token, and "bleu/<i>" and
    "slots/<i>" -> float64 [] where answers are sentences.
    """
    found: dict[str, Tensor] = {}
    overwritten = spec.is_tuning and spec.method.changes_weights
    for i, source in enumerate(spec.evaluated_on):
        before_each(source.label)
        mine, solved = source == (spec.on or source), isinstance(source, sources.AbstractSolved)
        how, length = spec.evaluation, spec.evaluation.length_on(source)
        if solved:
            drawn = {"length": length, "n": how.sequences, "seed": how.seed, "stratified": how.stratified}
            regret = measure.evaluate(predictor, on=source.held_out(), **drawn)
            curves = {name: np.ascontiguousarray(getattr(regret, name)) for name in MEASURES}
            found |= {f"regret/{i}/{name}": torch.from_numpy(curve) for name, curve in curves.items()}
        elif mine:
            loss = measure.held_out_loss(predictor, source, n=how.sequences, seed=how.seed, length=length)
            found[f"loss/{i}"] = torch.tensor(loss, dtype=torch.float64)
        if source.has_answers and (mine or solved or overwritten):           # sequences of words are long, and there are many kinds
            right = measure.accuracy(predictor, source, n=how.sequences, seed=how.seed, length=length)
            found[f"accuracy/{i}"] = torch.tensor(right, dtype=torch.float64)
        if source.writes and mine:                                           # a sentence costs a pass per word
            written = measure.write(predictor, source, n=min(how.sequences, SENTENCES), seed=how.seed)
            found |= {f"{name}/{i}": torch.tensor(getattr(written, name), dtype=torch.float64) for name in ("bleu", "slots")}
    return found


def finished(predictor: Predictor, spec: RunSpec, regrets: dict[str, Tensor]) -> dict[str, Tensor]:
    """One finished repetition as tensors: what is kept of it, what was measured, how much was trained, its hard prompt."""
    weights = kept_weights(spec.method.finished(predictor)) if spec.is_tuning else predictor.state_dict()
    trained = sum(p.numel() for p in predictor.parameters() if p.requires_grad)
    prompt = getattr(predictor.token_prompt, "tokens", ())
    vectors = {f"prompt/{level}": rows.detach() for level, rows in predictor.prompt_rows().items()} if spec.is_tuning else {}
    return ({f"weight.{name}": tensor for name, tensor in weights.items()} | regrets | vectors
            | {"trainable": torch.tensor(trained), "prompt": torch.tensor(prompt, dtype=torch.int64)})


def weights_of(parts: list[dict[str, Tensor]], spec: RunSpec) -> dict[str, Tensor]:
    """The weights file: a state dictionary, or "<repetition>/<name>" for a tuning."""
    def named(part: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
        mark = "weight."
        return {prefix + name.removeprefix(mark): tensor for name, tensor in part.items() if name.startswith(mark)}

    if not spec.is_tuning:
        return named(parts[0], "")
    return {name: tensor for r, part in enumerate(parts) for name, tensor in named(part, f"{r}/").items()}


def arrays_of(parts: list[dict[str, Tensor]], spec: RunSpec) -> dict[str, np.ndarray]:
    """The arrays file: [T] for a pretraining, [N, T] for a tuning."""
    kept = ("regret/", "found/", "prompt/", "training/", *(f"{score}/" for score in SCORES))
    names = [name for name in parts[0] if name.startswith(kept)]
    if not spec.is_tuning:
        return {name: parts[0][name].numpy() for name in names}
    return {name: np.stack([part[name].numpy() for part in parts]) for name in names}


def summary_of(parts: list[dict[str, Tensor]], spec: RunSpec, seconds: float) -> dict[str, Any]:
    """The summary file: quartiles of cumulative regret and excess (nats) after 50, 100 and 200 tokens, and of accuracy."""
    arrays, evaluated = arrays_of(parts, spec), spec.evaluated_on
    shortest = min(spec.evaluation.length_on(source) for source in evaluated)
    after = [n for n in AFTER if n <= shortest] or [shortest]
    summary = {
        "kind": "tuning" if spec.is_tuning else "pretraining", "label": spec.label,
        "evaluated_on": [source.model_dump(mode="json") for source in evaluated], "n": after,
        "regret": _each("regret", "/cumulative", arrays, lambda curve: quartiles(curve, after)),
        "excess": _each("regret", "/excess", arrays, lambda curve: quartiles(curve, after)),
        "trainable": int(parts[0]["trainable"]), "seconds": round(seconds, 3), "machine": machine(),
    }
    kept = sum(tensor.numel() for name, tensor in parts[0].items() if name.startswith("weight."))
    scores = {name: _each(name, "", arrays, lambda values: quartiles(np.reshape(values, (-1, 1)), [1])) for name in SCORES}
    prompts = [part["prompt"].tolist() for part in parts]
    summary |= {"kept": kept} if kept != summary["trainable"] and spec.is_tuning else {}
    return summary | {name: found for name, found in scores.items() if found} | ({"prompt": prompts} if any(prompts) else {})


def _each(measure: str, part: str, arrays: dict[str, np.ndarray], say: Callable[[np.ndarray], Any]) -> dict[str, Any]:
    """What `say` makes of "<measure>/<i><part>", by i, for every source on which there is such an array."""
    names = [name for name in arrays if name.startswith(f"{measure}/") and name.endswith(part)]
    return {name.split("/")[1]: say(arrays[name]) for name in names}


def quartiles(curve: np.ndarray, after: list[int]) -> dict[str, list[float]]:
    """Median and quartiles over repetitions of a curve [T] or [N, T] after the given numbers of tokens."""
    points = np.atleast_2d(curve)[:, [n - 1 for n in after]]
    return {name: np.quantile(points, q, axis=0).tolist() for name, q in QUARTILES.items()}


def machine() -> dict[str, Any]:
    """What the numbers were computed on: they are the same bit for bit only on the same."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count(),
            "torch": torch.__version__, "threads": torch.get_num_threads()}
