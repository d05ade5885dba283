"""How good, how soon: pretraining, the search for hard prompts, and evaluation."""

import time
from functools import partial

import numpy as np

from tutor import measure
from tutor.bench.machine import time_work
from tutor.core.types import REPORTED_AFTER
from tutor.methods import HardPT
from tutor.predictors import AbstractBody
from tutor.runs.engine.runner import tune
from tutor.studies.presets import COINS, NETWORKS, SINGLE
from tutor.training.loop import fit
from tutor.training.recipe import Recipe

SEEDS = range(5)
BUDGETS = (160, 240, 320, 400)
PEER = (("LSTM", 415.0, (0.000, 0.007, 0.039)), ("Transformer", 1523.0, (0.090, 0.100, 0.139)))
"""thunnini (JAX) with the paper's settings on two cores of another day: seconds, excess in nats after 50, 100 and 200 flips."""


def measure_pretraining() -> list[dict]:
    """Measure quality against time, with the fast recipe cut to several lengths.

    Returns
    -------
    list
        Rows with seconds and the excess over Bayes (nats) after 50, 100 and 200 tokens: medians over five seeds, the worst seed, and
        figures of another program.
    """
    rows = []
    for body in NETWORKS:
        for steps in BUDGETS:
            runs = [_pretrained(body, Recipe.fast().model_copy(update={"steps": steps}), seed) for seed in SEEDS]
            took, excess = np.median([run[0] for run in runs]), np.array([run[1] for run in runs])
            rows.append(_row(body.label, f"{steps} steps" + " (fast)" * (steps == Recipe.fast().steps), took, np.median(excess, 0))
                        | {"worst": " ".join(f"{e:.4f}" for e in excess.max(0))})
        rows += [_row(name, "peer", took, excess) | {"worst": ""} for name, took, excess in PEER if name == body.label]
    return rows


def _pretrained(body: AbstractBody, recipe: Recipe, seed: int) -> tuple[float, list[float]]:
    predictor, start = body.build(2, seed), time.perf_counter()
    fit(predictor, COINS, recipe, seed)
    took = time.perf_counter() - start
    excess = measure.evaluate(predictor, COINS, n=512).excess
    return took, [float(excess[n - 1]) for n in REPORTED_AFTER]


def _row(network: str, work: str, took: float, excess) -> dict:
    return {"network": network, "work": work, "seconds": round(float(took), 2)} | {
        f"excess_{n}": round(float(e), 4) for n, e in zip(REPORTED_AFTER, excess, strict=True)}


def measure_hard_search() -> list[dict]:
    """Time searches for hard prompts on pretrained networks; rows with the winner and its regret (nats) after 50 tokens."""
    searches = {"all 64 on 256": HardPT(), "64, halving to 512": HardPT(sequences=512, halving=True),
                "all 64 on 2,048": HardPT(sequences=2048), "4,096, halving to 2,048": HardPT(length=12, sequences=2048, halving=True)}
    rows = []
    for body in NETWORKS:
        base = body.build(2, 0)
        fit(base, COINS, Recipe.fast(), 0)
        for name, method in searches.items():
            start = time.perf_counter()
            tuned = tune(base, method, on=SINGLE, recipe=Recipe.fast_tuning())
            took = time.perf_counter() - start
            regret = measure.evaluate(tuned, SINGLE, length=50, n=2048, stratified=True)
            rows.append({"network": body.label, "search": name, "seconds": round(took, 2),
                         "winner": "".join(map(str, tuned.token_prompt.tokens)), "regret_50": round(float(regret.cumulative[-1]), 4)})
    return rows


def measure_evaluation() -> list[dict]:
    """Time the evaluation of 256 sequences of 200 tokens (seconds)."""
    rows = []
    for body in NETWORKS:
        work = partial(measure.evaluate, body.build(2, 0), COINS, n=256)
        rows.append({"network": body.label, "seconds": round(time_work(work, 3), 3)})
    return rows
