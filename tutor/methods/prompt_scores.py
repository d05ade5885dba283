"""What a prompt costs: the mean divergence from the ideal predictor behind it, or the mean log loss where nobody knows that one."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tutor.core.losses import kl, mean_kl
from tutor.core.rng import Rng
from tutor.core.types import LogProbs, Tokens
from tutor.predictors import Predictor
from tutor.predictors.prompt_placement import Placement, data_positions, splice_rows
from tutor.sources import AbstractSolved, AbstractSource, Batch

ROWS = 128
"""Sequences per forward pass, which bounds the memory of a search."""


@dataclass(frozen=True)
class Judge:
    """Sequences on which prompts are judged, and what the ideal predictor says about them, where it is known."""

    batch: Batch
    log_bayes: LogProbs | None

    def loss(self, predictor: Predictor) -> Float[Tensor, ""]:
        """Loss of a network with whatever stands before it (nats per token); its gradient reaches the prompt."""
        if self.log_bayes is None:                 # the log loss prefers the same prompts as the divergence from the ideal predictor
            return predictor.mean_loss(self.batch.tokens, self.batch.mask)
        return mean_kl(self.log_bayes, predictor(self.batch.tokens), self.batch.mask)

    def score(self, base: Predictor, prompts: Int[Tensor, "C K"], placement: Placement) -> Float[Tensor, " C"]:
        """Loss behind every hard prompt (nats per token), float64.

        Parameters
        ----------
        base
            The network without a prompt: a hard prompt is nothing but data, so that candidates can share a pass.
        """
        length, chunk = self.batch.tokens.shape[1], max(1, ROWS // len(prompts))
        pieces = placement.pieces(prompts.shape[1], length)
        total = torch.zeros(len(prompts), dtype=torch.float64)
        for start, part in zip(range(0, len(self.batch.tokens), chunk), self.batch.parts(chunk), strict=True):
            read, places = splice_prompts(prompts, part.tokens, pieces), data_positions(length, pieces)
            if self.log_bayes is None:
                asked = torch.zeros(read.shape, dtype=torch.bool).index_copy(1, places, part.mask.repeat(len(prompts), 1))
                cost = base.losses(read, asked)[:, places]
            else:
                cost = kl(self.log_bayes[start:start + chunk].repeat(len(prompts), 1, 1), base(read)[:, places])
            total += torch.where(part.mask, cost.unflatten(0, (len(prompts), -1)), 0.0).sum((1, 2))
        return total / self.batch.mask.sum()


def draw_judge(on: AbstractSource, n: int, length: int, rng: Rng, *, stratified: bool) -> Judge:
    """A judge with `n` sequences of a source."""
    batch = on.draw(n, length, rng, stratified=stratified)
    return Judge(batch, on.log_bayes(batch.tokens).float() if isinstance(on, AbstractSolved) else None)


def splice_prompts(prompts: Int[Tensor, "C K"], tokens: Tokens, pieces: list[tuple[int, int]]) -> Int[Tensor, "CB KT"]:
    """Every sequence with every prompt in its pieces."""
    C, B = len(prompts), len(tokens)
    return splice_rows(tokens.expand(C, -1, -1), prompts[:, None].expand(-1, B, -1), pieces).flatten(0, 1)
