# %% [markdown]
# # A method of your own
#
# A method attaches something to a frozen copy of a network and says which numbers are tuned. The rest - the loop, seeds, resuming,
# evaluation - is the same for all. Here is the smallest one: tune the two numbers of the bias of the unembedding.

# %%
from typing import ClassVar, Literal

from tutor import Recipe, evaluate, figures, methods, predictors, pretrain, sources, tune
from tutor.methods.method import AbstractGradientMethod
from tutor.studies import FAST


class BiasWT(AbstractGradientMethod):
    """Tune the bias of the unembedding only."""

    label: ClassVar[str] = "BiasWT"
    changes_weights: ClassVar[bool] = True
    kind: Literal["bias"] = "bias"

    def attach(self, base, seed):
        tuned = base.frozen_copy()
        tuned.unembed.bias.requires_grad_(True)
        return tuned


base = pretrain(FAST.base(predictors.LSTM())).predictor
BiasWT().attach(base, seed=0)

# %% [markdown]
# Two targets: one coin, and two coins of which every sequence has one. A bias can make the network like tails better. It cannot make it
# *wait and see*.

# %%
targets = {"one coin": sources.Categorical(probs=(0.2, 0.8)), "two coins": sources.Mixture()}
entered = {"no tuning": methods.NoTuning(), "BiasWT": BiasWT(), "SoftPT": methods.SoftPT(length=6)}
recipe = Recipe.fast_tuning().model_copy(update={"steps": 80})
found = {name: {label: evaluate(tune(base, method, on=on, recipe=recipe), on=on, length=50, n=64)
                for label, method in entered.items()} for name, on in targets.items()}
for name, regrets in found.items():
    for label, regret in regrets.items():
        print(f"{name}: {label:10} {regret}")

# %%
figures.regret_curves([figures.Curve(label, regret.cumulative[None]) for label, regret in found["one coin"].items()])

# %% [markdown]
# The base is untouched, bit by bit, whatever was tuned on top of it:

# %%
assert evaluate(base, on=targets["one coin"], length=50, n=64).cumulative[-1] == found["one coin"]["no tuning"].cumulative[-1]

# %% [markdown]
# In `tutor/methods/bias_tuning.py`, with one line in `METHODS`, it races on the page Tune with a look of its own, is found by
# `prompt-tutor list methods`, and is tried by every contract test: base unchanged, resumed equals undisturbed, kept weights rebuild it.
