# %% [markdown]
# # A source of your own
#
# A source draws sequences and says what an ideal predictor would say about them. Here is a coin with a memory: it likes to show the
# side again that it showed last. It is a Markov chain, so the ideal predictor needs the last flip and nothing else.

# %%
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch.nn import functional as F

from tutor import Recipe, evaluate, figures, fit, predictors
from tutor.sources import AbstractSolved, Batch


class StickyCoin(AbstractSolved):
    """The first flip is fair, each later one repeats the one before with a known probability."""

    kind: Literal["sticky"] = "sticky"
    stay: float = Field(0.8, ge=0.01, le=0.99, description="probability that a flip repeats the one before")

    vocab = property(lambda self: 2)
    label = property(lambda self: f"Sticky coin {self.stay:g}")

    def sample(self, n, length, rng):
        uniform = np.random.default_rng(rng).random((n, length))
        turned = np.where(np.arange(length) == 0, uniform < 0.5, uniform >= self.stay)
        tokens = torch.from_numpy(turned.cumsum(1) % 2)
        return Batch(tokens, torch.full((n, 1), self.stay), torch.ones_like(tokens, dtype=torch.bool))

    def log_bayes(self, tokens):
        before = F.one_hot(tokens[:, :-1], 2).double() * (2 * self.stay - 1) + (1 - self.stay)
        return torch.cat([torch.full_like(before[:, :1], 0.5), before], dim=1)[:, :tokens.shape[1]].log()

    def log_truth(self, batch):
        return self.log_bayes(batch.tokens)                # nothing is hidden


coin = StickyCoin(stay=0.8)
"".join("HT"[flip] for flip in coin.sample(1, 60, rng=0).tokens[0])

# %% [markdown]
# A field has limits and a help text, so a mistake is answered with a sentence, and a form of the app would have a widget for it.

# %%
try:
    StickyCoin(stey=0.9)
except ValueError as error:
    print(error)

# %% [markdown]
# Train a small network on it. With `targets="bayes"` the loss compares with the ideal predictor's probabilities instead of single flips.

# %%
network = predictors.LSTM(width=16).build(vocab=2, seed=0)
steps = fit(network, coin, Recipe(steps=250, batch=8, length=30, learning_rate=1e-2, cosine=True, targets="bayes"), seed=0)
evaluate(network, on=coin, length=30, n=256)

# %%
figures.training_curve([vars(step) for step in steps], bayes_loss=None, steps=250)

# %% [markdown]
# Did it find out that one flip is enough? After heads it should expect heads with 0.8, whatever came earlier.

# %%
histories = torch.tensor([[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0], [1, 1, 1, 1, 1, 0]])
for history, p in zip(histories.tolist(), network(histories)[:, -1, 0].exp().tolist(), strict=True):
    print("".join("HT"[flip] for flip in history[:-1]), f"-> heads with {p:.2f}")

# %% [markdown]
# To have it in specifications, forms, the store and the contract tests, move the class into `tutor/sources/sticky_coin.py` and put it
# into `SOURCES` in `tutor/sources/__init__.py`: one file and one line.
