# %% [markdown]
# # States and PCA
#
# While it reads, a network's hidden state moves through many dimensions. Two of them often hold what an ideal predictor would keep: how
# many flips there were, and which share was heads. A prompt moves the starting point.

# %%
import numpy as np

from tutor import Recipe, figures, measure, methods, predictors, pretrain, sources, tune
from tutor.studies import FAST

coins, target = sources.DirichletCategorical(), sources.Categorical(probs=(0.2, 0.8))
base = pretrain(FAST.base(predictors.LSTM())).predictor
tokens = coins.sample(60, 40, rng=0).tokens
states = measure.capture(base, tokens)
states

# %% [markdown]
# The plane is fitted on the untuned network alone, so that a prompt can be seen to leave it. Coordinates are whitened.

# %%
plane = measure.fit_projection(states)
grid = plane(states)
shares = plane.explained_variance
print(f"two components hold {shares[:2].sum():.0%} of the variance of {states.joined().shape[-1]} dimensions")

# %%
drawn = figures.Plane(grid.coordinates[:, states.prompt_end:], shares)
heads = np.pad((tokens.numpy() == 0).cumsum(1), ((0, 0), (1, 0)))[:, :40] / np.maximum(np.arange(40), 1)
heads[:, 0] = 0.5
figures.state_grid(drawn, heads, name="heads so far", share=True)

# %% [markdown]
# What can a straight line read off the states? A linear probe for the number of flips and one for the share of heads, judged on
# held-out sequences (R², 1 is perfect), layer by layer.

# %%
measure.probe(base, coins)

# %% [markdown]
# Now a soft prompt for a coin that shows heads once in five. The red dot is where it ends and the flips begin.

# %%
tuned = tune(base, methods.SoftPT(length=6), on=target, recipe=Recipe.fast_tuning(), seed=0)
flips = target.sample(12, 40, rng=1).tokens
paths = []
for name, network in {"NoTuning": base, "SoftPT": tuned}.items():
    there = measure.capture(network, flips)
    seen = plane(there)
    paths.append(figures.Path(name, seen.coordinates, there.prompt_end, seen.off_plane, prompted=network is tuned))
    print(f"{name}: {seen.off_plane:.1%} of the variance lies off the plane")
figures.trajectories(drawn, paths)
