"""The measured figures of performance, each beside the machine's own matrix-multiply rate, since bare seconds say little."""

import os
import platform
import time
from collections.abc import Callable
from functools import partial

import torch

from tutor import measure
from tutor.methods import FullWT, HardPT, SoftPT
from tutor.predictors import LSTM, AbstractBody, Transformer
from tutor.sources import Categorical, DirichletCategorical
from tutor.train import Recipe, Training, fit

COINS, COIN = DirichletCategorical(), Categorical()
NETWORKS: tuple[AbstractBody, ...] = (LSTM(), Transformer())
AFTER = (50, 100, 200)


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median wall time of `work` after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]


def matmul_rate(size: int = 512) -> float:
    """Operations per second of a square float32 product on the threads in use: the machine's own limit."""
    a = torch.randn(size, size, generator=torch.Generator().manual_seed(0))
    return 2 * size**3 * 20 / seconds(lambda: [a @ a for _ in range(20)])


def machine() -> dict:
    """What the figures were measured on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "matmul_gflops": round(matmul_rate() / 1e9, 1),
    }


def pretrain() -> list[dict]:
    """Pretraining with the fast recipe: seconds, and the excess over the Bayes predictor (nats) after 50, 100 and 200 flips."""
    rows = []
    for body in NETWORKS:
        predictor, start = body.build(2, 0), time.perf_counter()
        fit(predictor, COINS, Recipe.fast(), 0)
        took = time.perf_counter() - start
        excess = measure.evaluate(predictor, COINS, n=512).excess
        rows.append({"network": body.label, "seconds": round(took, 2)} | {f"excess_{n}": round(float(excess[n - 1]), 4) for n in AFTER})
    return rows


def step() -> list[dict]:
    """One optimiser step: milliseconds, and its operations (2 per weight and token forward, 4 back) as a share of the matmul rate."""
    rows, rate = [], matmul_rate()
    for body in NETWORKS:
        base = body.build(2, 0)
        weights = sum(p.numel() for p in base.parameters())
        for name, predictor, recipe in (
            ("pretraining", body.build(2, 0), Recipe.fast()),
            ("SoftPT", SoftPT().attach(base, 0), Recipe.fast_tuning()),
            ("FullWT", FullWT().attach(base, 0), Recipe.fast_tuning()),
        ):
            took = seconds(Training(predictor, COINS, recipe.model_copy(update={"steps": 1000}), 0).advance, repeats=15)
            operations = weights * recipe.operations / recipe.steps
            rows.append(
                {
                    "network": body.label,
                    "work": name,
                    "ms_per_step": round(1e3 * took, 2),
                    "of_matmul_rate": round(operations / took / rate, 2),
                }
            )
    return rows


def hard() -> list[dict]:
    """HardPT over all 64 prompts of six tokens: seconds and the winner."""
    rows = []
    for body in NETWORKS:
        search, start = HardPT().start(body.build(2, 0), COIN, Recipe.fast_tuning(), 0), time.perf_counter()
        while not search.done:
            search.advance()
        rows.append(
            {
                "network": body.label,
                "seconds": round(time.perf_counter() - start, 2),
                "prompts": search.steps,
                "winner": "".join(map(str, search.predictor.token_prompt.tokens)),
            }
        )
    return rows


def evaluation() -> list[dict]:
    """Evaluating 256 sequences of 200 tokens."""
    rows = []
    for body in NETWORKS:
        work = partial(measure.evaluate, body.build(2, 0), COINS, n=256)
        rows.append({"network": body.label, "seconds": round(seconds(work, 3), 3)})
    return rows


BENCHES: dict[str, Callable[[], list[dict]]] = {"step": step, "pretrain": pretrain, "hard": hard, "evaluation": evaluation}


def run(names: list[str]) -> dict:
    """Measure the named benches, all when none is named. KeyError where a name is unknown."""
    return {"machine": machine()} | {name: BENCHES[name]() for name in names or BENCHES}
