"""One step of prompt tuning taken apart: the very step that the training loop takes, with everything that it computes on the way."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from tutor.analysis.manual_prompts import SEED, start_tuning
from tutor.core.losses import kl
from tutor.core.rng import stream
from tutor.predictors import Predictor
from tutor.sources import AbstractSource
from tutor.training.recipe import Recipe

SLOW = Recipe(steps=200, batch=6, length=30, learning_rate=5e-2, warmup=0.05, cosine=True, stratified=True, targets="bayes")
"""Few enough sequences to be looked at one by one."""


@dataclass(frozen=True)
class OptimizerStep:
    """What one optimiser step saw and did; nats throughout, rows are prompt vectors in token space [K, V].

    loss, bayes: of every position [B, T], what the network loses and what the ideal predictor of the target would.
    gradient: of the mean loss with respect to each row, after clipping. momentum, scale: Adam's two memories after the step.
    """

    step: int
    tokens: Int[np.ndarray, "B T"]
    before: Float[np.ndarray, "K V"]
    heads: Float[np.ndarray, "B T"]
    loss: Float[np.ndarray, "B T"]
    bayes: Float[np.ndarray, "B T"]
    mean_loss: float
    divergence: float
    gradient: Float[np.ndarray, "K V"]
    momentum: Float[np.ndarray, "K V"]
    scale: Float[np.ndarray, "K V"]
    rate: float
    after: Float[np.ndarray, "K V"]


def dissect(base: Predictor, on: AbstractSource, rows: Float[np.ndarray, "K V"], step: int, *, recipe: Recipe = SLOW) -> OptimizerStep:
    """Tune a prompt for some steps, and record everything that the next optimiser step sees and does (RealPT).

    Parameters
    ----------
    rows
        [K, V] where the prompt starts in token space.
    step
        Steps before the one that is recorded.

    Raises
    ------
    ValueError
        Where `step` lies beyond the end of the recipe.
    """
    if not 0 <= step < recipe.steps:
        raise ValueError(f"step is {step}; it must lie between 0 and {recipe.steps - 1}")
    training = start_tuning(base, on, rows, recipe)
    tuned, prompt = training.predictor, training.predictor.token_prompt
    for _ in range(step):
        training.advance()
    before = _copied(prompt.rows)
    batch = on.draw(recipe.batch, recipe.length_at(step), stream(SEED, "data", step), stratified=recipe.stratified)
    with torch.no_grad():
        log_p, log_bayes = tuned(batch.tokens), on.log_bayes(batch.tokens).float()
        loss = -(log_bayes.exp() * log_p).sum(-1)
    taken = training.advance()
    memory = training.optimiser.state[prompt.rows]
    return OptimizerStep(
        step=step,
        tokens=batch.tokens.numpy(),
        before=before,
        heads=log_p[..., 0].exp().numpy(),
        loss=loss.numpy(),
        bayes=(loss - kl(log_bayes, log_p)).numpy(),
        mean_loss=taken.loss,
        divergence=taken.kl,
        gradient=_copied(prompt.rows.grad),
        momentum=_copied(memory["exp_avg"]),
        scale=np.sqrt(_copied(memory["exp_avg_sq"])),
        rate=taken.learning_rate,
        after=_copied(prompt.rows),
    )


def _copied(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().copy()
