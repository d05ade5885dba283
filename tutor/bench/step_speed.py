"""One optimiser step: how far it is from bare matrix products, how it grows with the work, what it holds, where it goes."""

import math
import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.profiler import ProfilerActivity
from torch.profiler import profile as recorded

from tutor.bench.machine import time_work
from tutor.methods import AbstractMethod, FullWT, SoftPT
from tutor.predictors import AbstractBody
from tutor.predictors.body import Product
from tutor.studies.presets import COINS, NETWORKS
from tutor.training.loop import Training, fit
from tutor.training.recipe import MAX_TOKENS, Recipe

MANY_STEPS = 100_000


def measure_step() -> list[dict]:
    """Measure the milliseconds of an optimiser step, those of its matrix products alone (same shapes and order), and their share."""
    rows = []
    for body in NETWORKS:
        for name, method, recipe in (("pretraining", None, Recipe(batch=8, length=200, targets="bayes")),
                                     ("SoftPT", SoftPT(), Recipe(batch=8, length=50, targets="bayes")),
                                     ("SoftPT, paper", SoftPT(), Recipe.paper_tuning()),
                                     ("FullWT", FullWT(), Recipe(batch=8, length=50, targets="bayes"))):
            rows.append({"network": body.label, "work": name} | _against_products(body, method, recipe))
    return rows


def _against_products(body: AbstractBody, method: AbstractMethod | None, recipe: Recipe) -> dict:
    prompt = method.length if isinstance(method, SoftPT) else 0
    products = step_products(body.products(recipe.batch, recipe.length + prompt), frozen=bool(prompt))
    took, bare = time_work(make_stepper(body, method, recipe), repeats=9), time_work(make_multiplier(products), repeats=9)
    return {"ms_per_step": round(1e3 * took, 2), "ms_of_products": round(1e3 * bare, 2),
            "gigaoperations": round(sum(product.operations for product in products) / 1e9, 2), "share": round(bare / took, 2)}


def make_stepper(body: AbstractBody, method: AbstractMethod | None, recipe: Recipe) -> Callable[[], object]:
    """Make a function that takes one step of a long training of `body`, or of `method` on it."""
    predictor = body.build(2, 0) if method is None else method.attach(body.build(2, 0), 0)
    return Training(predictor, COINS, recipe.model_copy(update={"steps": MANY_STEPS}), 0).advance


def step_products(forward: list[Product], *, frozen: bool) -> list[Product]:
    """List the matrix products of a whole step: each forward one, and one of the same size for each side that needs a gradient.

    Parameters
    ----------
    forward
        The products of the forward pass.
    frozen
        Whether the network's weights need no gradient.
    """
    found = list(forward)
    for p in reversed(forward):
        found.append(Product(p.rows, p.columns, p.inner, p.together, p.times))                        # to the input
        if not (frozen and p.weights):
            found.append(Product(p.inner, p.rows * p.times, p.columns, p.together))                   # to the other side, all times at once
    return found


def make_multiplier(products: list[Product]) -> Callable[[], object]:
    """Make a function that computes these products of random matrices and nothing else."""
    sides = [(torch.randn(p.together, p.rows, p.inner), torch.randn(p.together, p.inner, p.columns), p.times) for p in products]
    sides = [(a[0], b[0], times) if len(a) == 1 else (a, b, times) for a, b, times in sides]

    def multiply() -> None:
        for a, b, times in sides:
            for _ in range(times):
                a @ b

    return multiply


def measure_scaling() -> list[dict]:
    """Measure how the time of a step grows with each size: slope of log seconds against log size, beside the slope of the operations."""
    sizes = {"batch": (8, 16, 32, 64), "length": (50, 100, 200, 400), "width": (64, 128, 256, 512)}
    rows = []
    for body in NETWORKS:
        for name, values in sizes.items():
            took = [time_work(make_stepper(*_sized(body, name, value)), 3) for value in values]
            counted = [sum(p.operations for p in _sized(body, name, value)[0].products(*_shape(name, value))) for value in values]
            rows.append({"network": body.label, "size": name, "values": " ".join(map(str, values)),
                         "ms": " ".join(f"{1e3 * t:.1f}" for t in took),
                         "slope": fit_slope(values, took), "slope_of_operations": fit_slope(values, counted)})
        rows.append({"network": body.label, "size": "repetitions"} | _repeated(body, (1, 2, 4)))
    return rows


def _repeated(body: AbstractBody, values: tuple[int, ...]) -> dict:
    """Tunings of ten steps, one repetition after the other."""
    base = body.build(2, 0)
    short = Recipe(steps=10, batch=4, length=50, targets="bayes")
    took = [time_work(lambda n=n: [fit(SoftPT().attach(base, r), COINS, short, r) for r in range(n)], 3) for n in values]
    return {"values": " ".join(map(str, values)), "ms": " ".join(f"{1e3 * t:.1f}" for t in took),
            "slope": fit_slope(values, took), "slope_of_operations": 1.0}


def _sized(body: AbstractBody, name: str, value: int) -> tuple[AbstractBody, None, Recipe]:
    batch, length = _shape(name, value)
    sized = type(body)(width=value) if name == "width" else body
    return sized, None, Recipe(batch=batch, length=length, targets="bayes")


def _shape(name: str, value: int) -> tuple[int, int]:
    return (value if name == "batch" else 8), (value if name == "length" else 100)


def fit_slope(sizes: tuple[int, ...], values: list[float]) -> float:
    """Slope of the least-squares line through the logarithms of `sizes` and `values`."""
    return round(float(np.polyfit(np.log(sizes), np.log(values), 1)[0]), 2)


def measure_memory() -> list[dict]:
    """Measure the peak memory (MB) of a process that takes two steps, with the paper's recipe and with the largest one allowed."""
    largest = Recipe(batch=MAX_TOKENS // 1000, length=1000)
    cases = {f"{body.label}, {name}": (sized, recipe) for body in NETWORKS
             for name, sized, recipe in (("paper", body, Recipe.paper()), ("largest", type(body)(width=512, layers=4), largest))}
    return [{"work": name, "peak_mb": peak_memory(partial(_two_steps, *case))} for name, case in cases.items()]


def peak_memory(work: Callable[[], object]) -> int:
    """Measure the peak memory (MB, 10^6 bytes) of a fresh process that does `work`, which must be picklable."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_watched, work).result()


def _watched(work: Callable[[], object]) -> int:
    work()
    try:
        # Linux hands `ru_maxrss` down from the process that started this one; its own peak stands here.
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return round(int(status["VmHWM"].split()[0]) * 1024 / 1e6)
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def _two_steps(body: AbstractBody, recipe: Recipe) -> None:
    advance = make_stepper(body, None, recipe)
    advance()
    advance()


def profile_step() -> list[dict]:
    """Find the ten operations that take most of a pretraining step, in per cent and milliseconds."""
    rows = []
    for body in NETWORKS:
        advance = make_stepper(body, None, Recipe(batch=8, length=200, targets="bayes"))
        advance()
        with recorded(activities=[ProfilerActivity.CPU]) as seen:
            for _ in range(10):
                advance()
        events = sorted(seen.key_averages(), key=lambda event: -event.self_cpu_time_total)
        total = math.fsum(event.self_cpu_time_total for event in events)
        rows += [{"network": body.label, "operation": event.key, "per_cent": round(100 * event.self_cpu_time_total / total, 1),
                  "ms_per_step": round(event.self_cpu_time_total / 1e4, 2), "calls_per_step": event.count // 10} for event in events[:10]]
    return rows
