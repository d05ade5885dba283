"""A coin that likes to show the side again that it showed last: a source that is no member of the coin family."""

from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch.nn import functional as F

from tutor.core.rng import Rng
from tutor.core.types import LogProbs, Tokens
from tutor.sources.source import AbstractSolved, Batch


class StickyCoin(AbstractSolved):
    """A Markov chain over heads and tails: the first flip is fair, each later one repeats the one before with a known probability."""

    kind: Literal["sticky"] = "sticky"
    stay: float = Field(0.8, ge=0.01, le=0.99, description="probability that a flip repeats the one before")

    @property
    def vocab(self) -> int:
        return 2

    @property
    def label(self) -> str:
        return f"Sticky coin {self.stay:g}"

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        uniform = np.random.default_rng(rng).random((n, length))
        turned = np.where(np.arange(length) == 0, uniform < 0.5, uniform >= self.stay)
        tokens = torch.from_numpy(turned.cumsum(1) % 2)
        return Batch(tokens, torch.full((n, 1), self.stay, dtype=torch.float64), torch.ones_like(tokens, dtype=torch.bool))

    def log_truth(self, batch: Batch) -> LogProbs:
        return self.log_bayes(batch.tokens)                     # nothing is hidden

    def log_bayes(self, tokens: Tokens) -> LogProbs:
        before = F.one_hot(tokens[:, :-1], 2).double() * (2 * self.stay - 1) + (1 - self.stay)
        return torch.cat([torch.full_like(before[:, :1], 0.5), before], dim=1)[:, :tokens.shape[1]].log()
