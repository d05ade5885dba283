"""How good, how soon: pretraining, the search for hard prompts, and evaluation."""

import time
from functools import partial

import numpy as np

from tutor import measure
from tutor.bench.machine import seconds
from tutor.conventions import AFTER
from tutor.methods import HardPT
from tutor.predictors import AbstractBody
from tutor.recipe import Recipe
from tutor.runner import tune
from tutor.studies.presets import COINS, NETWORKS, SINGLE
from tutor.train import fit

SEEDS = range(5)
BUDGETS = (160, 240, 320, 400)
PEER = (("LSTM", 415.0, (0.000, 0.007, 0.039)), ("Transformer", 1523.0, (0.090, 0.100, 0.139)))
"""thunnini (JAX) with the paper's settings on two cores of another day: seconds, excess in nats after 50, 100 and 200 flips."""


def pretrain() -> list[dict]:
    """Quality against time: the fast recipe cut to several lengths; medians of five seeds, the worst seed, and the peer's one point."""
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
    return took, [float(excess[n - 1]) for n in AFTER]


def _row(network: str, work: str, took: float, excess) -> dict:
    return {"network": network, "work": work, "seconds": round(float(took), 2)} | {
        f"excess_{n}": round(float(e), 4) for n, e in zip(AFTER, excess, strict=True)}


def hard() -> list[dict]:
    """HardPT on a pretrained network: seconds, and the winner, which the whole search on 2,048 sequences should confirm."""
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


def evaluation() -> list[dict]:
    """Evaluating 256 sequences of 200 tokens."""
    rows = []
    for body in NETWORKS:
        work = partial(measure.evaluate, body.build(2, 0), COINS, n=256)
        rows.append({"network": body.label, "seconds": round(seconds(work, 3), 3)})
    return rows
