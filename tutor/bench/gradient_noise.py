"""How noisy the gradient is with each kind of targets: the same network and sequences, three losses with one expected gradient."""

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.methods import FullWT, SoftPT
from tutor.methods.method import AbstractGradientMethod
from tutor.predictors import AbstractBody, Predictor
from tutor.runs.engine.runner import tune
from tutor.sources import AbstractSource
from tutor.studies.presets import COINS, NETWORKS, SINGLE
from tutor.training.loop import Training, fit
from tutor.training.recipe import Recipe, Targets

BATCHES = 128
"""Gradients per estimate."""
BATCH, LENGTH = 4, 50
"""Sequences of a step and their tokens: those of the fast tuning, drawn independently, so that only the targets differ."""
SEED = 0


def measure_gradient_noise() -> list[dict]:
    """Measure the variance of the gradient with exact targets as a share of its variance with drawn tokens.

    Returns
    -------
    list
        Rows per network and moment: the ratio for targets `truth` and `bayes` (below 1: less noise), and how far the mean gradients of
        `bayes` and `sampled` are apart (`compare_means`).
    """
    return [compare_targets(body.label, moment, tuned, on) for body in NETWORKS for moment, tuned, on in list_moments(body)]


def list_moments(body: AbstractBody) -> list[tuple[str, Predictor, AbstractSource]]:
    """List the moments of a network's life that are compared: name, what is trained then, and the source that it is trained on."""
    recipe, base = Recipe.fast(), body.build(COINS.vocab, SEED)
    untrained = body.build(COINS.vocab, SEED)
    fit(base, COINS, recipe, SEED)
    moments = [("pretraining, first step", untrained, COINS), ("pretraining, last step", base, COINS)]
    for name, method in (("SoftPT", SoftPT()), ("FullWT", FullWT())):
        moments += [(f"{name}, first step", begin_tuning(method, base), SINGLE),
                    (f"{name}, last step", tune(base, method, on=SINGLE, recipe=Recipe.fast_tuning(), seed=SEED), SINGLE)]
    return moments


def begin_tuning(method: AbstractGradientMethod, base: Predictor) -> Predictor:
    """Attach what a method trains, and take no step."""
    return method.start(base, SINGLE, Recipe.fast_tuning(), SEED).predictor


def compare_targets(network: str, moment: str, predictor: Predictor, source: AbstractSource) -> dict:
    """Compare the gradients of one network with the three kinds of targets, each from the same sequences."""
    found = {targets: sample_gradients(predictor, source, targets) for targets in ("sampled", "truth", "bayes")}
    variance = {targets: grads.var(0).sum().item() for targets, grads in found.items()}
    return {"network": network, "moment": moment, "truth / sampled": f"{variance['truth'] / variance['sampled']:.2g}",
            "bayes / sampled": f"{variance['bayes'] / variance['sampled']:.2g}",
            "means apart": f"{compare_means(found['sampled'], found['bayes']):.2f}"}


def compare_means(one: Float[Tensor, "N P"], other: Float[Tensor, "N P"]) -> float:
    """Divide the squared distance of two means by what chance alone makes of it: about 1 where both have the same expectation."""
    apart = one - other
    return (len(apart) * apart.mean(0).square().sum() / apart.var(0).sum()).item()


def sample_gradients(predictor: Predictor, source: AbstractSource, targets: Targets, batches: int = BATCHES) -> Float[Tensor, "N P"]:
    """Draw gradients (nats per token per unit of a weight) of batches of BATCH sequences, without a step between them.

    Parameters
    ----------
    predictor
        Whatever of it requires a gradient counts.
    source, targets
        What the loss compares with, on which sequences.
    batches
        Number of gradients; the same sequences for all kinds of targets.
    """
    still = Recipe(steps=batches, batch=BATCH, length=LENGTH, targets=targets)
    free = [p for p in predictor.parameters() if p.requires_grad]
    training, rows = Training(predictor, source, still, SEED), []
    for _ in range(batches):
        training.take_gradient()
        rows.append(torch.cat([p.grad.flatten() for p in free]))
        training.step += 1
    return torch.stack(rows)
