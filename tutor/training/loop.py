"""The only optimisation loop: pretraining and every gradient method run through it, and it trains whatever requires grad.

The data of step s is a pure function of the seed and s, so a resumed training equals an uninterrupted one bit for bit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.core.losses import cross_entropy, mean_kl, mean_log_loss
from tutor.core.rng import stream
from tutor.predictors import Predictor
from tutor.sources import AbstractSolved, AbstractSource, Batch
from tutor.training.adam import Adam
from tutor.training.recipe import Recipe

PART_TOKENS = 8192
"""Tokens of one forward and backward pass, which bounds its memory."""


@dataclass(frozen=True)
class Step:
    """What one optimiser step measured; loss and kl (from the exact Bayes predictor, NaN where there is none) in nats per token."""

    step: int
    loss: float
    kl: float
    grad_norm: float
    learning_rate: float


class Diverged(RuntimeError):
    """The loss or the gradient left the finite numbers; the weights are back at the last good state."""

    def __init__(self, step: int, reason: str):
        super().__init__(f"diverged at step {step}: {reason}; the weights of the last good state are kept")
        self.step, self.reason = step, reason


class Training:
    """A resumable optimisation of whatever in a predictor requires grad, one optimiser step per `advance()`.

    Parameters
    ----------
    predictor, source, recipe, seed
        As for `fit`. Two trainings with the same of these are equal bit for bit on one machine, also where one was interrupted.
    """

    GOOD_EVERY = 20
    """Steps between copies of the weights kept as the last good state."""

    def __init__(self, predictor: Predictor, source: AbstractSource, recipe: Recipe, seed: int):
        if source.vocab != predictor.vocab:
            raise ValueError(f"the source has {source.vocab} symbols and the network {predictor.vocab}; both must have the same")
        if recipe.targets != "sampled" and not isinstance(source, AbstractSolved):
            raise ValueError(f"targets is {recipe.targets}; the ideal predictor of {source.label} is not known, so it must be sampled")
        self.predictor, self.source, self.recipe, self.seed = predictor, source, recipe, seed
        self.step, self.steps = 0, recipe.steps
        self._free = {name: p for name, p in predictor.named_parameters() if p.requires_grad}
        self.parameters = list(self._free.values())
        self.optimiser = Adam(self.parameters, recipe.learning_rate, (recipe.beta1, recipe.beta2), fused=True)
        self._good = [p.detach().clone() for p in self.parameters]
        self._limit = math.inf

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    def advance(self) -> Step:
        """Take one step. Raises Diverged, after restoring the last good weights, where numbers stop being numbers."""
        loss, kl = self.take_gradient()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip).item()
        self._check(loss, norm)
        rate = self.optimiser.rate = self.recipe.rate(self.step)
        self.optimiser.step()
        self.step += 1
        return Step(self.step, loss, kl, norm, rate)

    def take_gradient(self) -> tuple[float, float]:
        """Leave the gradient of this step's loss, unclipped, in `grad` of the trained weights.

        Returns
        -------
        loss, kl
            Nats per token, as in `Step`.
        """
        recipe, rng = self.recipe, stream(self.seed, "data", self.step)
        batch = self.source.draw(recipe.batch, recipe.length_at(self.step), rng, stratified=recipe.stratified)
        self.optimiser.zero_grad()
        return self._backward(batch)

    def _backward(self, batch: Batch) -> tuple[float, float]:
        """Add up the gradient part by part, which bounds the memory and keeps activations in the cache; mean loss and divergence."""
        means = torch.zeros(2)
        parts = math.ceil(batch.tokens.numel() / PART_TOKENS)
        for part in batch.parts(math.ceil(len(batch.tokens) / parts)):
            share = part.mask.sum() / batch.mask.sum().clamp(min=1)
            loss, divergence = self._measured(part)
            (loss * share).backward()
            means += torch.stack([loss.detach(), divergence]) * share
        penalty = self.predictor.penalty()
        if penalty.requires_grad:
            penalty.backward()
        return means[0].item(), means[1].item()

    def state_tensors(self) -> dict[str, Tensor]:
        """Everything a resumed training needs, flat: trained weights, optimiser moments and the step."""
        flat = {"step": torch.tensor(self.step), "limit": torch.tensor(self._limit, dtype=torch.float64)}
        for (name, p), good in zip(self._free.items(), self._good, strict=True):
            moments = {f"adam.{k}.{name}": v.clone() for k, v in self.optimiser.state[p].items()}
            flat |= {f"weight.{name}": p.detach().clone(), f"good.{name}": good.clone()} | moments
        return flat

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        """Continue from `state_tensors()` of a training with the same specification."""
        self.step, self._limit = int(flat["step"]), float(flat["limit"])
        for i, (name, p) in enumerate(self._free.items()):
            p.data.copy_(flat[f"weight.{name}"])
            self._good[i] = flat[f"good.{name}"].clone()
            moments = {k: f"adam.{k}.{name}" for k in ("step", "exp_avg", "exp_avg_sq")}
            self.optimiser.state[p] = {k: flat[key].clone() for k, key in moments.items() if key in flat}     # none at step 0

    def findings(self) -> dict[str, Tensor]:
        """Nothing beside the predictor itself."""
        return {}

    def _measured(self, batch: Batch) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Mean loss and mean divergence from the ideal predictor, NaN where nobody knows it."""
        if not isinstance(self.source, AbstractSolved):
            return self.predictor.mean_loss(batch.tokens, batch.mask), torch.tensor(torch.nan)
        log_p = self.predictor(batch.tokens)
        log_bayes = self.source.log_bayes(batch.tokens).float()
        divergence = mean_kl(log_bayes, log_p.detach(), batch.mask)
        if self.recipe.targets == "sampled":
            return mean_log_loss(batch.tokens, log_p, batch.mask), divergence
        target = log_bayes if self.recipe.targets == "bayes" else self.source.log_truth(batch)
        return cross_entropy(target.exp().float(), log_p, batch.mask), divergence

    def _check(self, loss: float, norm: float) -> None:
        # Ten times the loss at which it began, or of a uniform guess, is beyond any honest transient of a clipped Adam.
        if self.step == 0:
            self._limit = 10 * max(math.log(self.source.vocab), loss)
        if math.isfinite(norm) and loss < self._limit:
            if self.step % self.GOOD_EVERY == 0:
                self._good = [p.detach().clone() for p in self.parameters]
            return
        for p, good in zip(self.parameters, self._good, strict=True):
            p.data.copy_(good)
        raise Diverged(self.step, f"loss {loss:.3g} nats per token (limit {self._limit:.3g}), gradient norm {norm:.3g}")


def fit(predictor: Predictor, source: AbstractSource, recipe: Recipe, seed: int,
        on_step: Callable[[Step], None] = lambda step: None) -> list[Step]:
    """Train whatever in `predictor` requires grad, in place, to the end of the recipe.

    Parameters
    ----------
    predictor
        Its trainable numbers change; everything else stays bit for bit.
    source
        Where the sequences come from.
    seed
        Of the data.
    on_step
        Called after every optimiser step with what it measured.

    Returns
    -------
    list of Step
        Loss and divergence in nats per token, one per step.

    Raises
    ------
    Diverged
        Where loss or gradient leave the finite numbers; the weights are those of the last good step.
    """
    training, history = Training(predictor, source, recipe, seed), []
    while not training.done:
        history.append(training.advance())
        on_step(history[-1])
    return history
