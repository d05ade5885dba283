"""From a trained network to the numbers a run is kept for: regret and accuracy on every source that matters, and their quartiles."""

import os
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tutor.core.types import REPORTED_AFTER
from tutor.measure import MEASURES, SCORES, AskedSource
from tutor.predictors import Predictor
from tutor.runs.evaluations import EvaluationRecord
from tutor.runs.run import own_weights, select_added_weights
from tutor.runs.spec import RunSpec

QUARTILES = {"median": 0.5, "q25": 0.25, "q75": 0.75}


def measure_network(predictor: Predictor, spec: RunSpec, before_each: Callable[[str], None]) -> dict[str, Tensor]:
    """Measure one network on every source of the evaluation with every registered measure that applies there.

    Parameters
    ----------
    predictor
        A trained network.
    spec
        The run, which names the sources and how many sequences of which length are drawn.
    before_each
        Called with the label of each source before the network is measured on it.

    Returns
    -------
    dict
        float64 tensors: curves [T] under "<measure>/<i>/<curve>", such as "regret/0/cumulative" (nats), and scalar scores under
        "<score>/<i>", such as "accuracy/0"; <i> numbers the sources in `spec.evaluated_on`.
    """
    found: dict[str, Tensor] = {}
    how, overwritten = spec.evaluation, spec.is_tuning and spec.method.changes_weights
    for i, source in enumerate(spec.evaluated_on):
        before_each(source.label)
        asked = AskedSource(
            source, source == (spec.on or source), overwritten, how.length_on(source), how.sequences, how.seed, how.stratified
        )
        for measure in MEASURES.values():
            for name, value in (measure.take(predictor, asked) if measure.applies(asked) else {}).items():
                place = f"{measure.name}/{i}/{name}" if name in measure.curves else f"{name}/{i}"
                found[place] = torch.as_tensor(value, dtype=torch.float64)
    return found


def finish_repetition(predictor: Predictor, spec: RunSpec, regrets: dict[str, Tensor]) -> dict[str, Tensor]:
    """Collect what is stored of one finished repetition.

    Parameters
    ----------
    predictor
        The network after training.
    spec
        The run.
    regrets
        What `measure_network` returned; it may be empty.

    Returns
    -------
    dict
        Kept weights under "weight.<name>", the measurements, prompt vectors [K, D] under "prompt/<layer>", the number of trained
        parameters under "trainable", and the tokens of a hard prompt under "prompt".
    """
    weights = select_added_weights(spec.method.finished(predictor)) if spec.is_tuning else own_weights(predictor, spec)
    trained = sum(p.numel() for p in predictor.parameters() if p.requires_grad)
    prompt = getattr(predictor.token_prompt, "tokens", ())
    vectors = {f"prompt/{level}": rows.detach() for level, rows in predictor.prompt_rows().items()} if spec.is_tuning else {}
    return ({f"weight.{name}": tensor for name, tensor in weights.items()} | regrets | vectors
            | {"trainable": torch.tensor(trained), "prompt": torch.tensor(prompt, dtype=torch.int64)})


def join_weights(parts: list[dict[str, Tensor]], spec: RunSpec) -> dict[str, Tensor]:
    """Join the weights of all repetitions into those of the weights file.

    Parameters
    ----------
    parts
        One per repetition, from `finish_repetition`.
    spec
        The run.

    Returns
    -------
    dict
        A state dictionary for a pretraining, "<repetition>/<name>" for a tuning.
    """
    def named(part: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
        mark = "weight."
        return {prefix + name.removeprefix(mark): tensor for name, tensor in part.items() if name.startswith(mark)}

    if not spec.is_tuning:
        return named(parts[0], "")
    return {name: tensor for r, part in enumerate(parts) for name, tensor in named(part, f"{r}/").items()}


def training_arrays(parts: list[dict[str, Tensor]], spec: RunSpec) -> dict[str, np.ndarray]:
    """Collect the arrays that the training left beside its weights: findings, prompt vectors and losses (nats per token).

    Parameters
    ----------
    parts
        One per repetition, from `finish_repetition` and the session.
    spec
        The run.

    Returns
    -------
    dict
        Arrays by name; those of a tuning are stacked over its N repetitions, [N, ...].
    """
    return _joined(parts, spec, ("found/", "prompt/", "training/"))


def evaluation_record(parts: list[dict[str, Tensor]], spec: RunSpec) -> EvaluationRecord:
    """Collect the measurements of all repetitions, with their quartiles over repetitions.

    Parameters
    ----------
    parts
        One per repetition, from `measure_network` or `finish_repetition`.
    spec
        The run.

    Returns
    -------
    EvaluationRecord
        Its summary has the quartiles of cumulative regret and excess (nats) after 50, 100 and 200 tokens, as far as all sequences are
        that long, and of every score.
    """
    arrays = _joined(parts, spec, tuple(f"{name}/" for name in (*MEASURES, *SCORES)))
    evaluated = spec.evaluated_on
    shortest = min(spec.evaluation.length_on(source) for source in evaluated)
    after = [n for n in REPORTED_AFTER if n <= shortest] or [shortest]
    scores = {name: _each(name, "", arrays, lambda values: quartiles(np.reshape(values, (-1, 1)), [1])) for name in SCORES}
    return EvaluationRecord(arrays, {
        "measured_by": spec.evaluation.model_dump(mode="json"),
        "evaluated_on": [source.model_dump(mode="json") for source in evaluated], "n": after,
        "regret": _each("regret", "/cumulative", arrays, lambda curve: quartiles(curve, after)),
        "excess": _each("regret", "/excess", arrays, lambda curve: quartiles(curve, after)),
    } | {name: found for name, found in scores.items() if found})


def _joined(parts: list[dict[str, Tensor]], spec: RunSpec, kept: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Tensors whose names begin like this: as they are for a pretraining, stacked over the repetitions of a tuning."""
    names = [name for name in parts[0] if name.startswith(kept)]
    if not spec.is_tuning:
        return {name: parts[0][name].numpy() for name in names}
    return {name: np.stack([part[name].numpy() for part in parts]) for name in names}


def training_summary(parts: list[dict[str, Tensor]], spec: RunSpec, seconds: float) -> dict[str, Any]:
    """Make the content of summary.json: what was trained, for how long and on which machine.

    Parameters
    ----------
    parts
        One per repetition, from `finish_repetition`.
    spec
        The run.
    seconds
        Processor time of the computation.

    Returns
    -------
    dict
        kind, label, evaluation (key of the first), trainable (number of parameters), seconds, machine; kept (number of stored weights)
        where a tuning keeps another number than it trained, and prompt (tokens of each repetition) where there are hard prompts.
    """
    summary = {
        "kind": "tuning" if spec.is_tuning else "pretraining", "label": spec.label, "evaluation": spec.evaluation_key(),
        "trainable": int(parts[0]["trainable"]), "seconds": round(seconds, 3), "machine": describe_machine(),
    }
    kept = sum(tensor.numel() for name, tensor in parts[0].items() if name.startswith("weight."))
    prompts = [part["prompt"].tolist() for part in parts]
    summary |= {"kept": kept} if kept != summary["trainable"] and spec.is_tuning else {}
    return summary | ({"prompt": prompts} if any(prompts) else {})


def _each(measure: str, part: str, arrays: dict[str, np.ndarray], say: Callable[[np.ndarray], Any]) -> dict[str, Any]:
    """What `say` makes of "<measure>/<i><part>", by i, for every source on which there is such an array."""
    names = [name for name in arrays if name.startswith(f"{measure}/") and name.endswith(part)]
    return {name.split("/")[1]: say(arrays[name]) for name in names}


def quartiles(curve: np.ndarray, after: list[int]) -> dict[str, list[float]]:
    """Median and quartiles over repetitions of a curve after given numbers of tokens.

    Parameters
    ----------
    curve
        [T], or [N, T] for N repetitions.
    after
        Numbers of tokens, from 1 to T.

    Returns
    -------
    dict
        "median", "q25" and "q75", each with a value per entry of `after`.
    """
    points = np.atleast_2d(curve)[:, [n - 1 for n in after]]
    return {name: np.quantile(points, q, axis=0).tolist() for name, q in QUARTILES.items()}


def describe_machine() -> dict[str, Any]:
    """Describe the machine and torch: the same numbers, bit for bit, can be expected only on the same."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count(),
            "torch": torch.__version__, "threads": torch.get_num_threads()}
